"""The inbox of a department: what is open there, what is due first comes first. Cost follows open tasks, never cases."""

from __future__ import annotations

from collections.abc import Iterator
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


@dataclass(frozen=True)
class Wanted:
    """Which tasks of a department: one person's, one step's, and those due in [due_from, due_before)."""

    owner: str | None = None
    element: str | None = None
    due_from: datetime | None = None
    due_before: datetime | None = None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """Yield the conditions on `Task`."""
        if self.owner is not None:
            yield Task.owner == self.owner
        if self.element is not None:
            yield Task.element == self.element
        if self.due_from is not None:
            yield Task.due_at >= self.due_from
        if self.due_before is not None:
            yield Task.due_at < self.due_before


EVERY = Wanted()


def list_inbox(actor: Actor, after: tuple[datetime, int] | None, limit: int, wanted: Wanted = EVERY) -> list[Entry]:
    """Return the open tasks of the actor's department, due first.

    `after` is due moment and id of the last one seen. Whoever is rated themselves does not
    find the case here either (P3).
    """
    query = (
        select(Task, Case.number, Case.rated_department, Case.channel, Case.received_at, Instance.version)
        .join(Case, Case.id == Task.case_id)
        .join(Instance, Instance.case_id == Task.case_id)
        .where(*_mine(actor), *not_rated(actor), *wanted.conditions())
        .order_by(Task.due_at, Task.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(Task.due_at, Task.id) > after)
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


def count_inbox(actor: Actor, now: datetime, tomorrow: datetime, wanted: Wanted = EVERY) -> dict[str, int]:
    """Return how many tasks of the actor's department are open, how many of them late, and due before tomorrow."""
    counts: dict[str, Any] = {
        "open": func.count(),
        "overdue": func.count().filter(Task.due_at <= now),
        "today": func.count().filter(Task.due_at > now, Task.due_at <= tomorrow),
    }
    query = select(*(count.label(name) for name, count in counts.items())).where(*_mine(actor), *wanted.conditions())
    if hidden := not_rated(actor):
        query = query.join(Case, Case.id == Task.case_id).where(*hidden)
    return dict(db.session.execute(query).mappings().one())


def _mine(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return Task.programme == actor.programme, Task.department == actor.department, Task.status.in_(OPEN)


def steps_in_inbox(actor: Actor) -> dict[str, str]:
    """Return the steps that are open in the actor's department: element → name."""
    query = (
        select(Task.element, func.max(Instance.version))
        .join(Instance, Instance.case_id == Task.case_id)
        .where(*_mine(actor))
        .group_by(Task.element)
    )
    found = {element: bundle_of(version).program.definition.nodes[element].name for element, version in db.session.execute(query)}
    return dict(sorted(found.items(), key=lambda pair: pair[1]))
