"""What whoever supervises a programme looks at: who is late, who was told, and how often departments take the easier way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select

from app.cases.inbox import Entry, read_entries
from app.cases.models import Case, CaseDeadline, Extension, Firing, Round, Task
from app.cases.outline import OPEN, RUNNING, SUPERVISED
from app.cases.visibility import Concern, concerns_of, visible_cases
from app.db import db
from app.errors import NotPermitted
from app.identity.actor import Actor
from app.identity.models import Account
from app.revisits.secrecy import hidden_tasks

MOST = 50
COMPLEX = "complex"


class OversightOnly(NotPermitted):
    """Only the overseer, the superior, leaders and discipline auditors look across departments."""

    code = "oversight_only"


@dataclass(frozen=True)
class Share:
    """A part of a whole; both are told, so that nobody has to trust a percentage."""

    part: int = 0
    whole: int = 0

    def __add__(self, other: Share) -> Share:
        return Share(self.part + other.part, self.whole + other.whole)


@dataclass(frozen=True)
class Standing:
    """One department: what it has in hand now, and of the cases since a day the shares that ask for a question.

    `open`, `overdue` and `supervised` count its open steps. `complex` is of its verified
    rounds, `extended` of its rounds, both by who handles; `voided` is of the cases that
    rate it.
    """

    open: int = 0
    overdue: int = 0
    supervised: int = 0
    complex: Share = Share()
    voided: Share = Share()
    extended: Share = Share()

    def __add__(self, other: Standing) -> Standing:
        return Standing(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


@dataclass(frozen=True)
class Told:
    """A level of the ladder that came: when, and who heard of it: capacity, department, and name where one is known."""

    level: str
    fired_at: datetime
    people: tuple[tuple[str, str, str | None], ...]


@dataclass(frozen=True)
class Late:
    """An open step past its limit, and who was told so far."""

    entry: Entry
    told: tuple[Told, ...]


def require_oversight(actor: Actor) -> None:
    """Refuse whoever does not supervise the programme.

    Raises:
        OversightOnly: a department sees its own inbox, not the others'.
    """
    if Concern.OVERSIGHT not in concerns_of(actor):
        raise OversightOnly("督办台只对监督单位、上级单位、领导和纪检监察机构开放。")


def count_departments(actor: Actor, since: datetime, now: datetime) -> dict[str, Standing]:
    """Return where each department stands, most overdue first; the shares are of cases received from `since` on.

    Raises:
        OversightOnly: see `require_oversight`.
    """
    require_oversight(actor)
    found: dict[str, dict[str, Any]] = {}
    for department, *numbers in db.session.execute(_in_hand(actor, now)):
        found.setdefault(department, {}).update(zip(("open", "overdue", "supervised"), numbers, strict=True))
    for name, query in _shares(visible_cases(actor), since).items():
        for department, part, whole in db.session.execute(query):
            found.setdefault(department, {})[name] = Share(part, whole)
    standings = {department: Standing(**numbers) for department, numbers in found.items()}
    return dict(sorted(standings.items(), key=lambda each: (-each[1].overdue, -each[1].open, each[0])))


def total_of(standings: Iterable[Standing]) -> Standing:
    """Return all departments together."""
    return sum(standings, Standing())


def _open_steps(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return Task.programme == actor.programme, Task.status.in_(OPEN), visible_cases(actor), hidden_tasks(actor)


def _in_hand(actor: Actor, now: datetime) -> Select[str, int, int, int]:
    return (
        select(Task.department, func.count(), func.count().filter(Task.due_at <= now), func.count().filter(SUPERVISED))
        .join(Case, Case.id == Task.case_id)
        .outerjoin(CaseDeadline, RUNNING)
        .where(*_open_steps(actor))
        .group_by(Task.department)
    )


def _shares(mine: ColumnElement[bool], since: datetime) -> dict[str, Select[Any]]:
    received = (mine, Case.received_at >= since)
    granted = exists().where(Extension.case_id == Round.case_id, Extension.round == Round.number, Extension.granted.is_(True))
    rounds = select(Case.department).join(Round, Round.case_id == Case.id).where(*received).group_by(Case.department)
    verified = func.count().filter(Round.handling.is_not(None))
    return {
        "complex": rounds.add_columns(func.count().filter(Round.handling == COMPLEX), verified),
        "extended": rounds.add_columns(func.count().filter(granted), func.count()),
        "voided": select(Case.rated_department, func.count().filter(Case.voided_at.is_not(None)), func.count())
        .where(*received)
        .group_by(Case.rated_department),
    }


def list_late(actor: Actor, now: datetime) -> list[Late]:
    """Return the open steps past their limit, longest first, each with who was told of which level.

    Raises:
        OversightOnly: see `require_oversight`.
    """
    require_oversight(actor)
    late = select(Task.id).join(Case, Case.id == Task.case_id).where(*_open_steps(actor), Task.due_at <= now)
    entries = read_entries(late.order_by(Task.due_at, Task.id).limit(MOST))
    told = _told([each.deadline for each in entries])
    return [Late(each, tuple(told.get(each.deadline, ()))) for each in entries]


def _told(deadlines: list[int]) -> dict[int, list[Told]]:
    query = select(Firing).where(Firing.deadline_id.in_(deadlines), Firing.withdrawn.is_(None))
    firings = list(db.session.scalars(query.order_by(Firing.deadline_id, Firing.position)))
    logins = {each["person"] for firing in firings for each in firing.recipients if each["person"]}
    accounts = db.session.execute(select(Account.login, Account.name).where(Account.login.in_(logins)))
    names = {login: name for login, name in accounts}
    found: dict[int, list[Told]] = {}
    for firing in firings:
        people = tuple((each["capacity"], each["department"], names.get(each["person"])) for each in firing.recipients)
        found.setdefault(firing.deadline_id, []).append(Told(firing.level, firing.fired_at, people))
    return found
