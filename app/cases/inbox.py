"""The inbox of a department: what is open there, what is due first comes first. Cost follows open tasks, never cases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Select, and_, any_, bindparam, case, func, select, true, tuple_

from app.calendars.queries import newest_of_all
from app.cases import store
from app.cases.models import Case, CaseDeadline, Instance, Task
from app.cases.outline import OPEN, RUNNING, SUPERVISED
from app.cases.visibility import not_rated
from app.catalogue.models import CatalogueEntry
from app.db import db
from app.deadlines.left import SOON
from app.deadlines.moments import day_in_china, too_late
from app.identity.accounts import list_colleagues
from app.identity.actor import Actor
from app.identity.models import Account
from app.intake.models import Review, ServiceRecord
from app.intake.served import same_service
from app.programmes.versions import bundle_of, current_version

# A review by its key: day, programme, record and visit of the service, and its sequence.
Reviewed = tuple[date, str, str, int, int]
# As many matters or windows as somebody reads through to choose one.
CHOICES = 50


class Near(StrEnum):
    """How near the ends of limits are, as the tabs of an inbox part it: each task is in exactly one."""

    OVER = "over"
    TODAY = "today"
    SOON = "soon"
    LATER = "later"
    PROVISIONAL = "provisional"  # later, and a notice may still move the date


class Sort(StrEnum):
    """What comes first."""

    DUE = "due"  # what is due first
    NEWEST = "newest"  # what came last


@dataclass(frozen=True)
class Entry:
    """One task that waits, with what of its limit and its case an inbox shows; no personal data.

    `person` is the name of its owner, `version` the programme's in which the case runs, `about`
    what it is about: a service and the review of it, or a complaint.
    """

    id: int
    number: str
    element: str
    name: str
    lane: str
    department: str
    owner: str
    person: str
    is_taken: bool
    status: str
    round: int
    opened_at: datetime
    due_at: datetime
    last_day: date
    in_working_days: bool
    is_provisional: bool
    is_supervised: bool
    deadline: int
    rated_department: str
    channel: str
    received_at: datetime
    version: int
    about: Reviewed


@dataclass(frozen=True)
class Horizon:
    """The instants that part an inbox: now, the ends of today, of this week, and of the second day from now in either unit.

    They were reckoned by the rules of a `version` of the programme and by the calendar with its `newest` notice.
    """

    now: datetime
    version: int
    newest: int
    today_ends: datetime
    week_ends: datetime
    soon_ends: dict[bool, datetime]  # whether limits count working days → the end

    def nearness(self) -> ColumnElement[str]:
        """Return which tab a task is in. A limit that ends with a day is due at the first instant of the next: still that day."""
        soon = case((Task.in_working_days, self.soon_ends[True]), else_=self.soon_ends[False])
        return case(
            (Task.due_at <= self.now, Near.OVER),
            (Task.due_at <= self.today_ends, Near.TODAY),
            (Task.due_at <= soon, Near.SOON),
            (Task.is_provisional, Near.PROVISIONAL),
            else_=Near.LATER,
        )

    def only(self, near: Near) -> ColumnElement[bool]:
        """Return the condition on tasks of one tab."""
        return self.nearness() == near


def horizon(programme: str, now: datetime) -> Horizon:
    """Return the horizon of a programme's inboxes at a moment, by the calendar as it is now."""
    version, newest = current_version(programme), newest_of_all()
    calendar = store.calendar(bundle_of(version).rules.calendar, newest)
    today = day_in_china(now)
    last = {True: calendar.working_day_after(today, SOON), False: today + timedelta(days=SOON)}
    sunday = today + timedelta(days=6 - today.weekday())
    soon_ends = {unit: too_late(day, None) for unit, day in last.items()}
    return Horizon(now, version, newest, too_late(today, None), too_late(sunday, None), soon_ends)


@dataclass(frozen=True)
class Wanted:
    """Which tasks of a department; what is None is not asked for.

    `owner` is a login, `is_taken` whether somebody has taken them, `status` open or waiting
    for a signature, `acts` what the step's diagram says it means, `item`, `window` and `level`
    are of the review; `due` is as `Horizon.only` returns it, `found` as a search.
    """

    owner: str | None = None
    is_taken: bool | None = None
    status: str | None = None
    element: str | None = None
    item: str | None = None
    window: str | None = None
    level: int | None = None
    acts: frozenset[str] = frozenset()
    due: ColumnElement[bool] | None = None
    found: ColumnElement[bool] | None = None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """Yield the conditions on `Task` and `Case`."""
        equal = {Task.owner: self.owner, Task.status: self.status, Task.element: self.element}
        yield from (column == value for column, value in equal.items() if value is not None)
        if self.acts:
            yield Task.act.in_(self.acts)
        if self.is_taken is not None:
            yield Task.claimed_at.is_not(None) if self.is_taken else Task.claimed_at.is_(None)
        if self.item is not None or self.window is not None:
            of_service = {"item": self.item, "window": self.window}
            yield _has(ServiceRecord, {name: value for name, value in of_service.items() if value is not None})
        if self.level is not None:
            yield _has(Review, {"level": self.level, "sequence": Case.sequence})
        yield from (each for each in (self.due, self.found) if each is not None)

    @property
    def is_every(self) -> bool:
        """Whether nothing is asked for: every open task of the department is wanted."""
        return next(self.conditions(), None) is None

    @property
    def asks_about_cases(self) -> bool:
        """Whether the conditions are on `Case` too."""
        return any(each is not None for each in (self.item, self.window, self.level, self.found))


EVERY = Wanted()


def _has(model: Any, values: dict[str, Any]) -> ColumnElement[bool]:
    """Whether a case's service or review has these values."""
    equal = (getattr(model, name) == value for name, value in values.items())
    return select(model.served_on).where(same_service(model, Case), *equal).exists()


def list_inbox(
    actor: Actor, after: tuple[datetime, int] | None, limit: int, wanted: Wanted = EVERY, sort: Sort = Sort.DUE
) -> list[Entry]:
    """Return the open tasks of the actor's department in the order asked for.

    `after` is `place_of` the last one seen. Whoever is rated themselves does not find the
    case here either (P3).
    """
    column = Task.due_at if sort is Sort.DUE else Task.opened_at
    place, order = tuple_(column, Task.id), (column, Task.id)
    query = _tally(actor, wanted, Task.id).limit(limit)
    if sort is Sort.DUE:
        return read_entries(query.where(place > after if after else true()).order_by(*order))
    return read_entries(query.where(place < after if after else true()).order_by(*(each.desc() for each in order)))


def place_of(entry: Entry, sort: Sort) -> tuple[datetime, int]:
    """Return the place of a task in an order, after which the next page begins."""
    return (entry.due_at if sort is Sort.DUE else entry.opened_at), entry.id


def _open_tasks(actor: Actor, wanted: Wanted, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Task)
        .join(Case, Case.id == Task.case_id)
        .where(*_mine(actor), *not_rated(actor), *wanted.conditions())
    )


def _tally(actor: Actor, wanted: Wanted, *columns: Any) -> Select[Any]:
    """Return a query for columns of `Task` alone: the cases are looked at only where something of them is asked for."""
    if actor.staff_codes or wanted.asks_about_cases:
        return _open_tasks(actor, wanted, *columns)
    return select(*columns).where(*_mine(actor), *wanted.conditions())


# Of the same names as in `Entry`.
SHOWN = (
    *(Task.id, Task.element, Task.lane, Task.department, Task.owner, Task.claimed_at.is_not(None).label("is_taken")),
    *(Task.status, Task.round, Task.opened_at, Task.due_at, Task.in_working_days, Task.is_provisional),
    *(CaseDeadline.id.label("deadline"), CaseDeadline.last_day, SUPERVISED.label("is_supervised")),
    *(Case.number, Case.rated_department, Case.channel, Case.received_at, Instance.version),
    func.coalesce(Account.name, Task.owner).label("person"),
)
REVIEWED = (Case.served_on, Case.programme, Case.record, Case.visit, Case.sequence)
ENTRIES = (
    select(*SHOWN, *REVIEWED)
    .select_from(Task)
    .join(Case, Case.id == Task.case_id)
    .join(Instance, Instance.case_id == Task.case_id)
    .join(CaseDeadline, RUNNING)
    .outerjoin(Account, Account.login == Task.owner)
    .where(Task.id == any_(bindparam("tasks", type_=ARRAY(BigInteger))))
)


def read_entries(found: Select[Any]) -> list[Entry]:
    """Return open tasks with what an inbox shows of them, in the order in which a query finds their ids."""
    ids = db.session.scalars(found).all()
    rows = {row["id"]: dict(row) for row in db.session.execute(ENTRIES, {"tasks": ids}).mappings()}
    return [_entry(rows[each]) for each in ids if each in rows]


def _entry(shown: dict[str, Any]) -> Entry:
    node = bundle_of(shown["version"]).program.definition.nodes[shown["element"]]
    about = tuple(shown.pop(column.key) for column in REVIEWED)
    return Entry(name=node.name, about=about, **shown)


def count_inbox(actor: Actor, at: Horizon, wanted: Wanted = EVERY) -> dict[Near, int]:
    """Return how many open tasks of the actor's department are in each tab; together they are all."""
    near = at.nearness().label("near")
    counted = _tally(actor, wanted, near, func.count())
    found = {Near(code): number for code, number in db.session.execute(counted.group_by(near))}
    return {each: found.get(each, 0) for each in Near}


def _mine(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return Task.programme == actor.programme, Task.department == actor.department, Task.status.in_(OPEN)


@dataclass(frozen=True)
class Overview:
    """What is open in a department: how many there are in each tab and in the usual views, and the steps they stand at.

    `newest` is the number of the newest task, 0 without any: what comes later has a higher one.
    """

    near: dict[Near, int]
    every: int
    mine: int
    free: int
    submitted: int
    newest: int
    steps: dict[str, str]  # element → name, by name


def overview(actor: Actor, at: Horizon) -> Overview:
    """Return the overview of the actor's department; its tasks are gone through once."""
    kinds = (
        Task.element,
        at.nearness().label("near"),
        (Task.owner == actor.login).label("is_mine"),
        Task.claimed_at.is_(None).label("is_free"),
        (Task.status == "submitted").label("is_submitted"),
    )
    newest = (func.max(Task.id).label("newest"), func.max(Task.case_id).label("newest_case"))
    counted = _tally(actor, EVERY, *kinds, func.count().label("number"), *newest)
    rows = db.session.execute(counted.group_by(*kinds)).all()
    return Overview(
        near={each: sum(row.number for row in rows if row.near == each) for each in Near},
        every=sum(row.number for row in rows),
        mine=sum(row.number for row in rows if row.is_mine),
        free=sum(row.number for row in rows if row.is_free),
        submitted=sum(row.number for row in rows if row.is_submitted),
        newest=max((row.newest for row in rows), default=0),
        steps=_names_of_steps({row.element: row.newest_case for row in rows}, at.version),
    )


def _names_of_steps(newest: dict[str, int], version: int) -> dict[str, str]:
    """Return the names of elements, by name: as a version's diagram says, else as that of the newest of the element's cases."""
    nodes = dict(bundle_of(version).program.definition.nodes)
    gone = [case_id for element, case_id in newest.items() if element not in nodes]
    if gone:
        query = select(Instance.version).where(Instance.case_id.in_(gone)).distinct()
        for older in db.session.scalars(query.order_by(Instance.version)):
            nodes = {**bundle_of(older).program.definition.nodes, **nodes}
    return dict(sorted(((element, nodes[element].name) for element in newest), key=lambda pair: pair[1]))


def count_newer(actor: Actor, task: int, wanted: Wanted) -> int:
    """Return how many of the wanted tasks came after one."""
    return db.session.scalar(_tally(actor, wanted, func.count()).where(Task.id > task)) or 0


def choices_in_inbox(actor: Actor, kind: str) -> list[tuple[str, str, int]]:
    """Return the matters (`item`) or windows with open tasks of the department: code, name and how many; most first."""
    code = getattr(ServiceRecord, kind)
    named = and_(CatalogueEntry.programme == Case.programme, CatalogueEntry.kind == kind, CatalogueEntry.code == code)
    query = (
        _open_tasks(actor, EVERY, code, func.coalesce(CatalogueEntry.name, code), func.count().label("number"))
        .join(ServiceRecord, same_service(ServiceRecord, Case))
        .outerjoin(CatalogueEntry, named)
        .where(code.is_not(None))
        .group_by(code, CatalogueEntry.name)
    )
    rows = db.session.execute(query.order_by(func.count().desc(), code).limit(CHOICES))
    return [(found, name, number) for found, name, number in rows]


@dataclass(frozen=True)
class Load:
    """How much somebody of the department has in hand; of that what is late, due this week, and waits for a signature.

    Without a login: what nobody has taken.
    """

    login: str
    name: str
    post: str
    total: int = 0
    late: int = 0
    this_week: int = 0
    submitted: int = 0


def loads(actor: Actor, at: Horizon) -> list[Load]:
    """Return the load of everybody who works on tasks in the department, most in hand first; then what nobody has taken."""
    person = case((Task.claimed_at.is_(None), ""), else_=Task.owner).label("person")
    conditions = (Task.due_at <= at.now, (Task.due_at > at.now) & (Task.due_at <= at.week_ends), Task.status == "submitted")
    counts = (func.count(), *(func.count().filter(condition) for condition in conditions))
    query = _tally(actor, EVERY, person, *counts).group_by(person)
    found = {login: numbers for login, *numbers in db.session.execute(query)}
    people = [Load(each.login, each.name, each.actor().role.label, *found.get(each.login, ())) for each in list_colleagues(actor)]
    return [*sorted(people, key=lambda load: -load.total), Load("", "待认领", "", *found.get("", ()))]
