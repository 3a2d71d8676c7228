"""What window staff see of cases that rate them: a neutral summary, and whether they may speak. XS 二(二)3, P3."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.cases.errors import CaseNotFound
from app.cases.models import Case, Task, TaskForm
from app.cases.registry import PASSING_ON, RULINGS
from app.clock import SHANGHAI
from app.db import db
from app.identity.actor import Actor
from app.identity.reviewers import read_reviewers
from app.identity.rights import Right, require_right
from app.identity.vault import Vault, mask_text


@dataclass(frozen=True)
class OwnRating:
    """One case, told so that nobody can be found out by it.

    No record, no hour, no channel, no words: whoever stood at the window would know the
    person. `summary` is what who passed the case on wrote for those it rates, without the
    reviewer's name or numbers, empty before that; `outcome` and `is_voided` are told when
    the case has ended; `may_state` says that evidence or a defence is heard now.
    """

    number: str
    received_on: date
    summary: str
    status: str
    outcome: str | None
    is_voided: bool
    may_state: bool


def list_own_ratings(actor: Actor, vault: Vault) -> list[OwnRating]:
    """Return the cases that rate the actor, newest first.

    Raises:
        RightMissing: the role is never rated.
    """
    require_right(actor, Right.READ_OWN_RATINGS)
    if not actor.staff:
        return []
    ruling = select(Task.id).where(Task.case_id == Case.id, Task.act.in_(RULINGS), Task.status.in_(("open", "submitted")))
    query = select(Case, ruling.exists()).where(Case.programme == actor.programme, Case.rated_staff == actor.staff)
    rows = db.session.execute(query.order_by(Case.id.desc())).all()
    summaries = _summaries([case for case, _ in rows], vault)
    return [_told(case, summaries.get(case.id, ""), bool(heard)) for case, heard in rows]


def _summaries(cases: list[Case], vault: Vault) -> dict[int, str]:
    """Return what was written about cases of one programme when they were last passed on."""
    people = {each.reviewer for each in cases if each.reviewer is not None}
    names = {key: each.name for key, each in read_reviewers(people, cases[0].programme, vault).items()} if people else {}
    reviewers = {each.id: each.reviewer for each in cases}
    query = select(TaskForm).join(Task, Task.id == TaskForm.task_id).where(Task.act.in_(PASSING_ON), Task.case_id.in_(reviewers))
    return {
        form.case_id: _without(names.get(reviewers[form.case_id] or 0, ""), str(form.body["summary"]))
        for form in db.session.scalars(query.order_by(TaskForm.task_id))
        if form.body.get("summary")
    }


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


def _without(name: str, text: str) -> str:
    return mask_text(text.replace(name, "评价人") if name else text, "")


def _told(case: Case, summary: str, may_state: bool) -> OwnRating:
    over = case.ended_at is not None
    return OwnRating(
        number=case.number,
        received_on=case.received_at.astimezone(SHANGHAI).date(),
        summary=summary,
        status=case.status,
        outcome=case.outcome if over else None,
        is_voided=over and case.voided_at is not None,
        may_state=may_state,
    )
