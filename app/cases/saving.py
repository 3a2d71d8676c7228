"""Writing a step: tasks, deadlines, firings, rows, audit, messages and the instance itself."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Connection, bindparam, cast, func, insert, select, update

from app.audit.record import append
from app.cases.limits import rule_from_json
from app.cases.models import Case, Firing
from app.cases.store import DEADLINES, INSTANCES, TASKS, RunningDeadline
from app.catalogue.models import Department
from app.db import db, insert_into, pipelined, table_of
from app.deadlines.limits import WORKING_DAYS
from app.identity.actor import Role
from app.identity.models import Account
from app.outbox import send_later

if TYPE_CHECKING:
    from app.cases.step import Step

FIRINGS, DEPARTMENTS = table_of(Firing), table_of(Department)

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
ADD_TASKS = insert(TASKS).inline().values(owner=OWNER, department=bindparam("department"), programme=bindparam("programme"))
END_TASKS = (
    update(TASKS)
    .where(TASKS.c.id == bindparam("task"))
    .values(status=bindparam("new_status"), ended_at=bindparam("at"), ended_by=bindparam("by"), ended_for=bindparam("by_for"))
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
        due_at=bindparam("due"),
        last_day=bindparam("last"),
        extensions=bindparam("granted"),
        moments=bindparam("left"),
        fired=bindparam("so_far"),
        is_provisional=bindparam("provisional"),
        calendar_version=bindparam("calendar"),
    )
)
MOVE_TASKS = (
    update(TASKS)
    .where(TASKS.c.case_id == bindparam("case"), TASKS.c.element == bindparam("step"), TASKS.c.ended_at.is_(None))
    .values(due_at=bindparam("due"), is_provisional=bindparam("provisional"))
)
ADD_FIRINGS = (
    insert(FIRINGS)
    .inline()
    .values(
        deadline_id=func.coalesce(
            cast(bindparam("key"), BigInteger),
            select(DEADLINES.c.id)
            .where(
                DEADLINES.c.case_id == bindparam("case_id"),
                DEADLINES.c.timer == bindparam("timer"),
                DEADLINES.c.status == "running",
            )
            .scalar_subquery(),
        ),
        case_id=bindparam("case_id"),
    )
)
STORE = (
    update(INSTANCES)
    .where(INSTANCES.c.case_id == bindparam("case"))
    .values(
        status=bindparam("new_status"),
        revision=INSTANCES.c.revision + 1,
        due_at=bindparam("next_due"),
        moved_at=bindparam("at"),
        variables=bindparam("new_variables"),
        state=bindparam("new_state"),
        audit_seq=bindparam("seq"),
        audit_digest=bindparam("digest"),
    )
)


def owner_of(programme: str, department: str) -> str:
    """Return who answers for the steps of a department that nobody has taken: a login, or the department where it has nobody."""
    return str(db.session.scalar(select(OWNER), {"programme": programme, "department": department}))


def save(step: Step) -> None:
    """Write what a step changed, in one round trip."""
    with pipelined() as connection:
        _save(step, connection)


def _save(step: Step, connection: Connection) -> None:
    if step.changes:
        step.update(Case, {"id": step.case_id}, **step.changes)
    for statement, parameters in step.statements:
        connection.execute(statement, parameters)
    _save_tasks(step, connection)
    _save_deadlines(step, connection)
    _save_rows(step.rows, connection)
    send_later(step.host.messages)
    head = append(f"case:{step.loaded.number}", step.loaded.head, step.acts, step.now)
    due = step.machine.due_at()
    connection.execute(
        STORE,
        {
            "case": step.case_id,
            "new_status": "ended" if step.is_over else "running",
            "next_due": due and datetime.fromtimestamp(due, step.now.tzinfo),
            "at": step.now,
            "new_variables": {name: value for name, value in step.variables.items() if value is not None},
            "new_state": step.machine.dump(),
            "seq": head.seq,
            "digest": head.digest,
        },
    )


def _save_tasks(step: Step, connection: Connection) -> None:
    before, now_open = step.loaded.tasks, step.machine.open_tasks()
    over = [
        {
            "task": task.id,
            "new_status": "done" if element in step.completed else "withdrawn",
            "at": step.now,
            "by": step.completed.get(element),
            "by_for": step.for_account if element in step.completed else None,
        }
        for element, task in before.items()
        if element not in now_open or element in step.completed
    ]
    if over:
        connection.execute(END_TASKS, over)
    fresh = [_new_task(step, element) for element in sorted(now_open) if element not in before or element in step.completed]
    if fresh:
        connection.execute(ADD_TASKS, fresh)


def _new_task(step: Step, element: str) -> dict[str, Any]:
    node, limit = step.node(element), _limit_of(step, element)
    return {
        "case_id": step.case_id,
        "element": element,
        "act": node.act,
        "round": step.round,
        "lane": node.lane or "",
        "department": step.department_of(element),
        "programme": step.loaded.programme,
        "status": "open",
        "opened_at": step.now,
        "due_at": limit.due_at,
        "is_provisional": limit.is_provisional,
        "in_working_days": rule_from_json(limit.rule).unit is WORKING_DAYS,
    }


def _limit_of(step: Step, element: str) -> RunningDeadline:
    """Return a step's limit; the linter lets no user task through without one."""
    running = step.machine.timers()
    return next(each for timer, each in step.host.deadlines.items() if each.element == element and timer in running)


def _save_deadlines(step: Step, connection: Connection) -> None:
    running = step.machine.timers()
    over = [
        {
            "deadline": each.id,
            "new_status": "met" if each.element in step.completed else "dropped",
            "at": step.now,
            "left": each.moments,
            "so_far": each.fired,
        }
        for timer, each in step.loaded.deadlines.items()
        if timer not in running or timer in step.host.armed
    ]
    if over:
        connection.execute(END_DEADLINES, over)
    kept = [step.host.deadlines[timer] for timer in running if timer not in step.host.armed]
    changed = [_changed(each) for each in kept if each.is_changed or each.firings]
    if changed:
        connection.execute(CHANGE_DEADLINES, changed)
    moved = [
        {"case": step.case_id, "step": each.element, "due": each.due_at, "provisional": each.is_provisional}
        for each in kept
        if each.is_changed
    ]
    if moved:
        connection.execute(MOVE_TASKS, moved)
    _add_deadlines(step, running, connection)
    _save_firings(step, connection)


def _add_deadlines(step: Step, running: dict[str, int | None], connection: Connection) -> None:
    fresh = [step.host.deadlines[timer] for timer in running if timer in step.host.armed]
    if fresh:
        connection.execute(insert_into(DEADLINES), [_deadline_row(step, each) for each in fresh])


def _deadline_row(step: Step, each: RunningDeadline) -> dict[str, Any]:
    return {
        "case_id": step.case_id,
        "element": each.element,
        "timer": each.timer,
        "round": step.round,
        "status": "running",
        "rule": each.rule,
        "extensions": each.extensions,
        "began_at": step.now,
        "due_at": each.due_at,
        "last_day": each.last_day,
        "is_provisional": each.is_provisional,
        "calendar_version": each.calendar_version,
        "moments": each.moments,
        "fired": each.fired,
    }


def _changed(each: RunningDeadline) -> dict[str, Any]:
    return {
        "deadline": each.id,
        "due": each.due_at,
        "last": each.last_day,
        "granted": each.extensions,
        "left": each.moments,
        "so_far": each.fired,
        "provisional": each.is_provisional,
        "calendar": each.calendar_version,
    }


def _save_firings(step: Step, connection: Connection) -> None:
    """Store what fired, also of a limit that fired at its birth and gets its key in this very round trip."""
    every = {id(each): each for each in [*step.loaded.deadlines.values(), *step.host.deadlines.values()]}
    rows = [
        firing | {"key": each.id, "case_id": step.case_id, "timer": each.timer}
        for each in every.values()
        for firing in each.firings
    ]
    if rows:
        connection.execute(ADD_FIRINGS, rows)


def _save_rows(rows: list[tuple[type[Any], dict[str, Any]]], connection: Connection) -> None:
    by_table: dict[tuple[Any, tuple[str, ...]], list[dict[str, Any]]] = defaultdict(list)
    for model, values in rows:
        by_table[table_of(model), tuple(sorted(values))].append(values)
    for (table, _columns), batch in by_table.items():
        connection.execute(insert_into(table), batch)
