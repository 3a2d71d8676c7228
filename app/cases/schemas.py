"""Shapes of what is sent and answered about cases."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from app.intake.schemas import ReasonSchema
from app.paging import PageArgs

LONGEST = 2000
STATUS = validate.OneOf(["open", "closed", "ended"])


def text(label: str, most: int = LONGEST) -> fields.String:
    """Return a field for words that must be there."""
    return fields.String(required=True, validate=validate.Length(min=1, max=most), metadata={"description": label})


class StateSchema(Schema):
    """How a case stands after an act."""

    number = fields.String(required=True)
    status = fields.String(required=True, validate=STATUS, metadata={"description": "open 在办、closed 已办结、ended 已结束"})
    round = fields.Integer(required=True)
    outcome = fields.String(required=True, allow_none=True)
    open = fields.List(fields.String(), required=True, metadata={"description": "本单位现在要办的环节"})


class CaseSchema(Schema):
    """A case in a list."""

    number = fields.String(required=True)
    programme = fields.String(required=True)
    served_on = fields.Date(required=True)
    record = fields.String(required=True)
    visit = fields.Integer(required=True)
    sequence = fields.Integer(required=True)
    channel = fields.String(required=True)
    is_anonymous = fields.Boolean(required=True)
    rated_department = fields.String(required=True)
    rated_staff = fields.String(required=True, allow_none=True)
    department = fields.String(required=True)
    area = fields.String(required=True)
    status = fields.String(required=True, validate=STATUS)
    round = fields.Integer(required=True)
    outcome = fields.String(required=True, allow_none=True)
    received_at = fields.AwareDateTime(required=True)
    closed_at = fields.AwareDateTime(required=True, allow_none=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    voided_at = fields.AwareDateTime(required=True, allow_none=True)
    linked_to = fields.String(required=True, allow_none=True)


class CaseQuerySchema(PageArgs):
    """Which cases."""

    status = fields.String(load_default=None, validate=STATUS)
    rated_department = fields.String(load_default=None)
    department = fields.String(load_default=None)
    record = fields.String(load_default=None)


class TaskSchema(Schema):
    """A step of a case."""

    id = fields.Integer(required=True)
    element = fields.String(required=True)
    name = fields.String(required=True)
    clause = fields.String(required=True, allow_none=True)
    round = fields.Integer(required=True)
    lane = fields.String(required=True)
    department = fields.String(required=True)
    owner = fields.String(required=True)
    status = fields.String(required=True, metadata={"description": "open、submitted（待审签）、done、withdrawn"})
    opened_at = fields.AwareDateTime(required=True)
    due_at = fields.AwareDateTime(required=True)
    submitted_at = fields.AwareDateTime(required=True, allow_none=True)
    submitted_by = fields.String(required=True, allow_none=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    ended_by = fields.String(required=True, allow_none=True)


class FieldSchema(Schema):
    """One field of a drawn form."""

    id = fields.String(required=True)
    label = fields.String(required=True)
    type = fields.String(required=True, metadata={"description": "string、long、boolean、date 或 enum"})
    required = fields.Boolean(required=True)
    choices = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class TaskFormSchema(TaskSchema):
    """A step with its form and what was entered."""

    fields_ = fields.List(fields.Nested(FieldSchema), required=True, attribute="fields", data_key="fields")
    entered = fields.Dict(required=True, allow_none=True)


class RoundSchema(Schema):
    """One pass from sending on to closing."""

    number = fields.Integer(required=True)
    began_at = fields.AwareDateTime(required=True)
    closed_at = fields.AwareDateTime(required=True, allow_none=True)
    truth = fields.String(required=True, allow_none=True)
    responsibility = fields.String(required=True, allow_none=True)
    handling = fields.String(required=True, allow_none=True)
    answer = fields.String(required=True, allow_none=True)
    answered_at = fields.AwareDateTime(required=True, allow_none=True)


class HopSchema(Schema):
    """One department's stretch."""

    number = fields.Integer(required=True)
    department = fields.String(required=True)
    sent_at = fields.AwareDateTime(required=True)
    sent_by = fields.String(required=True)
    returned_at = fields.AwareDateTime(required=True, allow_none=True)
    duty_clause = fields.String(required=True, allow_none=True)


class CoHandlerSchema(Schema):
    """A department that helps."""

    department = fields.String(required=True)
    asked_at = fields.AwareDateTime(required=True)
    contribution = fields.String(required=True, allow_none=True)
    contributed_at = fields.AwareDateTime(required=True, allow_none=True)


class ExtensionSchema(Schema):
    """A request for more time and what became of it."""

    round = fields.Integer(required=True)
    element = fields.String(required=True)
    reason = fields.String(required=True)
    explained = fields.String(required=True)
    asked_at = fields.AwareDateTime(required=True)
    granted = fields.Boolean(required=True, allow_none=True)
    limit = fields.String(required=True, allow_none=True)
    until = fields.Date(required=True, allow_none=True)
    ruled_at = fields.AwareDateTime(required=True, allow_none=True)


class ContactTrySchema(Schema):
    """One try to reach the reviewer."""

    round = fields.Integer(required=True)
    element = fields.String(required=True)
    tried_at = fields.AwareDateTime(required=True)
    method = fields.String(required=True)
    by = fields.String(required=True)


class DossierSchema(CaseSchema):
    """All that is on the record of a case."""

    tasks = fields.List(fields.Nested(TaskSchema), required=True)
    rounds = fields.List(fields.Nested(RoundSchema), required=True)
    hops = fields.List(fields.Nested(HopSchema), required=True)
    co_handlers = fields.List(fields.Nested(CoHandlerSchema), required=True)
    extensions = fields.List(fields.Nested(ExtensionSchema), required=True)
    contact_tries = fields.List(fields.Nested(ContactTrySchema), required=True)


class FiringSchema(Schema):
    """A level that fell due."""

    level = fields.String(required=True)
    due_at = fields.AwareDateTime(required=True)
    fired_at = fields.AwareDateTime(required=True)
    recipients = fields.List(fields.Dict(), required=True)
    withdrawn = fields.String(required=True, allow_none=True)


class DeadlineSchema(Schema):
    """A limit with every day that was counted and every day that was not."""

    id = fields.Integer(required=True)
    element = fields.String(required=True)
    name = fields.String(required=True)
    label = fields.String(required=True)
    round = fields.Integer(required=True)
    status = fields.String(required=True, metadata={"description": "running、met（已办）、dropped（已撤）"})
    clause = fields.String(required=True, allow_none=True)
    reading = fields.String(required=True, allow_none=True)
    due_at = fields.AwareDateTime(required=True)
    last_day = fields.Date(required=True)
    is_provisional = fields.Boolean(required=True)
    reckoning = fields.Dict(required=True)
    explanation = fields.String(required=True)
    ended = fields.String(required=True, allow_none=True, metadata={"description": "怎样结束的，如“按期办结”；还在走时为空"})
    ahead = fields.List(fields.List(fields.String()), required=True)
    fired = fields.List(fields.Nested(FiringSchema), required=True)


class TimelineEntrySchema(Schema):
    """One act on the record."""

    seq = fields.Integer(required=True)
    occurred_at = fields.AwareDateTime(required=True)
    actor = fields.String(required=True)
    act = fields.String(required=True)
    payload = fields.Dict(required=True)
    digest = fields.String(required=True)


class InboxEntrySchema(Schema):
    """A task that waits."""

    id = fields.Integer(required=True)
    number = fields.String(required=True)
    element = fields.String(required=True)
    name = fields.String(required=True)
    lane = fields.String(required=True)
    owner = fields.String(required=True)
    is_taken = fields.Boolean(required=True, metadata={"description": "是否已有人认领"})
    status = fields.String(required=True)
    round = fields.Integer(required=True)
    opened_at = fields.AwareDateTime(required=True)
    due_at = fields.AwareDateTime(required=True)
    rated_department = fields.String(required=True)
    channel = fields.String(required=True)
    received_at = fields.AwareDateTime(required=True)


class InboxCountsSchema(Schema):
    """How many tasks wait; each is counted once, as its tab shows it."""

    open = fields.Integer(required=True, metadata={"description": "全部，即以下各项之和"})
    overdue = fields.Integer(required=True, metadata={"description": "已超期"})
    today = fields.Integer(required=True, metadata={"description": "今日到期"})
    soon = fields.Integer(required=True, metadata={"description": "两日内到期"})
    later = fields.Integer(required=True, metadata={"description": "以后"})
    provisional = fields.Integer(required=True, metadata={"description": "以后，且日期暂定"})


class FormSchema(Schema):
    """What is entered for a step, by field."""

    form = fields.Dict(keys=fields.String(), required=True)


class ExtensionRequestSchema(Schema):
    """Asking for more time."""

    reason = text("延期理由")
    explained = text("怎样向评价人说明")


class BounceSchema(Schema):
    """Returning what is not one's own."""

    duty_clause = text("不属本单位职责的依据条款")


class HelpSchema(Schema):
    """Asking another department to help."""

    department = text("协办部门", 200)


class WordsSchema(Schema):
    """Words alone: a contribution, a defence, an objection, the grounds of a referral."""

    words = text("内容")


class TrySchema(Schema):
    """One try to reach the reviewer."""

    element = text("环节", 200)
    method = fields.String(required=True, validate=validate.OneOf(["phone", "sms", "wechat", "visit"]))


class PurposeSchema(Schema):
    """Why somebody must see who the reviewer is."""

    purpose = text("用途", 200)


class ReviewSchema(Schema):
    """What the reviewer said; never who they are."""

    level = fields.Integer(required=True, allow_none=True, metadata={"description": "5 非常满意 … 1 非常不满意；投诉没有"})
    staff_level = fields.Integer(required=True, allow_none=True)
    reasons = fields.List(fields.Nested(ReasonSchema), required=True)
    words = fields.String(required=True, allow_none=True)
    channel = fields.String(required=True)
    marks = fields.List(fields.String(), required=True)
    is_late = fields.Boolean(required=True)
    is_anonymous = fields.Boolean(required=True)
    reviewed_at = fields.AwareDateTime(required=True)
    received_at = fields.AwareDateTime(required=True)


class CorrectionInSchema(Schema):
    """Whom a review really rates."""

    staff = fields.String(
        required=True, allow_none=True, validate=validate.Length(min=1, max=200), metadata={"description": "实际评价的人员"}
    )
    window = fields.String(
        required=True, allow_none=True, validate=validate.Length(min=1, max=200), metadata={"description": "实际评价的窗口"}
    )
    reason = text("更正理由")


class CorrectionSchema(Schema):
    """A correction: both values."""

    staff_before = fields.String(required=True, allow_none=True)
    staff_after = fields.String(required=True, allow_none=True)
    window_before = fields.String(required=True, allow_none=True)
    window_after = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True)
    corrected_at = fields.AwareDateTime(required=True)
    corrected_by = fields.String(required=True)


class RatingSchema(Schema):
    """A case that rates oneself: nothing by which the reviewer could be found out."""

    number = fields.String(required=True)
    received_on = fields.Date(required=True)
    summary = fields.String(required=True, metadata={"description": "转办时写下的中性概述"})
    status = fields.String(required=True, validate=STATUS)
    outcome = fields.String(required=True, allow_none=True)
    is_voided = fields.Boolean(required=True)
    may_state = fields.Boolean(required=True, metadata={"description": "现在可以举证、申辩"})


class WaitingSchema(Schema):
    """A step that waits."""

    name = fields.String(required=True)
    due_at = fields.AwareDateTime(required=True)


class ProgressSchema(Schema):
    """How far a matter is."""

    number = fields.String(required=True)
    status = fields.String(required=True, validate=STATUS)
    outcome = fields.String(required=True, allow_none=True)
    received_at = fields.AwareDateTime(required=True)
    closed_at = fields.AwareDateTime(required=True, allow_none=True)
    steps = fields.List(fields.Nested(WaitingSchema), required=True)


class ContactSchema(Schema):
    """A reviewer's name and phone, to be shown until a moment."""

    name = fields.String(required=True)
    phone = fields.String(required=True)
    until = fields.AwareDateTime(required=True, allow_none=True)


class InboxQuerySchema(PageArgs):
    """Which tasks."""

    mine = fields.Boolean(load_default=False, metadata={"description": "只看本人承办的"})
