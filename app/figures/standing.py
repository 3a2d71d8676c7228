"""How a programme stands at a moment: cases that have not ended, and those of them with a limit that is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, func, select

from app.calendars.queries import newest_of_all
from app.cases import store
from app.cases.limits import rule_from_json
from app.cases.models import Case, CaseDeadline, Firing, Instance, Task
from app.cases.outline import SUPERVISED
from app.catalogue.queries import department_names
from app.db import db
from app.deadlines.left import TimeLeft, time_left
from app.programmes.versions import bundle_of


@dataclass(frozen=True)
class Late:
    """A department with overdue cases: how many, and how late the first of them is."""

    name: str
    count: int
    since: date
    left: TimeLeft


@dataclass(frozen=True)
class Reported:
    """An overdue step that went up to the leaders."""

    number: str
    step: str
    department: str
    left: TimeLeft


@dataclass(frozen=True)
class Now:
    """How the programme stands at a moment; `late` begins with the department that has most."""

    handled: int
    closed: int
    overdue: int
    supervised: int
    late: list[Late]
    reported: list[Reported]


def standing(programme: str, now: datetime) -> Now:
    """Return how a programme stands at a moment."""
    open_, closed = db.session.execute(
        select(func.count().filter(Case.status == "open"), func.count().filter(Case.status == "closed")).where(
            Case.programme == programme, Case.ended_at.is_(None)
        )
    ).one()
    rows = overdue_limits(programme, now)
    names, newest = department_names(programme, {row.department for row in rows}), newest_of_all()
    return Now(
        handled=open_,
        closed=closed,
        overdue=len({row.case_id for row in rows}),
        supervised=len({row.case_id for row in rows if row.is_supervised}),
        late=_late(rows, names, now, newest),
        reported=[
            Reported(row.number, _step(row), names[row.department], _left(row, now, newest, row.is_supervised))
            for row in rows
            if row.is_reported
        ],
    )


def overdue_limits(programme: str, now: datetime) -> list[Row[Any]]:
    """Return the limits that run and are over, the longest overdue first."""
    reported = exists().where(Firing.deadline_id == CaseDeadline.id, Firing.level == "leaders", Firing.withdrawn.is_(None))
    columns = (
        CaseDeadline.case_id, CaseDeadline.element, CaseDeadline.rule, CaseDeadline.due_at, CaseDeadline.last_day,
        CaseDeadline.is_provisional, Case.number, Instance.version, SUPERVISED.label("is_supervised"),
        reported.label("is_reported"), func.coalesce(Task.department, Case.department).label("department"),
    )  # fmt: skip
    query = (
        select(*columns)
        .join(Case, Case.id == CaseDeadline.case_id)
        .join(Instance, Instance.case_id == CaseDeadline.case_id)
        .outerjoin(Task, its_task())
        .where(Case.programme == programme, CaseDeadline.status == "running", CaseDeadline.due_at <= now)
        .order_by(CaseDeadline.due_at, CaseDeadline.id)
    )
    return list(db.session.execute(query))


def _late(rows: list[Row[Any]], names: Mapping[str, str], now: datetime, newest: int) -> list[Late]:
    by_department: dict[str, list[Row[Any]]] = {}
    for row in rows:
        by_department.setdefault(row.department, []).append(row)
    late = [
        Late(names[code], len({row.case_id for row in each}), each[0].last_day, _left(each[0], now, newest))
        for code, each in by_department.items()
    ]
    return sorted(late, key=lambda each: (-each.count, each.since, each.name))


def _left(row: Row[Any], now: datetime, newest: int, is_supervised: bool = False) -> TimeLeft:
    calendar = store.calendar(bundle_of(row.version).rules.calendar, newest)
    unit = rule_from_json(row.rule).unit
    return time_left(row.due_at, row.last_day, unit, now, calendar, is_supervised=is_supervised)


def _step(row: Row[Any]) -> str:
    return bundle_of(row.version).program.definition.nodes[row.element].name


def its_task() -> ColumnElement[bool]:
    """Return the condition that joins a limit with its step: both begin in the same step of the case."""
    return and_(
        Task.case_id == CaseDeadline.case_id, Task.element == CaseDeadline.element, Task.opened_at == CaseDeadline.began_at
    )
