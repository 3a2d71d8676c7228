"""Rows of import files: the fields of R1 and of the provincial exchange interfaces."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from app.clock import SHANGHAI
from app.intake.moments import NoMoment, read_moment
from app.intake.profiles import STATES

KINDS = ["area", "department", "window", "terminal", "staff", "item", "channel"]
MUST: dict[str, Any] = {"required": "必填", "null": "必填", "invalid": "写法不对", "type": "类型不对", "too_large": "数太大"}
SHORT = validate.Length(min=1, max=200, error="必填，且不超过 200 字")
TIMES = validate.Range(min=1, max=9999, error="应为 1 到 9999 的整数")
STATE = validate.OneOf(list(STATES), error="应为 1 待受理、2 已受理、3 已办结、4 不予受理或 5 退件")
PHONE = validate.Regexp(r"\+?[0-9][0-9 -]{4,18}[0-9]\Z", error="应为电话号码")


class LocalDateTime(fields.Field[datetime]):
    """An instant as the exchange or Excel writes it: without an offset it is China's time."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            moment = read_moment(str(value))
        except NoMoment as error:
            raise ValidationError("应为 2025-04-01 09:30:00 这样的时间") from error
        if not 2000 <= moment.year <= 2100:
            raise ValidationError("年份应在 2000 到 2100 之间")
        return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


class Day(fields.Field[date]):
    """A day, written like an instant or without a time."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        try:
            return read_moment(str(value)).date()
        except NoMoment as error:
            raise ValidationError("应为 2025-04-01 这样的日期") from error


class Code(fields.String):
    """A value of a code table; some senders write it as a number."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        return super()._deserialize(text, attr, data, **kwargs)


def must(field: type[fields.Field[Any]] = fields.String, names: str = "", **options: Any) -> fields.Field[Any]:
    """Return a field that a row cannot do without; `names` are what else its column may be called."""
    return field(required=True, **(_common(field, names) | options))


def may(field: type[fields.Field[Any]] = fields.String, names: str = "", **options: Any) -> fields.Field[Any]:
    """Return a field that may be absent or empty; `names` are what else its column may be called."""
    return field(load_default=None, allow_none=True, **(_common(field, names) | options))


def _common(field: type[fields.Field[Any]], names: str) -> dict[str, Any]:
    checks = {"validate": SHORT} if issubclass(field, fields.String) else {}
    return {"error_messages": MUST, "metadata": {"names": names.split()}} | checks


class RowSchema(Schema):
    """What all rows share: they name their programme, and unknown columns are passed over."""

    class Meta:
        """Columns that we do not know are the sender's affair."""

        unknown = EXCLUDE

    programme = must(names="方案 方案代码")


class CatalogueRow(RowSchema):
    """An area, department, window, terminal, member of staff, item or channel; `area` of an area is the one it lies in."""

    kind = must(names="类别", validate=validate.OneOf(KINDS, error=f"应为 {'、'.join(KINDS)} 之一"))
    code = must(names="编码 代码")
    name = must(names="名称")
    department = may(names="所属部门 所属部门编码")
    area = may(names="行政区划 区划")
    responsible = may(names="负责人账号 负责人")
    detail = may(names="细类 说明")
    level = may(names="层级")
    successor = may(names="承接部门 承接部门编码")
    validFrom = may(Day, names="启用日期")
    validUntil = may(Day, names="停用日期")


class RecordRow(RowSchema):
    """A service record. R1."""

    projectNo = must(names="办件编号 申办号")
    serviceNumber = may(fields.Integer, names="服务次数 第几次服务", validate=TIMES)
    taskCode = must(names="事项编码 实施编码")
    deptCode = must(names="部门编码")
    window = may(names="窗口编码 窗口")
    proManager = may(names="办理人编码 办理人")
    channel = must(names="渠道编码 渠道")
    userProp = must(Code, names="申请人类型")
    promiseTime = may(Code, names="办件类型")
    userPageType = must(Code, names="证件类型")
    certKey = must(names="证件号码 证件号")
    userName = must(names="申请人名称 申请人姓名 姓名")
    mobile = may(names="手机号 手机号码 联系电话", validate=PHONE)
    proStatus = must(Code, names="办件状态 办理状态", validate=STATE)
    acceptDate = must(LocalDateTime, names="收件时间")
    resultDate = may(LocalDateTime, names="办结时间")
    serviceTime = must(LocalDateTime, names="服务时间")


class ReviewRow(RowSchema):
    """A review of a service, or a voice without one (`voiceNo`, `deptCode`); its channel a `pf` or a catalogue code."""

    projectNo = may(names="办件编号 申办号")
    voiceNo = may(names="声音编号")
    deptCode = may(names="部门编码")
    serviceNumber = may(fields.Integer, names="服务次数 第几次服务", validate=TIMES)
    assessNumber = may(fields.Integer, names="评价次数", validate=validate.OneOf([1, 2], error="应为 1（首次）或 2（追加）"))
    satisfaction = must(Code, names="满意度")
    evalDetail = may(names="评价详情 原因代码")
    writingEvaluation = may(names="文字评价", validate=validate.Length(max=2000, error="不超过 2000 字"))
    pf = may(Code, names="评价渠道")
    channel = may(names="渠道编码 渠道")
    assessTime = must(LocalDateTime, names="评价时间")
    anonymityFlag = may(Code, names="匿名标志 是否匿名", validate=validate.OneOf(["1", "2"], error="应为 1（匿名）或 2（实名）"))
    isdefault = may(Code, names="默认评价 是否默认", validate=validate.OneOf(["0", "1"], error="应为 0 或 1（系统默认）"))
    staffSatisfaction = may(Code, names="人员满意度")
    helped = may(Code, names="他人协助", validate=validate.OneOf(["0", "1"], error="应为 0 或 1（他人协助）"))
    typedBy = may(names="录入人 录入人编码")


class OldReviewRow(ReviewRow):
    """A review from the system before this one, with what came of it there. R4."""

    rectification = may(names="整改情况 处理结果", validate=validate.Length(max=2000, error="不超过 2000 字"))
    rectifiedOn = may(LocalDateTime, names="整改日期 整改时间 处理时间")


class ComplaintRow(RowSchema):
    """A complaint handed over by 12345."""

    complaintNo = must(names="投诉编号 工单编号")
    deptCode = must(names="部门编码")
    projectNo = may(names="办件编号 申办号")
    words = must(names="投诉内容", validate=validate.Length(min=1, max=2000, error="必填，且不超过 2000 字"))
    mobile = may(names="手机号 手机号码 联系电话", validate=PHONE)


MOST_ROWS = 500


class RowsSchema(Schema):
    """Rows of the exchange: service records, reviews, or complaints, with the columns of their files."""

    rows = fields.List(fields.Dict(keys=fields.String()), required=True, validate=validate.Length(min=1, max=MOST_ROWS))


class RefusalSchema(Schema):
    """A row that was refused."""

    row = fields.Integer(required=True)
    reason = fields.String(required=True)


class ReportSchema(Schema):
    """What became of the rows."""

    added = fields.Integer(required=True)
    known = fields.Integer(required=True)
    opened = fields.Integer(required=True)
    refused = fields.List(fields.Nested(RefusalSchema), required=True)


class ReasonSchema(Schema):
    """A reason of the national list."""

    code = fields.String(required=True)
    level = fields.String(required=True)
    label = fields.String(required=True)
