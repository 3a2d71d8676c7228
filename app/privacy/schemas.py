"""Shapes of reviewers' requests and of what is held."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from app.cases.schemas import text


class WishesSchema(Schema):
    """What is to be put right."""

    name = fields.String(validate=validate.Length(min=1, max=200))
    phone = fields.String(validate=validate.Length(min=5, max=20))


class WishSchema(Schema):
    """A request of a person who proved who they are; they are found by the phone that is held."""

    phone = text("评价人登记的电话", 20)
    kind = fields.String(required=True, validate=validate.OneOf(["see", "correct", "delete"]))
    wish = fields.Nested(WishesSchema, load_default=None, allow_none=True)


class NumberSchema(Schema):
    """The number of a request."""

    id = fields.Integer(required=True)


class RefusalReasonSchema(Schema):
    """Why a request is refused."""

    reason = text("拒绝的理由")


class DataRequestSchema(Schema):
    """A request; what it wished for is not listed."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    received_at = fields.AwareDateTime(required=True)
    due_on = fields.Date(required=True)
    granted = fields.Boolean(required=True, allow_none=True)
    result = fields.String(required=True, allow_none=True)
    answered_at = fields.AwareDateTime(required=True, allow_none=True)


class PersonSchema(Schema):
    """Who somebody is."""

    name = fields.String(required=True)
    phone = fields.String(required=True)
    certificate = fields.String(required=True)


class ReviewHeldSchema(Schema):
    """A review as its author may see it."""

    served_on = fields.Date(required=True)
    record = fields.String(required=True)
    level = fields.Integer(required=True)
    words = fields.String(required=True)


class LookHeldSchema(Schema):
    """A look at one's data: by whom in post, for what."""

    department = fields.String(required=True)
    post = fields.String(required=True)
    purpose = fields.String(required=True)
    seen_at = fields.AwareDateTime(required=True)


class HeldSchema(Schema):
    """All that is held of a reviewer, for the reviewer alone."""

    person = fields.Nested(PersonSchema, required=True)
    reviews = fields.List(fields.Nested(ReviewHeldSchema), required=True)
    cases = fields.List(fields.String(), required=True)
    looks = fields.List(fields.Nested(LookHeldSchema), required=True)
