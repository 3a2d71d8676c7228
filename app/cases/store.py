"""Reading what a step needs, under the case's lock. In SQLAlchemy Core, as all of the step path."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, Table, bindparam, func, literal_column, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.audit.record import Head
from app.calendars.models import CalendarNotice
from app.calendars.queries import calendar_for
from app.cases.errors import CaseNotFound
from app.cases.models import Case, CaseDeadline, Instance, Task
from app.db import db, table_of
from app.deadlines.calendar import WorkCalendar
from app.programmes.bundle import Bundle
from app.programmes.versions import bundle_of

CASES, INSTANCES, TASKS = table_of(Case), table_of(Instance), table_of(Task)
DEADLINES = table_of(CaseDeadline)


@dataclass
class OpenTask:
    """A task that waits for somebody."""

    id: int
    element: str
    act: str | None
    lane: str
    department: str
    owner: str
    status: str
    claimed_at: str | None
    submitted_by: str | None
    submitted_for: str | None

    @property
    def submitters(self) -> frozenset[str]:
        """Who submitted it, and whom they stood in for."""
        return frozenset(each for each in (self.submitted_by, self.submitted_for) if each)


@dataclass
class RunningDeadline:
    """A limit that runs, as changed in this step; `id` is None until it is stored."""

    id: int | None
    timer: str
    element: str
    rule: dict[str, Any]
    extensions: list[Any]
    moments: list[Any]
    fired: int
    due_at: datetime
    last_day: date
    is_provisional: bool
    calendar_version: int
    firings: list[dict[str, Any]] = field(default_factory=list)
    is_changed: bool = False

    @property
    def next_at(self) -> datetime | None:
        """The next moment of the ladder, or None."""
        return datetime.fromisoformat(self.moments[0][1]) if self.moments else None

    def began_key(self, now: datetime) -> str:
        """Return what tells this deadline from others of the same timer."""
        return str(self.id) if self.id else f"{now.timestamp():.6f}"


OPEN_TASK_COLUMNS = tuple(each.name for each in fields(OpenTask))
DEADLINE_COLUMNS = tuple(each.name for each in fields(RunningDeadline) if each.name in DEADLINES.c)


class Handled(NamedTuple):
    """Somebody who handled the matter, for which department and in which lane."""

    person: str
    department: str
    lane: str


@dataclass
class Loaded:
    """A locked case with all that a step needs. `status` is the instance's: running, incident or ended."""

    case_id: int
    number: str
    programme: str
    version: int
    status: str
    revision: int
    moved_at: datetime
    variables: dict[str, Any]
    state: list[Any]
    head: Head
    department: str
    area: str
    rated_department: str
    rated_staff: str | None
    round: int
    reviewer: int | None
    is_anonymous: bool
    received_at: datetime
    voided_at: datetime | None
    case_status: str
    newest_notice: int
    read_at: datetime
    tasks: dict[str, OpenTask] = field(default_factory=dict)
    deadlines: dict[str, RunningDeadline] = field(default_factory=dict)
    handled: frozenset[Handled] = frozenset()


LOCK = (
    select(
        INSTANCES.c.case_id,
        CASES.c.number,
        CASES.c.programme,
        INSTANCES.c.version,
        INSTANCES.c.status,
        INSTANCES.c.revision,
        INSTANCES.c.moved_at,
        INSTANCES.c.variables,
        INSTANCES.c.state,
        INSTANCES.c.audit_seq,
        INSTANCES.c.audit_digest,
        CASES.c.department,
        CASES.c.area,
        CASES.c.rated_department,
        CASES.c.rated_staff,
        CASES.c.round,
        CASES.c.reviewer,
        CASES.c.is_anonymous,
        CASES.c.received_at,
        CASES.c.voided_at,
        CASES.c.status.label("case_status"),
        select(func.coalesce(func.max(CalendarNotice.id), 0)).scalar_subquery().label("newest_notice"),
    )
    .join_from(INSTANCES, CASES, CASES.c.id == INSTANCES.c.case_id)
    .where(INSTANCES.c.case_id == bindparam("case"))
    # Both rows: after waiting, only locked rows are read as they are now.
    .with_for_update(of=[INSTANCES, CASES])
)


def _all_of(table: Table, *conditions: ColumnElement[bool]) -> ScalarSelect[Any]:
    """Return the rows of a case in one table as a JSON list."""
    rows = func.coalesce(
        func.json_agg(aggregate_order_by(func.row_to_json(literal_column(table.name)), table.c.id)), text("'[]'")
    )
    return select(rows).select_from(table).where(table.c.case_id == bindparam("case"), *conditions).scalar_subquery()


# A statement of its own, after the lock: it must see what others committed while we waited, and the clock as it is then.
# Tasks that are over are read for one thing: who handled the case may not judge it.
READ = select(
    _all_of(TASKS).label("tasks"),
    _all_of(DEADLINES, DEADLINES.c.status == "running").label("deadlines"),
    func.clock_timestamp().label("read_at"),
)

_calendars: dict[tuple[tuple[str, ...], int], WorkCalendar] = {}


def bundle(loaded: Loaded) -> Bundle:
    """Return the bundle a case is pinned to."""
    return bundle_of(loaded.version)


def calendar(layers: tuple[str, ...], newest: int) -> WorkCalendar:
    """Return the calendar as of the newest notice of all; kept until another is loaded."""
    key = (layers, newest)
    if key not in _calendars:
        _calendars[key] = calendar_for(db.session(), layers, newest)
    return _calendars[key]


def lock_case(case_id: int) -> Loaded:
    """Lock a case's instance and read what a step needs. Lock first: two handlers pressing “done” at once take turns.

    Raises:
        CaseNotFound: there is none.
    """
    connection = db.session.connection()
    row = connection.execute(LOCK, {"case": case_id}).mappings().first()
    if row is None:
        raise CaseNotFound("没有这个工单。")
    values = dict(row)
    head = Head(values.pop("audit_seq"), values.pop("audit_digest"))
    read = connection.execute(READ, {"case": case_id}).one()
    loaded = Loaded(**values, head=head, read_at=read.read_at)
    _take_tasks(loaded, read.tasks)
    loaded.deadlines = {row["timer"]: _running(row) for row in read.deadlines}
    return loaded


def _take_tasks(loaded: Loaded, rows: list[dict[str, Any]]) -> None:
    handled: set[Handled] = set()
    for row in rows:
        if row["status"] in {"open", "submitted"}:
            loaded.tasks[row["element"]] = OpenTask(**{name: row[name] for name in OPEN_TASK_COLUMNS})
        elif row["ended_by"] and row["act"] in HANDLING:
            people = (row["ended_by"], row["ended_for"], row["submitted_by"], row["submitted_for"])
            handled |= {Handled(person, row["department"], row["lane"]) for person in people if person}
    loaded.handled = frozenset(handled)


# Acts by which somebody handles a matter, rather than passes it on or judges it.
HANDLING = frozenset({"verify", "contact", "ledger", "promise", "rectify", "explain", "claim", "answer", "report"})


def _running(row: dict[str, Any]) -> RunningDeadline:
    values = {name: row[name] for name in DEADLINE_COLUMNS}
    due_at, last_day = datetime.fromisoformat(row["due_at"]), date.fromisoformat(row["last_day"])
    return RunningDeadline(**(values | {"due_at": due_at.astimezone(UTC), "last_day": last_day}))
