"""Shapes of programmes."""

from __future__ import annotations

from marshmallow import Schema, fields


class ProgrammeSchema(Schema):
    """A programme and the version that new cases get."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    area = fields.String(required=True)
    version = fields.Integer(required=True)
    digest = fields.String(required=True, metadata={"description": "两个文件的 SHA-256"})
    published_at = fields.AwareDateTime(required=True)
    in_force_until = fields.Date(required=True, allow_none=True)
    calendar = fields.List(fields.String(), required=True)
    clauses = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class ElementSchema(Schema):
    """An element of a diagram and what it stands on."""

    id = fields.String(required=True)
    kind = fields.String(required=True)
    name = fields.String(required=True)
    lane = fields.String(required=True, allow_none=True)
    clause = fields.String(required=True, allow_none=True)
    reading = fields.String(required=True, allow_none=True, metadata={"description": "通知没有写明时，我们的解读和理由"})
    timer = fields.String(required=True, allow_none=True)
