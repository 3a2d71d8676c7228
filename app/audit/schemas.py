"""Shapes of the audit."""

from __future__ import annotations

from marshmallow import Schema, fields


class StreamSchema(Schema):
    """A stream and its head."""

    stream = fields.String(required=True)
    seq = fields.Integer(required=True)
    digest = fields.String(required=True)
    occurred_at = fields.AwareDateTime(required=True)


class AuditEntrySchema(Schema):
    """One entry as digests are made over it."""

    id = fields.Integer(required=True)
    stream = fields.String(required=True)
    seq = fields.Integer(required=True)
    occurred_at = fields.String(required=True)
    actor = fields.String(required=True)
    act = fields.String(required=True)
    payload = fields.Dict(required=True)
    digest = fields.String(required=True)


class LookSchema(Schema):
    """One look of a discipline auditor."""

    seq = fields.Integer(required=True)
    occurred_at = fields.AwareDateTime(required=True)
    actor = fields.String(required=True)
    payload = fields.Dict(required=True)


class SealSchema(Schema):
    """One root over all streams."""

    id = fields.Integer(required=True)
    sealed_at = fields.String(required=True)
    up_to = fields.Integer(required=True)
    streams = fields.Integer(required=True)
    root = fields.String(required=True)


class FindingSchema(Schema):
    """One break."""

    stream = fields.String(required=True)
    seq = fields.Integer(required=True)
    problem = fields.String(required=True)
