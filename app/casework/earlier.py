"""Earlier cases that are most like one, and what was answered then: the same matter, as many of the same reasons as can be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, select

from app.cases.models import Case, Task, TaskForm
from app.cases.rating import find_matter
from app.cases.search import matching
from app.cases.visibility import visible_cases
from app.db import db
from app.identity.actor import Actor
from app.identity.vault import Vault, mask_text
from app.intake.models import Review, ServiceRecord
from app.intake.served import same_service

NEAREST = 5
# Of the newest of the same matter the nearest are chosen.
LOOKED_THROUGH = 50


@dataclass(frozen=True)
class Earlier:
    """An earlier case: how many reasons it shares, what it came to, and what was done by its answer (masked, may be empty)."""

    number: str
    received_at: datetime
    outcome: str | None
    shared: int
    done: str


def list_earlier(case_id: int, actor: Actor, vault: Vault) -> list[Earlier]:
    """Return the nearest closed cases of the same matter that the actor may see, nearest first; none for a complaint."""
    matter = find_matter(case_id)
    same = matching(actor.programme, matter.name, vault) if matter else None
    if matter is None or same is None:
        return []
    rows = db.session.execute(_same_matter(matter.item, case_id).where(visible_cases(actor), same)).all()
    nearest = sorted(rows, key=lambda row: (-len(set(row.reasons) & matter.reasons), -row.id))[:NEAREST]
    answers = _answers([row.id for row in nearest])
    return [
        Earlier(row.number, row.received_at, row.outcome, len(set(row.reasons) & matter.reasons), answers.get(row.id, ""))
        for row in nearest
    ]


def _same_matter(item: str, case_id: int) -> Select[int, str, datetime, str | None, list[str]]:
    return (
        select(Case.id, Case.number, Case.received_at, Case.outcome, Review.reasons)
        .join(ServiceRecord, same_service(ServiceRecord, Case))
        .join(Review, and_(same_service(Review, Case), Review.sequence == Case.sequence))
        .where(ServiceRecord.item == item, Case.id < case_id, Case.closed_at.is_not(None))
        .order_by(Case.id.desc())
        .limit(LOOKED_THROUGH)
    )


def _answers(cases: list[int]) -> dict[int, str]:
    """Return what was done, by the newest answer of each case, without numbers of persons."""
    query = select(TaskForm).join(Task, Task.id == TaskForm.task_id).where(TaskForm.case_id.in_(cases), Task.act == "answer")
    return {
        form.case_id: mask_text(str(form.body.get("done") or ""), "")
        for form in db.session.scalars(query.order_by(TaskForm.task_id))
    }
