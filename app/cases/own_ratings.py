"""What window staff see of cases that rate them: a neutral summary, and whether they may speak. XS 二(二)3, P3."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.cases.errors import CaseNotFound
from app.cases.models import Case, Task
from app.cases.registry import RULINGS
from app.clock import SHANGHAI
from app.db import db
from app.identity.actor import Actor
from app.identity.rights import Right, require_right


@dataclass(frozen=True)
class OwnRating:
    """One case, told so that nobody can be found out by it.

    No record, no hour, no channel, no words: whoever stood at the window would know the
    person. `outcome` and `is_voided` are told when the case has ended; `may_state` says
    that evidence or a defence is heard now.
    """

    number: str
    received_on: date
    status: str
    outcome: str | None
    is_voided: bool
    may_state: bool


def list_own_ratings(actor: Actor) -> list[OwnRating]:
    """Return the cases that rate the actor, newest first.

    Raises:
        RightMissing: the role is never rated.
    """
    require_right(actor, Right.READ_OWN_RATINGS)
    if not actor.staff:
        return []
    ruling = select(Task.id).where(Task.case_id == Case.id, Task.act.in_(RULINGS), Task.status.in_(("open", "submitted")))
    query = select(Case, ruling.exists()).where(Case.programme == actor.programme, Case.rated_staff == actor.staff)
    return [_told(case, bool(heard)) for case, heard in db.session.execute(query.order_by(Case.id.desc()))]


def find_own_rating(number: str, actor: Actor) -> int:
    """Return the key of a case that rates the actor, by its number.

    Raises:
        RightMissing: the role is never rated.
        CaseNotFound: none of this number does.
    """
    require_right(actor, Right.READ_OWN_RATINGS)
    own = (Case.programme == actor.programme, Case.rated_staff == actor.staff, Case.number == number)
    key = db.session.scalar(select(Case.id).where(*own)) if actor.staff else None
    if key is None:
        raise CaseNotFound("没有这件对您的评价。", number=number)
    return key


def _told(case: Case, may_state: bool) -> OwnRating:
    over = case.ended_at is not None
    return OwnRating(
        number=case.number,
        received_on=case.received_at.astimezone(SHANGHAI).date(),
        status=case.status,
        outcome=case.outcome if over else None,
        is_voided=over and case.voided_at is not None,
        may_state=may_state,
    )
