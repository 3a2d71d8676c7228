"""Shapes of the catalogue."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from app.paging import PageArgs

NAME = validate.Length(min=1, max=200)


class AreaSchema(Schema):
    """A place of one of four levels."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    level = fields.String(required=True, metadata={"description": "city、county、town 或 village"})
    parent = fields.String(required=True, allow_none=True)


class DepartmentSchema(Schema):
    """A department; the ETag of the answer names its version."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    area = fields.String(required=True)
    responsible = fields.String(required=True, allow_none=True, metadata={"description": "指定负责人的登录名"})
    valid_from = fields.Date(required=True, allow_none=True)
    valid_until = fields.Date(required=True, allow_none=True)
    successor = fields.String(required=True, allow_none=True)


class DepartmentEditSchema(Schema):
    """What of a department can be changed; what is left out stays."""

    name = fields.String(validate=NAME)
    area = fields.String(validate=validate.Length(max=50))
    responsible = fields.String(allow_none=True, validate=NAME)
    valid_from = fields.Date(allow_none=True)
    valid_until = fields.Date(allow_none=True)


class SuccessionSchema(Schema):
    """Who takes over, from which day on."""

    successor = fields.String(required=True, validate=NAME)
    on = fields.Date(required=True, metadata={"description": "从这一天起由承接部门办理"})


class SucceededSchema(Schema):
    """A closed department, and how many open cases were handed over."""

    code = fields.String(required=True)
    successor = fields.String(required=True)
    moved = fields.Integer(required=True)


class EntryQuerySchema(PageArgs):
    """Which kind of entries."""

    kind = fields.String(required=True, validate=validate.OneOf(["window", "terminal", "staff", "item", "channel"]))


class CatalogueEntrySchema(Schema):
    """A window, terminal, member of staff, item or channel."""

    kind = fields.String(required=True)
    code = fields.String(required=True)
    name = fields.String(required=True)
    department = fields.String(required=True, allow_none=True)
    detail = fields.String(required=True, allow_none=True)
    level = fields.String(required=True, allow_none=True)
    valid_from = fields.Date(required=True, allow_none=True)
    valid_until = fields.Date(required=True, allow_none=True)


class LinkSchema(Schema):
    """The signed part of a review link."""

    link = fields.String(required=True)
