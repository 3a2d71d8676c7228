"""Seeing who the reviewer is: for a purpose, for a minute, by who must call them, and on the record. SX 五, HK (三)(九), P1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import func, insert, select, text

from app.audit.record import record
from app.cases.errors import FormInvalid, NotYourTask, TooManyReveals
from app.cases.models import Reveal
from app.cases.ownership import require_no_interest
from app.cases.step import Step
from app.catalogue.models import Department
from app.clock import SHANGHAI
from app.db import db, table_of
from app.errors import NotFound
from app.identity.actor import Actor, Role, act_of
from app.identity.models import Reviewer
from app.identity.rights import Right, may
from app.identity.vault import Vault, mask_name, mask_phone

# Long enough to dial a number, too short to copy a list.
SHOWN_FOR = timedelta(seconds=60)
# A handler calls a few reviewers a day; a department with ten bad reviews a day has other worries.
REVEALS_A_DAY = 10
# The steps in which somebody speaks with the reviewer. To pass a case on, report or rule on time needs no number.
CALLING = frozenset({"contact", "verify", "rectify", "explain", "promise", "answer", "revisit", "rule_claim", "rule_appeal"})

REVEALS = table_of(Reveal)


class ReviewerUnknown(NotFound):
    """The review is anonymous, or came without a person, or the person's data is gone by now."""

    code = "reviewer_unknown"


@dataclass(frozen=True, repr=False)
class Contact:
    """A reviewer's name and phone, plain or masked; plain ones are good until a moment. Says nothing of itself in logs."""

    name: str
    phone: str
    until: datetime | None = None


@dataclass(frozen=True)
class Look:
    """What a reviewer is told of a look at their data: by whom in post, not by name."""

    department: str
    post: str
    purpose: str
    seen_at: datetime


def masked_contact(step: Step, vault: Vault) -> Contact:
    """Return what everybody who works on the case sees: 张**, 138****1234; empty when nobody is known."""
    if step.get("is_anonymous") or step.get("reviewer") is None:
        return Contact("", "")
    name, phone = _open(step, vault)
    return Contact(mask_name(name), mask_phone(phone))


def reveal_contact(step: Step, actor: Actor, purpose: str, vault: Vault) -> Contact:
    """Return name and phone to somebody who must call back; the look is stored before it is shown.

    Raises:
        FormInvalid: no purpose is given.
        NotYourTask: no open step of this case in which one calls the reviewer is the actor's department's.
        ConflictOfInterest: the actor, or whom they stand in for, is the rated person.
        ReviewerUnknown: the review is anonymous, or the person's data has been deleted.
        TooManyReveals: the actor has looked at as many today as anybody needs.
    """
    if not purpose.strip():
        raise FormInvalid("用途：查看评价人联系方式须写明用途。", fields={"用途": "必填"})
    tasks = step.loaded.tasks.values()
    mine = [task for task in tasks if task.department == actor.department and task.act in CALLING]
    if actor.programme != step.loaded.programme or not may(actor, Right.REVEAL) or not mine:
        raise NotYourTask("只有正在承办这件差评、需要联系评价人的单位可以查看。")
    require_no_interest(step, actor, judging=False)
    if step.get("is_anonymous") or step.get("reviewer") is None:
        raise ReviewerUnknown("这件差评是匿名的，没有联系方式。")
    _require_not_too_many(actor, step.now)
    _keep(step, actor, purpose.strip())
    name, phone = _open(step, vault)
    if not name and not phone:
        raise ReviewerUnknown("评价人的个人信息已按期限或本人要求删除。")
    return Contact(name, phone, step.now + SHOWN_FOR)


def _require_not_too_many(actor: Actor, now: datetime) -> None:
    """Count today's looks of this person; looks at the same moment take turns."""
    db.session.execute(text("select pg_advisory_xact_lock(hashtextextended(:key, 7235))"), {"key": actor.id})
    today = datetime.combine(now.astimezone(SHANGHAI).date(), time(), SHANGHAI)
    query = select(func.count()).where(REVEALS.c.account == actor.id, REVEALS.c.seen_at >= today)
    if (db.session.scalar(query) or 0) >= REVEALS_A_DAY:
        raise TooManyReveals(f"您今天已查看 {REVEALS_A_DAY} 次评价人联系方式，达到每日上限。")


def _keep(step: Step, actor: Actor, purpose: str) -> None:
    """Store the look; the audit has its number and no words."""
    row = {
        "case_id": step.case_id, "reviewer": step.get("reviewer"), "account": actor.id, "for_account": actor.for_account,
        "department": actor.department, "post": actor.role.value, "purpose": purpose,
        "seen_at": step.now, "until": step.now + SHOWN_FOR,
    }  # fmt: skip
    look = db.session.execute(insert(REVEALS).values(row).returning(REVEALS.c.id)).scalar_one()
    told = {"case": step.case_id, "reviewer": step.get("reviewer"), "look": look}
    record("identity", act_of(actor, "reveal", told), step.now)
    step.audit("reveal", look=look)


def _open(step: Step, vault: Vault) -> tuple[str, str]:
    row = db.session.execute(
        select(Reviewer.person_index, Reviewer.name, Reviewer.phone).where(Reviewer.id == step.get("reviewer"))
    ).one()

    def plain(column: str, sealed: bytes | None) -> str:
        return vault.open(sealed, f"reviewers.{column}.{row.person_index}") if sealed else ""

    return plain("name", row.name), plain("phone", row.phone)


def list_looks(reviewer: int, case_id: int | None = None) -> list[Look]:
    """Return every look at a reviewer's data, oldest first, for the reviewer: department and post, purpose and moment.

    Of one case alone where one is named.

    Who it was by name is not told: the department answers for its people, and a colleague
    who called is no less protected than the reviewer. PIPL 44, 45.
    """
    query = (
        select(Department.name, Reveal.department, Reveal.post, Reveal.purpose, Reveal.seen_at)
        .join_from(Reveal, Reviewer, Reviewer.id == Reveal.reviewer)
        .outerjoin(Department, (Department.programme == Reviewer.programme) & (Department.code == Reveal.department))
        .where(Reveal.reviewer == reviewer, *([Reveal.case_id == case_id] if case_id is not None else []))
        .order_by(Reveal.id)
    )
    return [Look(name or code, Role(post).label, purpose, at) for name, code, post, purpose, at in db.session.execute(query)]
