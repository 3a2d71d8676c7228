"""What becomes of the open cases of a department that is merged or split: its successor goes on where it stood."""

from __future__ import annotations

from sqlalchemy import select

from app.cases.models import Case, Task
from app.cases.saving import owner_of
from app.cases.step import Step
from app.db import db


def open_cases_of(programme: str, department: str) -> list[int]:
    """Return the cases in which a department has something to do, or will have."""
    waiting = select(Task.case_id).where(
        Task.programme == programme, Task.department == department, Task.status.in_(["open", "submitted"])
    )
    handled = select(Case.id).where(Case.programme == programme, Case.department == department, Case.ended_at.is_(None))
    return sorted(set(db.session.scalars(waiting)) | set(db.session.scalars(handled)))


def take_over(step: Step, department: str, successor: str) -> None:
    """Hand a department's open steps of a case, and its future ones, to its successor; every limit runs on.

    Who was rated stays who was rated.
    """
    if step.get("department") == department:
        step.change(department=successor)
    owner = owner_of(step.loaded.programme, successor)
    for task in step.loaded.tasks.values():
        if task.department == department:
            step.update(Task, {"id": task.id}, department=successor, owner=owner, claimed_at=None)
    step.audit("take_over", department=department, successor=successor)
