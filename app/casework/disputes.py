"""“评价的不是我”: who is rated says that it was somebody else. The overseer alone puts it right, or answers why it stands.

Putting it right is `correct_rating`: from then on the case rates another, and the dispute is settled.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, insert, select, update

from app.cases.errors import FormInvalid, NotYourTask
from app.cases.models import Case
from app.cases.notices import message
from app.cases.ownership import is_overseer, overseer_department
from app.cases.rating import find_review
from app.cases.step import Step
from app.casework.errors import DisputeMade, DisputeUnknown
from app.casework.models import RatingDispute
from app.db import db, table_of
from app.identity.actor import Actor

DISPUTES = table_of(RatingDispute)
LONGEST = 2000


@dataclass(frozen=True)
class Disputed:
    """A dispute as its maker and the overseer see it; `is_corrected`: the case rates somebody else now."""

    id: int
    case_id: int
    number: str
    staff: str
    reason: str
    made_at: datetime
    answer: str | None
    is_corrected: bool


def dispute_rating(step: Step, actor: Actor, reason: str) -> None:
    """Say that a rating is not of oneself; the overseer is told.

    Raises:
        NotYourTask: the case does not rate the actor.
        ReviewUnknown: a complaint rates nobody.
        DisputeMade: the actor has said so before.
        FormInvalid: no reason.
    """
    if actor.programme != step.loaded.programme or not actor.staff or actor.staff != step.get("rated_staff"):
        raise NotYourTask("这件评价的不是您，无须提出。")
    find_review(step.case_id)
    if db.session.scalar(select(DISPUTES.c.id).where(DISPUTES.c.case_id == step.case_id, DISPUTES.c.staff == actor.staff)):
        raise DisputeMade("您已经提出过，由监督单位核对后更正或答复。")
    _require_words(reason, "理由")
    row = {"case_id": step.case_id, "staff": actor.staff, "reason": reason, "made_at": step.now, "made_by": actor.id}
    db.session.execute(insert(DISPUTES).values(row))
    number = step.loaded.number
    overseer = {"capacity": "overseer", "department": overseer_department(step), "person": None}
    body = {"case": number, "text": f"{number} 被评价人提出评价的不是本人，请核对。"}
    step.host.messages.append(message(step, f"{number}/dispute/{actor.staff}", "rating_dispute", overseer, body))
    step.audit("dispute_rating", staff=actor.staff)


def answer_dispute(step: Step, actor: Actor, dispute: int, answer: str) -> None:
    """Answer that a rating stands as it is, with the reason; what is wrong is put right instead.

    Raises:
        NotYourTask: the actor is not of the overseer.
        DisputeUnknown: there is none that waits.
        FormInvalid: no words.
    """
    if not is_overseer(step, actor):
        raise NotYourTask("评价对象由监督单位核对。")
    _require_words(answer, "答复")
    waiting = (DISPUTES.c.id == dispute, DISPUTES.c.case_id == step.case_id, DISPUTES.c.answered_at.is_(None))
    values = {"answer": answer, "answered_at": step.now, "answered_by": actor.id}
    if db.session.execute(update(DISPUTES).where(*waiting).values(**values).returning(DISPUTES.c.id)).first() is None:
        raise DisputeUnknown("没有这项待答复的异议。")
    step.audit("answer_rating_dispute", dispute=dispute)


def _require_words(words: str, label: str) -> None:
    if not 0 < len(words) <= LONGEST:
        raise FormInvalid(f"请写{label}，不超过 {LONGEST} 字。", fields={label: "缺少或过长"})


def list_own_disputes(actor: Actor) -> list[Disputed]:
    """Return what an actor has disputed, newest first; whom a case rates since then is not told."""
    if not actor.staff:
        return []
    return _listed(Case.programme == actor.programme, RatingDispute.staff == actor.staff)


def list_waiting_disputes(mine: ColumnElement[bool]) -> list[Disputed]:
    """Return the disputes that nobody has settled; `mine` is a condition on `Case`."""
    return [each for each in _listed(mine, RatingDispute.answered_at.is_(None)) if not each.is_corrected]


def _listed(*conditions: ColumnElement[bool]) -> list[Disputed]:
    query = (
        select(RatingDispute, Case.number, Case.rated_staff)
        .join(Case, Case.id == RatingDispute.case_id)
        .where(*conditions)
        .order_by(RatingDispute.id.desc())
    )
    return [
        Disputed(each.id, each.case_id, number, each.staff, each.reason, each.made_at, each.answer, rated != each.staff)
        for each, number, rated in db.session.execute(query)
    ]
