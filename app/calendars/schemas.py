"""Shapes of a reckoning."""

from __future__ import annotations

from marshmallow import Schema, fields


class DueQuerySchema(Schema):
    """What is to be reckoned."""

    programme = fields.String(required=True, metadata={"description": "方案代码，如 xs"})
    since = fields.String(required=True, metadata={"description": "起算时间，须写明时区，如 2025-04-11T10:00+08:00"})
    limit = fields.String(required=True, metadata={"description": "2wd 为 2 个工作日，7nd 为 7 个自然日，0wd 为当日"})


class SkippedSchema(Schema):
    """A day that does not count."""

    day = fields.String(required=True)
    reason = fields.String(required=True)


class DueSchema(Schema):
    """A deadline with its whole reckoning."""

    started_at = fields.String(required=True, allow_none=True)
    limit = fields.String(required=True, allow_none=True)
    due_at = fields.String(required=True, metadata={"description": "第一个超期的时刻（UTC）"})
    last_day = fields.String(required=True)
    closes_at = fields.String(required=True, allow_none=True)
    provisional = fields.Boolean(required=True, metadata={"description": "放假安排尚未载入，日期暂定"})
    missing = fields.List(fields.Dict(), required=True)
    counted = fields.List(fields.String(), required=True)
    skipped = fields.List(fields.Nested(SkippedSchema), required=True)
    extensions = fields.List(fields.Dict(), required=True)
    calendar_version = fields.Integer(required=True)
    explanation = fields.String(required=True)
