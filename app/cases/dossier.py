"""Everything that is on the record of one case, as its people read it. No personal data; referrals are not here (L5).

`hidden` names elements of the diagram of which the reader must not hear yet.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased

from app.audit.models import AuditEntry
from app.calendars.queries import calendar_for
from app.cases.limits import rule_from_json, with_extensions
from app.cases.models import Case, CaseDeadline, CoHandler, ContactTry, Extension, Firing, Hop, Instance, Round, Task, TaskForm
from app.cases.registry import PASSING_ON
from app.catalogue.queries import list_names
from app.db import db, table_of
from app.deadlines.calendar import WorkCalendar
from app.deadlines.explain import explain
from app.deadlines.left import how_met
from app.deadlines.limits import Unit
from app.engine.definition import FormField
from app.engine.errors import TaskNotOpen
from app.programmes.bundle import Bundle
from app.programmes.versions import bundle_of

Facts = dict[str, Any]
NOTHING = frozenset[str]()
SHOWN = (
    "number", "programme", "served_on", "record", "visit", "sequence", "channel", "is_anonymous", "rated_department",
    "rated_staff", "department", "area", "status", "round", "outcome", "received_at", "closed_at", "ended_at", "voided_at",
)  # fmt: skip


def list_cases(mine: ColumnElement[bool], after: int | None, limit: int, **equal: str | None) -> list[Facts]:
    """Return cases, newest first; `equal` keeps those whose column has a value, `after` is the key of the last one seen."""
    query = _cases().where(mine, *(getattr(Case, name) == value for name, value in equal.items() if value is not None))
    if after is not None:
        query = query.where(Case.id < after)
    return [dict(row) for row in db.session.execute(query.order_by(Case.id.desc()).limit(limit)).mappings()]


def _cases() -> Select[Any]:
    main = aliased(Case)
    columns = [getattr(Case, name) for name in SHOWN]
    return select(Case.id, *columns, main.number.label("linked_to")).outerjoin(main, main.id == Case.linked_to)


def read_case(case_id: int, hidden: frozenset[str] = NOTHING) -> Facts:
    """Return a case with its steps, rounds, stretches, helpers, extensions and tries to reach the reviewer."""
    facts = dict(db.session.execute(_cases().where(Case.id == case_id)).mappings().one())
    bundle = bundle_in(case_id)
    tasks = [_task(each, bundle) for each in _shown(_rows(Task, case_id, Task.id), hidden)]
    return facts | {
        "tasks": tasks,
        "rounds": _rows(Round, case_id, Round.number),
        "hops": _rows(Hop, case_id, Hop.number),
        "co_handlers": _rows(CoHandler, case_id, CoHandler.asked_at),
        "extensions": _rows(Extension, case_id, Extension.round),
        "contact_tries": _shown(_rows(ContactTry, case_id, ContactTry.id), hidden),
    }


def list_linked(case_id: int) -> list[Facts]:
    """Return the cases that are linked to one (X5), oldest first."""
    query = _cases().where(Case.linked_to == case_id).order_by(Case.id)
    return [dict(row) for row in db.session.execute(query).mappings()]


def bundle_in(case_id: int) -> Bundle:
    """Return the bundle that a case is pinned to."""
    return bundle_of(db.session.scalars(select(Instance.version).where(Instance.case_id == case_id)).one())


def _rows(model: type[Any], case_id: int, order: Any) -> list[Facts]:
    query = select(table_of(model)).where(model.case_id == case_id).order_by(order)
    return [dict(row) for row in db.session.execute(query).mappings()]


def _shown(rows: list[Facts], hidden: frozenset[str]) -> list[Facts]:
    return [row for row in rows if row["element"] not in hidden]


def _task(task: Facts, bundle: Bundle) -> Facts:
    node = bundle.program.definition.nodes[task["element"]]
    return task | {"name": node.name, "clause": node.clause}


def read_task(case_id: int, element: str) -> Facts:
    """Return the newest task of an element with the fields of its form and what was entered.

    Raises:
        TaskNotOpen: the case never came to this element, or there is none.
    """
    newest = select(table_of(Task)).where(Task.case_id == case_id, Task.element == element).order_by(Task.id.desc()).limit(1)
    task = db.session.execute(newest).mappings().first()
    if task is None:
        raise never_came(element)
    bundle = bundle_in(case_id)
    entered = db.session.scalar(select(TaskForm.body).where(TaskForm.task_id == task["id"]))
    return _task(dict(task), bundle) | read_form(case_id, element) | {"entered": entered}


def read_form(case_id: int, element: str) -> Facts:
    """Return a step of a case's diagram with the fields of its form, whether or not the case has come to it."""
    bundle = bundle_in(case_id)
    node = bundle.program.definition.nodes[element]
    fields = [_field(each, node.act, bundle.rules.code) for each in node.form]
    return {"element": element, "name": node.name, "clause": node.clause, "fields": fields}


def _field(field: FormField, act: str | None, programme: str) -> Facts:
    """Return a field with what can be chosen: to whom a case is passed on is chosen by name, whatever was drawn."""
    is_department = act in PASSING_ON and field.id == "department"
    return vars(field) | {"choices": list_names(programme, "department") if is_department else dict(field.choices)}


def never_came(element: str) -> TaskNotOpen:
    """Return the refusal to show a step to which a case never came."""
    return TaskNotOpen("这个工单没有这一步，或还没有轮到。", element=element)


def read_deadlines(case_id: int, hidden: frozenset[str] = NOTHING) -> list[Facts]:
    """Return every limit of a case with its reckoning day by day, its clause, and what fell due (design §4)."""
    bundle = bundle_in(case_id)
    fired = _rows(Firing, case_id, Firing.position)
    limits = _shown(_rows(CaseDeadline, case_id, CaseDeadline.id), hidden)
    return [_deadline(each, bundle, [row for row in fired if row["deadline_id"] == each["id"]]) for each in limits]


def _deadline(row: Facts, bundle: Bundle, firings: list[Facts]) -> Facts:
    definition = bundle.program.definition
    calendar = calendar_for(db.session(), bundle.rules.calendar, row["calendar_version"])
    rule = rule_from_json(row["rule"])
    reckoned = with_extensions(rule.deadline(calendar), row["extensions"], calendar)
    timer = definition.nodes[row["timer"]]
    return {
        "id": row["id"], "element": row["element"], "name": definition.nodes[row["element"]].name, "round": row["round"],
        "status": row["status"], "label": timer.name, "clause": timer.clause, "reading": timer.properties.get("reading"),
        "due_at": row["due_at"], "last_day": row["last_day"], "is_provisional": row["is_provisional"],
        "reckoning": reckoned.as_dict(), "explanation": explain(reckoned), "ahead": row["moments"], "fired": firings,
        "ended": _ended(row, rule.unit, calendar),
    }  # fmt: skip


def _ended(row: Facts, unit: Unit | None, calendar: WorkCalendar) -> str | None:
    """Return how a limit ended: met in time or how late, or dropped because its step was not needed any more."""
    if row["status"] == "met":
        return how_met(row["due_at"], row["last_day"], unit, row["ended_at"], calendar)
    return None if row["status"] == "running" else "这一步不再需要办"


def read_timeline(
    number: str, after: int | None = None, limit: int | None = None, hidden: frozenset[str] = NOTHING
) -> list[Facts]:
    """Return what was done on a case in order, all of it or a page: `after` is the number of the last entry seen."""
    columns = (AuditEntry.seq, AuditEntry.occurred_at, AuditEntry.actor, AuditEntry.act, AuditEntry.payload, AuditEntry.digest)
    element = func.coalesce(AuditEntry.payload["element"].astext, "")
    query = select(*columns).where(
        AuditEntry.stream == f"case:{number}", AuditEntry.seq > (after or 0), element.not_in(sorted(hidden))
    )
    return [dict(row) for row in db.session.execute(query.order_by(AuditEntry.seq).limit(limit)).mappings()]
