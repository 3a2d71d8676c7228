"""Shapes of referrals; seen by overseer and discipline body alone (L5)."""

from __future__ import annotations

from marshmallow import Schema, fields


class AnsweredSchema(Schema):
    """Which referral was answered."""

    id = fields.Integer(required=True)


class ReferralSchema(Schema):
    """A matter handed to the discipline body."""

    id = fields.Integer(required=True)
    case = fields.String(required=True)
    kind = fields.String(required=True, metadata={"description": "breach 涉嫌违纪违法、reprisal 打击报复"})
    grounds = fields.String(required=True)
    referred_at = fields.AwareDateTime(required=True)
    referred_by = fields.String(required=True)
    result = fields.String(required=True, allow_none=True)
    answered_at = fields.AwareDateTime(required=True, allow_none=True)
    answered_by = fields.String(required=True, allow_none=True)
