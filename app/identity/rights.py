"""What each role may do. Every right stands here once; API, pages and commands ask here.

A right says what kind of act is open to a role. Whose case, task or department it is
open for is decided by the act itself: see `app/cases/ownership.py` and `visibility.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from app.errors import NotPermitted
from app.identity.actor import Actor, Role


class RightMissing(NotPermitted):
    """The role does not include this act."""

    code = "right_missing"


class Right(StrEnum):
    """One kind of act."""

    SUBMIT_TASK = "submit_task"
    SIGN_TASK = "sign_task"
    ASK_EXTENSION = "ask_extension"
    BOUNCE = "bounce"
    APPEAL = "appeal"
    ADD_EVIDENCE = "add_evidence"
    TAKE_OBJECTION = "take_objection"
    REFER = "refer"
    ANSWER_REFERRAL = "answer_referral"
    READ_REFERRALS = "read_referrals"
    JOINT = "joint"
    CONTACT = "contact"
    REVEAL = "reveal"
    READ_CASES = "read_cases"
    READ_FIGURES = "read_figures"
    READ_OWN_RATINGS = "read_own_ratings"
    READ_INBOX = "read_inbox"
    READ_CATALOGUE = "read_catalogue"
    EDIT_CATALOGUE = "edit_catalogue"
    SEND_RECORDS = "send_records"
    SEND_REVIEWS = "send_reviews"
    READ_REVIEWS = "read_reviews"
    CORRECT_RATED = "correct_rated"
    TAKE_COMPLAINT = "take_complaint"
    TAKE_CALLS = "take_calls"
    TYPE_CARDS = "type_cards"
    READ_PROGRESS = "read_progress"
    READ_DRAWS = "read_draws"
    READ_AUDIT = "read_audit"
    SEAL_AUDIT = "seal_audit"
    READ_LOOKS = "read_looks"
    READ_PROGRAMMES = "read_programmes"
    READ_DEADLINES = "read_deadlines"
    READ_ACCOUNTS = "read_accounts"
    EDIT_ACCOUNTS = "edit_accounts"
    ISSUE_TOKENS = "issue_tokens"
    HAND_OVER = "hand_over"
    SUBSTITUTE = "substitute"
    OWN_SESSION = "own_session"
    DATA_REQUESTS = "data_requests"
    RESUME_CASES = "resume_cases"
    LOAD_CALENDAR = "load_calendar"

    @property
    def label(self) -> str:
        """What the right is called on pages and in refusals."""
        return LABELS[self]


LABELS: Mapping[Right, str] = {
    Right.SUBMIT_TASK: "办理环节",
    Right.SIGN_TASK: "审签、退回",
    Right.ASK_EXTENSION: "申请延期",
    Right.BOUNCE: "退单",
    Right.APPEAL: "申请复核",
    Right.ADD_EVIDENCE: "举证、申辩",
    Right.TAKE_OBJECTION: "记录评价人的异议",
    Right.REFER: "移交线索",
    Right.ANSWER_REFERRAL: "办理移交线索",
    Right.READ_REFERRALS: "查看移交线索",
    Right.JOINT: "协办",
    Right.CONTACT: "登记联系情况",
    Right.REVEAL: "查看评价人联系方式",
    Right.READ_CASES: "查看差评",
    Right.READ_FIGURES: "查看总览",
    Right.READ_OWN_RATINGS: "查看对本人的评价",
    Right.READ_INBOX: "查看待办",
    Right.READ_CATALOGUE: "查看名录",
    Right.EDIT_CATALOGUE: "维护名录",
    Right.SEND_RECORDS: "报送办件",
    Right.SEND_REVIEWS: "报送评价",
    Right.READ_REVIEWS: "查看评价",
    Right.CORRECT_RATED: "更正评价对象",
    Right.TAKE_COMPLAINT: "登记投诉",
    Right.TAKE_CALLS: "受理来电评价",
    Right.TYPE_CARDS: "补录评价",
    Right.READ_PROGRESS: "查询办理进度",
    Right.READ_DRAWS: "查看回访抽取",
    Right.READ_AUDIT: "查看审计记录",
    Right.SEAL_AUDIT: "封存审计记录",
    Right.READ_LOOKS: "查看纪检监察的查阅记录",
    Right.READ_PROGRAMMES: "查看方案",
    Right.READ_DEADLINES: "查看时限",
    Right.READ_ACCOUNTS: "查看账号",
    Right.EDIT_ACCOUNTS: "管理账号",
    Right.ISSUE_TOKENS: "发放系统令牌",
    Right.HAND_OVER: "移交待办",
    Right.SUBSTITUTE: "委托代办",
    Right.OWN_SESSION: "管理本人登录",
    Right.DATA_REQUESTS: "办理个人信息请求",
    Right.RESUME_CASES: "恢复因故障暂停的差评",
    Right.LOAD_CALENDAR: "载入工作日历",
}

HANDLERS = frozenset({Role.HANDLER, Role.HEAD})
READERS = HANDLERS | {Role.LEADER, Role.AUDITOR}
PEOPLE = frozenset(Role) - {Role.SYSTEM}

RIGHTS: Mapping[Right, frozenset[Role]] = {
    Right.SUBMIT_TASK: HANDLERS,
    Right.SIGN_TASK: HANDLERS,  # a ruling is confirmed by a second person, who need not be a head
    Right.ASK_EXTENSION: HANDLERS,
    Right.BOUNCE: HANDLERS,
    Right.APPEAL: frozenset({Role.HEAD}),
    Right.ADD_EVIDENCE: HANDLERS | {Role.WINDOW},
    Right.TAKE_OBJECTION: HANDLERS,  # of the superior or the overseer; the act checks the department
    Right.REFER: HANDLERS,
    Right.ANSWER_REFERRAL: frozenset({Role.AUDITOR}),
    Right.READ_REFERRALS: HANDLERS | {Role.AUDITOR},
    Right.JOINT: HANDLERS,
    Right.CONTACT: HANDLERS,
    Right.REVEAL: HANDLERS,
    Right.READ_CASES: READERS,
    Right.READ_FIGURES: frozenset({Role.LEADER}),
    Right.READ_OWN_RATINGS: HANDLERS | {Role.WINDOW},
    Right.READ_INBOX: HANDLERS,
    Right.READ_CATALOGUE: PEOPLE,
    Right.EDIT_CATALOGUE: frozenset({Role.SYSTEM_ADMIN}),
    Right.SEND_RECORDS: frozenset(),
    Right.SEND_REVIEWS: frozenset(),
    Right.READ_REVIEWS: READERS,
    Right.CORRECT_RATED: HANDLERS,
    Right.TAKE_COMPLAINT: frozenset({Role.CLERK}),
    Right.TAKE_CALLS: frozenset({Role.CLERK}),
    Right.TYPE_CARDS: HANDLERS,  # of the overseer or the superior; the act checks the department
    Right.READ_PROGRESS: READERS | {Role.CLERK},
    Right.READ_DRAWS: READERS,
    Right.READ_AUDIT: frozenset({Role.AUDIT_ADMIN}),
    Right.SEAL_AUDIT: frozenset({Role.AUDIT_ADMIN}),
    Right.READ_LOOKS: frozenset({Role.AUDIT_ADMIN}),
    Right.READ_PROGRAMMES: PEOPLE,
    Right.READ_DEADLINES: READERS | {Role.PROCESS_OWNER},
    Right.READ_ACCOUNTS: frozenset({Role.SECURITY_ADMIN, Role.AUDIT_ADMIN}),
    Right.EDIT_ACCOUNTS: frozenset({Role.SECURITY_ADMIN}),
    Right.ISSUE_TOKENS: frozenset({Role.SECURITY_ADMIN}),
    Right.HAND_OVER: HANDLERS,
    Right.SUBSTITUTE: HANDLERS,
    Right.OWN_SESSION: PEOPLE,
    Right.DATA_REQUESTS: HANDLERS,  # of the overseer; the act checks the department
    Right.RESUME_CASES: frozenset({Role.SYSTEM_ADMIN}),
    Right.LOAD_CALENDAR: frozenset({Role.SYSTEM_ADMIN}),
}

# What a department system may be given at all; it has exactly what the scopes of its token name.
SYSTEM_RIGHTS = frozenset({
    Right.SEND_RECORDS,
    Right.SEND_REVIEWS,
    Right.READ_CATALOGUE,
    Right.READ_PROGRESS,
    Right.TAKE_COMPLAINT,
    Right.READ_CASES,
    Right.READ_DEADLINES,
})  # fmt: skip


def may(actor: Actor, right: Right) -> bool:
    """Whether this kind of act is open to the actor at all."""
    if actor.role is Role.SYSTEM:
        return right in SYSTEM_RIGHTS and right.value in actor.scopes
    return actor.role in RIGHTS[right]


def require_right(actor: Actor, right: Right) -> None:
    """Refuse an act that is not open to the actor.

    Raises:
        RightMissing: with the right's name.
    """
    if not may(actor, right):
        raise RightMissing(f"您没有“{right.label}”的权限。", right=right.value)
