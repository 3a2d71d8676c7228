"""Reviews that somebody of the office writes down for a person: said to 12345, written on a card, asked for by phone (C4-C6).

They come in as every other review does; here is who may, about which service, and by which channel.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select

from app.audit.record import record
from app.catalogue.links import SERVICE, Link
from app.catalogue.models import Department
from app.clock import SHANGHAI
from app.db import db
from app.deadlines.moments import day_in_china
from app.errors import Invalid, NotPermitted
from app.identity.actor import Actor, act_of
from app.identity.models import Reviewer
from app.identity.reviewers import phone_key, read_reviewer
from app.identity.rights import Right, require_right
from app.identity.vault import Vault, mask_name, mask_phone
from app.intake.batch import Row
from app.intake.defaults import DEFAULT
from app.intake.giving import Given, row_of
from app.intake.lateness import CARD
from app.intake.models import Review, ServiceRecord
from app.intake.queries import find_channel
from app.intake.served import ITEM_NAME, WINDOW_NAME, same_service
from app.programmes.versions import bundle_of, current_version

HOTLINE, CALLBACK = "hotline", "callback"
WAYS = {HOTLINE: "12345 来电", CARD: "评议卡", CALLBACK: "电话补评"}
# Who calls speaks of what they did lately; an older matter is found by its number.
LATELY = timedelta(days=30)
MOST = 30


class NotTheTypist(NotPermitted):
    """Cards are typed where the reviews of all departments come together, by nobody who is rated there."""

    code = "not_the_typist"


class WayClosed(Invalid):
    """The catalogue has no channel for this way."""

    code = "way_closed"


class WrongDay(Invalid):
    """A card is from no day before its service, and from none to come."""

    code = "wrong_day"


@dataclass(frozen=True)
class Matter:
    """A service that somebody may speak of; `who` is masked, `is_given` once there is a review of it."""

    record: str
    visit: int
    served_on: date
    item: str
    window: str
    department: str
    who: str
    staff: str | None
    is_given: bool


def find_matters_of_caller(actor: Actor, sought: str, vault: Vault, now: datetime) -> list[Matter]:
    """Return the services of the last 30 days of whoever has a phone, or those of a record's number; newest first.

    Every look is recorded with whom it found.
    """
    require_right(actor, Right.TAKE_CALLS)
    index = phone_key(actor.programme, sought, vault)
    persons = select(Reviewer.id).where(Reviewer.programme == actor.programme, Reviewer.phone_index == index)
    lately = ServiceRecord.served_on >= day_in_china(now) - LATELY
    of_caller = and_(ServiceRecord.reviewer.in_(persons), lately)
    rows = list(db.session.execute(_services(actor, or_(of_caller, ServiceRecord.record == sought))))
    told = sorted({row.reviewer for row in rows if row.reviewer is not None})
    record("identity", act_of(actor, "look_up", {"reviewers": told}), now)
    return _matters(rows, actor, vault)


def find_matters_of_record(actor: Actor, number: str, vault: Vault) -> list[Matter]:
    """Return the services of a record's number, newest first."""
    require_typist(actor)
    return _matters(db.session.execute(_services(actor, ServiceRecord.record == number)), actor, vault)


def require_typist(actor: Actor) -> None:
    """Refuse whoever is not of a department that is concerned with all reviews.

    Raises:
        RightMissing, NotTheTypist: with the reason.
    """
    require_right(actor, Right.TYPE_CARDS)
    if not bundle_of(current_version(actor.programme)).rules.concerns_all(actor.department):
        raise NotTheTypist("评议卡和电话补评由政务服务中心录入，您单位不录入。")


def _services(actor: Actor, which: ColumnElement[bool]) -> Select[Any]:
    given = select(Review.id).where(same_service(Review, ServiceRecord), Review.sequence != DEFAULT).exists()
    named = (ITEM_NAME, WINDOW_NAME, Department.name.label("department"))
    columns = [getattr(ServiceRecord, name) for name in ("record", "visit", "served_on", "reviewer", "staff")]
    return (
        select(*columns, *named, given.label("given"))
        .outerjoin(Department, and_(Department.programme == ServiceRecord.programme, Department.code == ServiceRecord.department))
        .where(ServiceRecord.programme == actor.programme, which)
        .order_by(ServiceRecord.served_on.desc(), ServiceRecord.received_at.desc())
        .limit(MOST)
    )  # fmt: skip


def _matters(rows: Iterable[Any], actor: Actor, vault: Vault) -> list[Matter]:
    return [
        Matter(
            row.record, row.visit, row.served_on, row.item or "", row.window or "", row.department or "",
            _masked(row.reviewer, actor.programme, vault), row.staff, row.given,
        )
        for row in rows
    ]  # fmt: skip


def _masked(reviewer: int | None, programme: str, vault: Vault) -> str:
    if reviewer is None:
        return ""
    person = read_reviewer(reviewer, programme, vault)
    return f"{mask_name(person.name)} {mask_phone(person.phone) if person.phone else ''}".strip()


def row_of_call(actor: Actor, link: Link, given: Given, now: datetime) -> Row:
    """Return the row of what a caller says of a service.

    Raises:
        RightMissing: the actor takes no calls.
        WayClosed: there is no such channel.
    """
    require_right(actor, Right.TAKE_CALLS)
    return _typed(row_of(link, given, now), actor.login, HOTLINE)


def row_of_card(actor: Actor, matter: Matter, given: Given, way: str, said_on: date, now: datetime) -> Row:
    """Return the row of what a card says, or somebody who was called; `said_on` is the day that stands on it.

    Raises:
        RightMissing, NotTheTypist: the actor types none, or is the one rated.
        WrongDay: the card cannot be from that day.
        WayClosed: there is no such channel.
    """
    require_typist(actor)
    if matter.staff in actor.staff_codes:
        raise NotTheTypist("评议卡不能由被评价人录入，请交给同事。")
    if not matter.served_on <= said_on <= day_in_china(now):
        raise WrongDay(f"卡上的日期应在办理那天（{matter.served_on:%Y-%m-%d}）至今天之间，请核对。")
    link = Link(SERVICE, actor.programme, (matter.record, str(matter.visit)))
    return _typed(row_of(link, given, _said_at(said_on, now)), actor.staff or actor.login, way)


def _said_at(said_on: date, now: datetime) -> datetime:
    """Return the moment of a card: this one, or the end of the former day on which it was written."""
    if said_on == day_in_china(now):
        return now
    return datetime(said_on.year, said_on.month, said_on.day, 23, 59, tzinfo=SHANGHAI)


def _typed(row: Row, by: str, way: str) -> Row:
    channel = find_channel(row["programme"], way)
    if channel is None:
        raise WayClosed(f"名录里没有“{WAYS[way]}”的渠道，还不能登记。请系统管理员在名录里增加一个细类为 {way} 的渠道。")
    return row | {"pf": None, "channel": channel, "typedBy": by}
