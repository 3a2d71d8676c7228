"""Rows of import files: the fields of R1 and of the provincial exchange interfaces."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from app.clock import SHANGHAI
from app.intake.profiles import STATES

KINDS = ["department", "window", "staff", "item", "channel"]
MUST: dict[str, Any] = {"required": "必填", "null": "必填", "invalid": "写法不对", "type": "类型不对", "too_large": "数太大"}
SHORT = validate.Length(min=1, max=200, error="必填，且不超过 200 字")
TIMES = validate.Range(min=1, max=9999, error="应为 1 到 9999 的整数")
PHONE = validate.Regexp(r"\+?[0-9][0-9 -]{4,18}[0-9]\Z", error="应为电话号码")


class LocalDateTime(fields.Field[datetime]):
    """An instant as the exchange writes it: without an offset it is China's time."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError as error:
            raise ValidationError("应为 2025-04-01 09:30:00 这样的时间") from error
        if not 2000 <= moment.year <= 2100:
            raise ValidationError("年份应在 2000 到 2100 之间")
        return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


class Code(fields.String):
    """A value of a code table; some senders write it as a number."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        return super()._deserialize(text, attr, data, **kwargs)


def must(field: type[fields.Field[Any]] = fields.String, **options: Any) -> fields.Field[Any]:
    """Return a field that a row cannot do without."""
    checks = {"validate": SHORT} if issubclass(field, fields.String) else {}
    return field(required=True, error_messages=MUST, **(checks | options))


def may(field: type[fields.Field[Any]] = fields.String, **options: Any) -> fields.Field[Any]:
    """Return a field that may be absent or empty."""
    checks = {"validate": SHORT} if issubclass(field, fields.String) else {}
    return field(load_default=None, allow_none=True, error_messages=MUST, **(checks | options))


class RowSchema(Schema):
    """What all rows share: they name their programme, and unknown columns are passed over."""

    class Meta:
        """Columns that we do not know are the sender's affair."""

        unknown = EXCLUDE

    programme = must()


class CatalogueRow(RowSchema):
    """A department, window, member of staff, item or channel."""

    kind = must(validate=validate.OneOf(KINDS, error=f"应为 {'、'.join(KINDS)} 之一"))
    code = must()
    name = must()
    department = may()
    area = may()
    responsible = may()
    detail = may()


class RecordRow(RowSchema):
    """A service record. R1."""

    projectNo = must()
    serviceNumber = may(fields.Integer, validate=TIMES)
    taskCode = must()
    deptCode = must()
    window = may()
    proManager = may()
    channel = must()
    userProp = must(Code)
    userPageType = must(Code)
    certKey = must()
    userName = must()
    mobile = may(validate=PHONE)
    proStatus = must(Code, validate=validate.OneOf(list(STATES), error="应为 1 待受理、2 已受理或 3 已办结"))
    acceptDate = must(LocalDateTime)
    resultDate = may(LocalDateTime)
    serviceTime = must(LocalDateTime)


class ReviewRow(RowSchema):
    """A review of a service, or a voice without one (`voiceNo`, `deptCode`); its channel a `pf` or a catalogue code."""

    projectNo = may()
    voiceNo = may()
    deptCode = may()
    serviceNumber = may(fields.Integer, validate=TIMES)
    assessNumber = may(fields.Integer, validate=validate.OneOf([1, 2], error="应为 1（首次）或 2（追加）"))
    satisfaction = must(Code)
    evalDetail = may()
    writingEvaluation = may(validate=validate.Length(max=2000, error="不超过 2000 字"))
    pf = may(Code)
    channel = may()
    assessTime = must(LocalDateTime)
    anonymityFlag = may(Code, validate=validate.OneOf(["1", "2"], error="应为 1（匿名）或 2（实名）"))
    isdefault = may(Code, validate=validate.OneOf(["0", "1"], error="应为 0 或 1（系统默认）"))


class ComplaintRow(RowSchema):
    """A complaint handed over by 12345."""

    complaintNo = must()
    deptCode = must()
    words = must(validate=validate.Length(min=1, max=2000, error="必填，且不超过 2000 字"))
    mobile = may(validate=PHONE)
