"""Where a case stands on its diagram, in words: every step in the order it is drawn, with who, until when and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, select

from app.calendars.queries import newest_of_all
from app.cases import store
from app.cases.dossier import NOTHING, bundle_in
from app.cases.limits import rule_from_json
from app.cases.models import CaseDeadline, Firing, Task
from app.db import db
from app.deadlines.calendar import WorkCalendar
from app.deadlines.left import TimeLeft, time_left
from app.engine.definition import Node
from app.programmes.bundle import Bundle

OPEN = ("open", "submitted")
# The limit that runs for a task, and the only one.
RUNNING = and_(CaseDeadline.case_id == Task.case_id, CaseDeadline.element == Task.element, CaseDeadline.status == "running")
# The deadline of an open task is over for good when the overseer was called in and nothing took that back.
SUPERVISED = exists().where(Firing.deadline_id == CaseDeadline.id, Firing.level == "supervise", Firing.withdrawn.is_(None))


@dataclass(frozen=True)
class Line:
    """One step of the diagram. `task` is its newest task, None while the case has not come to it; `left` only while open."""

    element: str
    name: str
    lane: str
    limit: str
    clause: str | None
    task: Task | None
    left: TimeLeft | None

    @property
    def is_open(self) -> bool:
        """Whether somebody has to do it now."""
        return self.task is not None and self.task.status in OPEN

    @property
    def is_done(self) -> bool:
        """Whether it was done, in the newest round that came to it."""
        return self.task is not None and self.task.status == "done"

    @property
    def due_at(self) -> datetime | None:
        """When its task falls due."""
        return self.task.due_at if self.task else None

    @property
    def department(self) -> str | None:
        """Who has to do it, or did."""
        return self.task.department if self.task else None


def outline(case_id: int, now: datetime, hidden: frozenset[str] = NOTHING) -> list[Line]:
    """Return the steps of a case's diagram; `hidden` are elements of which the reader must not hear yet."""
    bundle, calendar = bundle_in(case_id), _calendar(case_id)
    newest = {task.element: task for task in db.session.scalars(select(Task).where(Task.case_id == case_id).order_by(Task.id))}
    left = _left(case_id, now, calendar)
    definition = bundle.program.definition
    return [
        _line(node, bundle, newest.get(node.id), left.get(node.id))
        for node in definition.of_kind("userTask")
        if node.id not in hidden and (node.id in newest or definition.limits.get(node.id))
    ]


def _line(node: Node, bundle: Bundle, task: Task | None, left: TimeLeft | None) -> Line:
    definition = bundle.program.definition
    limit, lane = definition.limits.get(node.id), definition.lanes.get(node.lane or "", "")
    return Line(node.id, node.name, lane, limit.name if limit else "", node.clause, task, left)


def _calendar(case_id: int) -> WorkCalendar:
    return store.calendar(bundle_in(case_id).rules.calendar, newest_of_all())


def _left(case_id: int, now: datetime, calendar: WorkCalendar) -> dict[str, TimeLeft]:
    running = and_(CaseDeadline.case_id == case_id, CaseDeadline.status == "running")
    return {
        row.element: time_left(
            row.due_at, row.last_day, rule_from_json(row.rule).unit, now, calendar,
            is_provisional=row.is_provisional, is_supervised=supervised,
        )
        for row, supervised in db.session.execute(select(CaseDeadline, SUPERVISED).where(running))
    }  # fmt: skip
