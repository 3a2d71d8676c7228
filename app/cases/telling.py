"""What reviewers are told of their case, in their own words: how far it is, until when, and the answer. Nothing internal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.cases.dossier import bundle_in
from app.cases.models import Case, CaseDeadline, Round, Task, TaskForm
from app.clock import SHANGHAI
from app.db import db
from app.engine.definition import Node
from app.intake.models import Review
from app.intake.served import same_service

RECEIVED, CHECKING, MENDING, ANSWERED = range(4)
# The steps that a reviewer waits for. Rulings, reports and calls afterwards are the office's own.
AWAITED = frozenset({"forward", "resend", "contact", "verify", "ledger", "promise", "rectify", "explain", "answer"})


@dataclass(frozen=True, repr=False)
class Answer:
    """The three parts of an answer. L3."""

    found: str
    done: str
    basis: str
    answered_at: datetime


@dataclass(frozen=True, repr=False)
class Told:
    """How far a case is. `stage` counts received, being checked, being mended, answered; `until` is the last day of what runs."""

    case_id: int
    sequence: int
    reviewer: int | None
    stage: int
    round: int
    until: date | None
    is_late: bool
    is_provisional: bool
    is_voided: bool
    answer: Answer | None


def tell(review: Review, now: datetime) -> Told | None:
    """Return what is told of the case that a review opened; None when it opened none."""
    case = db.session.scalar(select(Case).where(same_service(Case, review), Case.sequence == review.sequence))
    if case is None:
        return None
    stage = _stage(case)
    until, is_provisional = _until(case) if stage != ANSWERED else (None, False)
    is_late = until is not None and until < now.astimezone(SHANGHAI).date()
    return Told(
        case.id,
        case.sequence,
        case.reviewer,
        stage,
        case.round,
        until,
        is_late,
        is_provisional,
        case.voided_at is not None,
        _answer(case),
    )


def _stage(case: Case) -> int:
    newest = db.session.scalar(select(Round).where(Round.case_id == case.id).order_by(Round.number.desc()).limit(1))
    if newest is None:
        return RECEIVED
    if newest.answered_at is not None:
        return ANSWERED
    return CHECKING if newest.truth is None else MENDING


def _until(case: Case) -> tuple[date | None, bool]:
    running = (CaseDeadline.case_id == case.id, CaseDeadline.status == "running")
    nodes = _nodes(case)
    found = [
        (row.last_day, row.is_provisional)
        for row in db.session.scalars(select(CaseDeadline).where(*running))
        if nodes[row.element].act in AWAITED
    ]
    return max(found, default=(None, False))


def _nodes(case: Case) -> dict[str, Node]:
    return dict(bundle_in(case.id).program.definition.nodes)


def _answer(case: Case) -> Answer | None:
    """Return the newest answer that was given; one that waits for its signature was not."""
    nodes = _nodes(case)
    query = select(Task.element, Task.ended_at, TaskForm.body).join(TaskForm, TaskForm.task_id == Task.id)
    done = query.where(Task.case_id == case.id, Task.status == "done").order_by(Task.id.desc())
    for element, ended_at, body in db.session.execute(done):
        if nodes[element].act == "answer" and body.get("found"):
            return Answer(body["found"], body.get("done", ""), body.get("basis", ""), ended_at)
    return None
