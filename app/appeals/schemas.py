"""Shapes of appeals, evidence and objections."""

from __future__ import annotations

from marshmallow import Schema, fields

from app.cases.schemas import text


class ApplicationSchema(Schema):
    """An application for review (附件3)."""

    matter = text("复核事项")
    reasons = text("申请复核理由")
    opinion = text("单位意见（签名盖章）")


class EvidenceSchema(Schema):
    """What the department or the staff concerned put forward."""

    side = fields.String(required=True, metadata={"description": "department 单位、staff 当事人"})
    text = fields.String(required=True)
    added_at = fields.AwareDateTime(required=True)
    added_by = fields.String(required=True)


class AppealSchema(Schema):
    """An appeal or a claim and what became of it; `upheld` null: not ruled yet."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True, metadata={"description": "appeal 复核、claim 误评恶意认定"})
    round = fields.Integer(required=True)
    department = fields.String(required=True)
    matter = fields.String(required=True)
    reasons = fields.String(required=True)
    opinion = fields.String(required=True)
    applied_at = fields.AwareDateTime(required=True)
    applied_by = fields.String(required=True)
    upheld = fields.Boolean(required=True, allow_none=True)
    ground = fields.String(required=True, allow_none=True)
    ruled_at = fields.AwareDateTime(required=True, allow_none=True)
    ruled_by = fields.String(required=True, allow_none=True)
    second = fields.String(required=True, allow_none=True)
    evidence = fields.List(fields.Nested(EvidenceSchema), required=True)


class ObjectionSchema(Schema):
    """A reviewer's objection to the voiding of their rating."""

    id = fields.Integer(required=True)
    words = fields.String(required=True)
    received_at = fields.AwareDateTime(required=True)
    department = fields.String(required=True)
