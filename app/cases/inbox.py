"""The inbox of a department: what is open there, what is due first comes first. Cost follows open tasks, never cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, tuple_

from app.cases.models import Case, Instance, Task
from app.cases.visibility import not_rated
from app.db import db
from app.identity.actor import Actor
from app.programmes.versions import bundle_of

OPEN = ("open", "submitted")


@dataclass(frozen=True)
class Entry:
    """One task that waits, with what of its case an inbox shows; no personal data."""

    id: int
    number: str
    element: str
    name: str
    lane: str
    owner: str
    status: str
    round: int
    opened_at: datetime
    due_at: datetime
    rated_department: str
    channel: str
    received_at: datetime


def list_inbox(actor: Actor, after: tuple[datetime, int] | None, limit: int, *, owner: str | None = None) -> list[Entry]:
    """Return the open tasks of the actor's department, due first; `owner` keeps those of one person.

    Whoever is rated themselves does not find the case here either (P3).

    `after` is due moment and id of the last one seen.
    """
    query = (
        select(Task, Case.number, Case.rated_department, Case.channel, Case.received_at, Instance.version)
        .join(Case, Case.id == Task.case_id)
        .join(Instance, Instance.case_id == Task.case_id)
        .where(*_mine(actor), *not_rated(actor))
        .order_by(Task.due_at, Task.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(Task.due_at, Task.id) > after)
    if owner is not None:
        query = query.where(Task.owner == owner)
    return [_entry(*row) for row in db.session.execute(query)]


def _entry(task: Task, number: str, rated: str, channel: str, received_at: datetime, version: int) -> Entry:
    node = bundle_of(version).program.definition.nodes[task.element]
    return Entry(
        id=task.id,
        number=number,
        element=task.element,
        name=node.name,
        lane=task.lane,
        owner=task.owner,
        status=task.status,
        round=task.round,
        opened_at=task.opened_at,
        due_at=task.due_at,
        rated_department=rated,
        channel=channel,
        received_at=received_at,
    )


def count_inbox(actor: Actor, now: datetime, tomorrow: datetime) -> dict[str, int]:
    """Return how many tasks of the actor's department are open, how many of them late, and due before tomorrow."""
    counts: dict[str, Any] = {
        "open": func.count(),
        "overdue": func.count().filter(Task.due_at <= now),
        "today": func.count().filter(Task.due_at > now, Task.due_at <= tomorrow),
    }
    query = select(*(count.label(name) for name, count in counts.items())).where(*_mine(actor))
    if hidden := not_rated(actor):
        query = query.join(Case, Case.id == Task.case_id).where(*hidden)
    return dict(db.session.execute(query).mappings().one())


def _mine(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return Task.programme == actor.programme, Task.department == actor.department, Task.status.in_(OPEN)
