"""Reading and writing a case's step: every statement of the step path, in SQLAlchemy Core."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from app.audit.record import Head, append
from app.calendars.models import CalendarNotice
from app.calendars.queries import calendar_for
from app.cases.errors import CaseNotFound
from app.cases.models import Case, CaseDeadline, Firing, Instance, Task
from app.catalogue.models import Department
from app.db import db
from app.deadlines.calendar import WorkCalendar
from app.identity.actor import Role
from app.identity.models import Account
from app.outbox import send_later
from app.programmes.bundle import Bundle
from app.programmes.versions import bundle_of

if TYPE_CHECKING:
    from app.cases.step import Step

CASES, INSTANCES, TASKS = Case.__table__, Instance.__table__, Task.__table__
DEADLINES, FIRINGS, DEPARTMENTS = CaseDeadline.__table__, Firing.__table__, Department.__table__


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
    handled_by: frozenset[str] = frozenset()


LOCK = (
    select(
        INSTANCES.c.case_id, CASES.c.number, CASES.c.programme, INSTANCES.c.version, INSTANCES.c.status,
        CASES.c.status.label("case_status"), INSTANCES.c.revision, INSTANCES.c.moved_at, INSTANCES.c.variables, INSTANCES.c.state,
        INSTANCES.c.audit_seq, INSTANCES.c.audit_digest, CASES.c.department, CASES.c.area, CASES.c.rated_department,
        CASES.c.rated_staff, CASES.c.round, CASES.c.reviewer, CASES.c.is_anonymous, CASES.c.received_at, CASES.c.voided_at,
        select(func.coalesce(func.max(CalendarNotice.id), 0)).scalar_subquery().label("newest_notice"),
    )
    .join_from(INSTANCES, CASES, CASES.c.id == INSTANCES.c.case_id)
    .where(INSTANCES.c.case_id == bindparam("case"))
    .with_for_update(of=INSTANCES)
)  # fmt: skip
# Tasks that are over are read for one thing: who handled the case may not judge it.
READ_TASKS = select(TASKS).where(TASKS.c.case_id == bindparam("case")).order_by(TASKS.c.id)
READ_DEADLINES = select(DEADLINES).where(DEADLINES.c.case_id == bindparam("case"), DEADLINES.c.status == "running")

OWNER = func.coalesce(
    select(DEPARTMENTS.c.responsible)
    .where(DEPARTMENTS.c.programme == bindparam("programme"), DEPARTMENTS.c.code == bindparam("department"))
    .scalar_subquery(),
    select(Account.login)
    .where(
        Account.programme == bindparam("programme"),
        Account.department == bindparam("department"),
        Account.role == Role.HEAD.value,
        Account.is_active,
    )
    .order_by(Account.id)
    .limit(1)
    .scalar_subquery(),
    bindparam("department"),
)
ADD_TASKS = insert(TASKS).values(owner=OWNER, department=bindparam("department"))
END_TASKS = (
    update(TASKS)
    .where(TASKS.c.id == bindparam("task"))
    .values(status=bindparam("new_status"), ended_at=bindparam("at"), ended_by=bindparam("by"))
)
END_DEADLINES = (
    update(DEADLINES)
    .where(DEADLINES.c.id == bindparam("deadline"))
    .values(status=bindparam("new_status"), ended_at=bindparam("at"), moments=bindparam("left"), fired=bindparam("so_far"))
)
CHANGE_DEADLINES = (
    update(DEADLINES)
    .where(DEADLINES.c.id == bindparam("deadline"))
    .values(
        due_at=bindparam("due"), last_day=bindparam("last"), extensions=bindparam("granted"), moments=bindparam("left"),
        fired=bindparam("so_far"), is_provisional=bindparam("provisional"), calendar_version=bindparam("calendar"),
    )
)  # fmt: skip
STORE = (
    update(INSTANCES)
    .where(INSTANCES.c.case_id == bindparam("case"), INSTANCES.c.revision == bindparam("read_revision"))
    .values(
        status=bindparam("new_status"), revision=INSTANCES.c.revision + 1, due_at=bindparam("next_due"), moved_at=bindparam("at"),
        variables=bindparam("new_variables"), state=bindparam("new_state"), audit_seq=bindparam("seq"), audit_digest=bindparam("digest"),
    )
)  # fmt: skip

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
    handled = set()
    for row in db.session.execute(READ_TASKS, {"case": loaded.case_id}):
        if row.status in {"open", "submitted"}:
            loaded.tasks[row.element] = OpenTask(
                row.id, row.element, row.act, row.lane, row.department, row.owner, row.status, row.opened_at, row.submitted_by
            )
        elif row.ended_by and row.act in HANDLING:
            handled |= {row.ended_by, row.submitted_by or row.ended_by}
    loaded.handled_by = frozenset(handled)


# Acts by which somebody handles a matter, rather than passes it on or judges it.
HANDLING = frozenset({"verify", "contact", "ledger", "promise", "rectify", "explain", "claim", "answer", "report"})


def _running(row: Row[Any]) -> RunningDeadline:
    return RunningDeadline(
        row.id, row.timer, row.element, row.rule, row.extensions, row.moments, row.fired, row.due_at, row.last_day,
        row.is_provisional, row.calendar_version,
    )  # fmt: skip


def save(step: Step) -> None:
    """Write what a step changed."""
    _save_tasks(step)
    _save_deadlines(step)
    _save_rows(step.rows)
    send_later(step.host.messages)
    if step.changes:
        db.session.execute(update(CASES).where(CASES.c.id == step.case_id).values(**step.changes))
    head = append(f"case:{step.loaded.number}", step.loaded.head, step.acts, step.now)
    due = step.machine.due_at()
    db.session.execute(
        STORE,
        {
            "case": step.case_id, "read_revision": step.loaded.revision,
            "new_status": "ended" if step.machine.is_ended else "running",
            "next_due": due and datetime.fromtimestamp(due, step.now.tzinfo), "at": step.now, "new_variables": step.variables,
            "new_state": step.machine.dump(), "seq": head.seq, "digest": head.digest,
        },
    )  # fmt: skip


def _save_tasks(step: Step) -> None:
    before, now_open = step.loaded.tasks, step.machine.open_tasks()
    over = [
        {
            "task": task.id, "new_status": "done" if element in step.completed else "withdrawn", "at": step.now,
            "by": step.completed.get(element),
        }
        for element, task in before.items()
        if element not in now_open or element in step.completed
    ]  # fmt: skip
    if over:
        db.session.execute(END_TASKS, over)
    fresh = [_new_task(step, element) for element in sorted(now_open) if element not in before or element in step.completed]
    if fresh:
        db.session.execute(ADD_TASKS, fresh)


def _new_task(step: Step, element: str) -> dict[str, Any]:
    node = step.node(element)
    return {
        "case_id": step.case_id, "element": element, "act": node.act, "round": step.round, "lane": node.lane or "",
        "department": step.department_of(element), "programme": step.loaded.programme, "status": "open", "opened_at": step.now,
    }  # fmt: skip


def _save_deadlines(step: Step) -> None:
    running = step.machine.timers()
    over = [
        {
            "deadline": each.id, "new_status": "met" if each.element in step.completed else "dropped", "at": step.now,
            "left": each.moments, "so_far": each.fired,
        }
        for timer, each in step.loaded.deadlines.items()
        if timer not in running or timer in step.host.armed
    ]  # fmt: skip
    if over:
        db.session.execute(END_DEADLINES, over)
    kept = [step.host.deadlines[timer] for timer in running if timer not in step.host.armed]
    changed = [_changed(each) for each in kept if each.is_changed or each.firings]
    if changed:
        db.session.execute(CHANGE_DEADLINES, changed)
    _add_deadlines(step, running)
    fired = [each for each in [*step.loaded.deadlines.values(), *step.host.deadlines.values()] if each.firings and each.id]
    _save_firings(step, {each.id: each for each in fired}.values())


def _add_deadlines(step: Step, running: dict[str, int | None]) -> None:
    fresh = [step.host.deadlines[timer] for timer in running if timer in step.host.armed]
    if not fresh:
        return
    rows = [_deadline_row(step, each) for each in fresh]
    ids = db.session.scalars(insert(DEADLINES).returning(DEADLINES.c.id, sort_by_parameter_order=True), rows)
    for each, key in zip(fresh, ids, strict=True):
        each.id = key


def _deadline_row(step: Step, each: RunningDeadline) -> dict[str, Any]:
    return {
        "case_id": step.case_id, "element": each.element, "timer": each.timer, "round": step.round, "status": "running",
        "rule": each.rule, "extensions": each.extensions, "began_at": step.now, "due_at": each.due_at, "last_day": each.last_day,
        "is_provisional": each.is_provisional, "calendar_version": each.calendar_version, "moments": each.moments,
        "fired": each.fired,
    }  # fmt: skip


def _changed(each: RunningDeadline) -> dict[str, Any]:
    return {
        "deadline": each.id, "due": each.due_at, "last": each.last_day, "granted": each.extensions, "left": each.moments,
        "so_far": each.fired, "provisional": each.is_provisional, "calendar": each.calendar_version,
    }  # fmt: skip


def _save_firings(step: Step, deadlines: Iterable[RunningDeadline]) -> None:
    rows = [
        firing | {"deadline_id": each.id, "case_id": step.case_id}
        for each in deadlines
        for firing in each.firings
    ]
    if rows:
        db.session.execute(insert(FIRINGS), rows)


def _save_rows(rows: list[tuple[type[Any], dict[str, Any]]]) -> None:
    by_table: dict[tuple[Any, tuple[str, ...]], list[dict[str, Any]]] = defaultdict(list)
    for model, values in rows:
        by_table[model.__table__, tuple(sorted(values))].append(values)
    for (table, _columns), values in by_table.items():
        db.session.execute(insert(table), values)
