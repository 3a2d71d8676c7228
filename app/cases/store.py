"""Reading what a step needs, under the case's lock. In SQLAlchemy Core, as all of the step path."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, func, select

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
    opened_at: datetime
    submitted_by: str | None


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


class Handled(NamedTuple):
    """Somebody who handled the matter, for which department and in which lane."""

    person: str
    department: str
    lane: str


@dataclass
class Loaded:
    """A locked case with all that a step needs."""

    case_id: int
    number: str
    programme: str
    version: int
    status: str
    case_status: str
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
    newest_notice: int
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
        CASES.c.status.label("case_status"),
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
        select(func.coalesce(func.max(CalendarNotice.id), 0)).scalar_subquery().label("newest_notice"),
    )
    .join_from(INSTANCES, CASES, CASES.c.id == INSTANCES.c.case_id)
    .where(INSTANCES.c.case_id == bindparam("case"))
    .with_for_update(of=INSTANCES)
)
# Tasks that are over are read for one thing: who handled the case may not judge it.
READ_TASKS = select(TASKS).where(TASKS.c.case_id == bindparam("case")).order_by(TASKS.c.id)
READ_DEADLINES = select(DEADLINES).where(DEADLINES.c.case_id == bindparam("case"), DEADLINES.c.status == "running")

_calendars: dict[tuple[tuple[str, ...], int], WorkCalendar] = {}


def connection() -> Connection:
    """Return the connection of the running transaction."""
    return db.session.connection()


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
    row = db.session.execute(LOCK, {"case": case_id}).mappings().first()
    if row is None:
        raise CaseNotFound("没有这个工单。")
    values = dict(row)
    head = Head(values.pop("audit_seq"), values.pop("audit_digest"))
    loaded = Loaded(**values, head=head)
    _read_tasks(loaded)
    for each in db.session.execute(READ_DEADLINES, {"case": case_id}):
        loaded.deadlines[each.timer] = _running(each)
    return loaded


def _read_tasks(loaded: Loaded) -> None:
    handled: set[Handled] = set()
    for row in db.session.execute(READ_TASKS, {"case": loaded.case_id}):
        if row.status in {"open", "submitted"}:
            loaded.tasks[row.element] = OpenTask(
                row.id, row.element, row.act, row.lane, row.department, row.owner, row.status, row.opened_at, row.submitted_by
            )
        elif row.ended_by and row.act in HANDLING:
            handled |= {Handled(person, row.department, row.lane) for person in (row.ended_by, row.submitted_by) if person}
    loaded.handled = frozenset(handled)


# Acts by which somebody handles a matter, rather than passes it on or judges it.
HANDLING = frozenset({"verify", "contact", "ledger", "promise", "rectify", "explain", "claim", "answer", "report"})


def _running(row: Row[Any]) -> RunningDeadline:
    return RunningDeadline(
        row.id,
        row.timer,
        row.element,
        row.rule,
        row.extensions,
        row.moments,
        row.fired,
        row.due_at,
        row.last_day,
        row.is_provisional,
        row.calendar_version,
    )
