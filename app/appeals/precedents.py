"""How like questions were ruled before: the newest rulings of the same kind that the reader may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.appeals.models import Appeal
from app.cases.models import Case, Extension, Task, TaskForm
from app.cases.registry import RULINGS
from app.cases.visibility import visible_cases
from app.db import db
from app.identity.actor import Actor

NEWEST = 5
# Grounds are sealed: of so many of the newest rulings those on the same ground are found.
LOOKED_THROUGH = 50


@dataclass(frozen=True)
class Precedent:
    """An earlier ruling: of which case, on which ground, how, and when. `decided` is upheld, granted, or the code chosen."""

    number: str
    rated_department: str
    ground: str | None
    decided: bool | str
    detail: str | None
    decided_at: datetime


def list_precedents(case_id: int, act: str, element: str, actor: Actor) -> list[Precedent]:
    """Return the newest earlier rulings on other cases: of the same ground where one is claimed, else of the same kind."""
    if act in RULINGS:
        return _on_ratings(case_id, "appeal" if act == "rule_appeal" else "claim", actor)
    return _on_extensions(case_id, actor) if act == "rule_extension" else _on_rounds(case_id, element, actor)


def _on_ratings(case_id: int, kind: str, actor: Actor) -> list[Precedent]:
    asked = db.session.scalar(select(Appeal).where(Appeal.case_id == case_id, Appeal.upheld.is_(None)))
    query = (
        select(Appeal, Case.number, Case.rated_department)
        .join(Case, Case.id == Appeal.case_id)
        .where(Appeal.kind == kind, Appeal.upheld.is_not(None), Case.id != case_id, visible_cases(actor))
        .order_by(Appeal.ruled_at.desc(), Appeal.id.desc())
        .limit(LOOKED_THROUGH)
    )
    found = db.session.execute(query).all()
    same = [row for row in found if asked is not None and kind == "claim" and row.Appeal.matter == asked.matter] or found
    return [
        Precedent(number, rated, each.ground, bool(each.upheld), None, each.ruled_at or each.applied_at)
        for each, number, rated in same[:NEWEST]
    ]


def _on_extensions(case_id: int, actor: Actor) -> list[Precedent]:
    query = (
        select(Extension, Case.number, Case.rated_department)
        .join(Case, Case.id == Extension.case_id)
        .where(Extension.granted.is_not(None), Case.id != case_id, visible_cases(actor))
        .order_by(Extension.ruled_at.desc(), Case.id.desc())
        .limit(NEWEST)
    )
    return [
        Precedent(number, rated, None, bool(each.granted), _more_time(each), each.ruled_at or each.asked_at)
        for each, number, rated in db.session.execute(query)
    ]


def _more_time(extension: Extension) -> str | None:
    if extension.until:
        return extension.until.isoformat()
    return extension.limit.removesuffix("wd") + " 个工作日" if extension.limit else None


def _on_rounds(case_id: int, element: str, actor: Actor) -> list[Precedent]:
    query = (
        select(TaskForm, Case.number, Case.rated_department)
        .join(Task, Task.id == TaskForm.task_id)
        .join(Case, Case.id == TaskForm.case_id)
        .where(Task.element == element, Task.status == "done", Case.id != case_id, visible_cases(actor))
        .order_by(TaskForm.entered_at.desc(), TaskForm.task_id.desc())
        .limit(NEWEST)
    )
    return [
        Precedent(number, rated, None, str(each.body.get("decision")), None, each.entered_at)
        for each, number, rated in db.session.execute(query)
    ]
