"""Rows of import files: the fields of R1 and of the exchange interface (domain.md §2.1, §2.2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from app.clock import SHANGHAI
from app.intake.profiles import STATES

MUST = {"required": "必填", "null": "必填", "invalid": "写法不对", "type": "类型不对"}


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


def must(field: type[fields.Field[Any]] = fields.String, **options: Any) -> fields.Field[Any]:
    """Return a field that a row cannot do without."""
    checks = {"validate": validate.Length(min=1, max=200, error="必填，且不超过 200 字")} if field is fields.String else {}
    return field(required=True, error_messages=MUST, **(checks | options))


def may(field: type[fields.Field[Any]] = fields.String, **options: Any) -> fields.Field[Any]:
    """Return a field that may be absent or empty."""
    return field(load_default=None, allow_none=True, error_messages=MUST, **options)


class RowSchema(Schema):
    """What all rows share: they name their programme, and unknown columns are passed over."""

    class Meta:
        """Columns that we do not know are the sender's affair."""

        unknown = EXCLUDE

    programme = must()


class CatalogueRow(RowSchema):
    """A department, window, member of staff, item or channel."""

    kind = must(validate=validate.OneOf(["department", "window", "staff", "item", "channel"], error="应为 department、window、staff、item 或 channel"))
    code = must()
    name = must()
    department = may()
    area = may()
    responsible = may()
    detail = may()


class RecordRow(RowSchema):
    """A service record. R1."""

    projectNo = must()
    serviceNumber = may(fields.Integer)
    taskCode = must()
    deptCode = must()
    window = may()
    proManager = may()
    channel = must()
    userProp = must()
    userPageType = must()
    certKey = must()
    userName = must()
    mobile = may()
    proStatus = must(validate=validate.OneOf(list(STATES), error="应为 1 待受理、2 已受理或 3 已办结"))
    acceptDate = must(LocalDateTime)
    resultDate = may(LocalDateTime)
    serviceTime = must(LocalDateTime)


class ReviewRow(RowSchema):
    """A review of a service."""

    projectNo = must()
    serviceNumber = may(fields.Integer)
    assessNumber = may(fields.Integer, validate=validate.OneOf([1, 2], error="应为 1（首次）或 2（追加）"))
    satisfaction = must()
    evalDetail = may()
    writingEvaluation = may(validate=validate.Length(max=2000, error="不超过 2000 字"))
    pf = must()
    assessTime = must(LocalDateTime)
    anonymityFlag = may()
    isdefault = may()
