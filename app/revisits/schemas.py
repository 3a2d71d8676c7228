"""Shapes of draws and revisits."""

from __future__ import annotations

from marshmallow import Schema, fields


class DrawSchema(Schema):
    """One period's draw, without its secret or its list."""

    programme = fields.String(required=True)
    period = fields.String(required=True)
    opens_at = fields.AwareDateTime(required=True)
    freezes_at = fields.AwareDateTime(required=True)
    share = fields.String(required=True)
    commitment = fields.String(required=True, metadata={"description": "随机数的 SHA-256，期初公布"})
    committed_at = fields.AwareDateTime(required=True)
    frozen_at = fields.AwareDateTime(required=True, allow_none=True)
    pool_digest = fields.String(required=True, allow_none=True)
    finished_at = fields.AwareDateTime(required=True, allow_none=True)


class PublishedDrawSchema(Schema):
    """All that a recomputation needs (app/revisits/recipe.py)."""

    programme = fields.String(required=True)
    period = fields.String(required=True)
    share = fields.String(required=True)
    commitment = fields.String(required=True)
    secret = fields.String(required=True)
    pool = fields.Dict(keys=fields.String(), values=fields.List(fields.String()), required=True)
    pool_digest = fields.String(required=True)
    members = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class RevisitSchema(Schema):
    """One call after a round was closed."""

    round = fields.Integer(required=True)
    called = fields.Boolean(required=True)
    called_on = fields.Date(required=True, allow_none=True)
    told = fields.String(required=True, allow_none=True)
    result = fields.String(required=True)
    made_at = fields.AwareDateTime(required=True)
    made_by = fields.String(required=True)
