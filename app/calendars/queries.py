"""The calendar of a programme, built from the notices of its layers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.calendars.models import CalendarDay, CalendarNotice
from app.calendars.notice import Notice
from app.db import db
from app.deadlines.calendar import NATIONAL, Day, Layer, WorkCalendar


class Spoken(NamedTuple):
    """The notice that speaks for a layer and year, without its days."""

    id: int
    layer: str
    area: str
    year: int
    known_from: date


# Layers and their newest notice to the calendar. Ids are never used twice, not even
# after a rollback; the digest guards against a database that was put in its place.
Newest = tuple[int, str]
NEWEST_OF_ALL = select(func.coalesce(func.max(CalendarNotice.id), 0))
_CACHE_SIZE = 64
_cache: dict[tuple[tuple[str, ...], Newest], WorkCalendar] = {}


def newest_notice(session: Session, layer: str, year: int) -> CalendarNotice | None:
    """Return the notice that speaks for a layer and year now."""
    of_year = select(CalendarNotice).where(CalendarNotice.layer == layer, CalendarNotice.year == year)
    return session.scalars(of_year.order_by(CalendarNotice.id.desc()).limit(1)).first()


def newest_of_all() -> int:
    """Return the id of the newest notice of all, 0 without any: what a calendar was reckoned by is known by it."""
    return int(db.session.connection().execute(NEWEST_OF_ALL).scalar_one())


class Loaded(NamedTuple):
    """A loaded notice with how many days it frees and how many it makes working ones; `speaks` unless a newer one does."""

    notice: CalendarNotice
    off: int
    worked: int
    speaks: bool


def list_notices(session: Session) -> list[Loaded]:
    """Return all notices that were ever loaded: by layer, newest year first, then newest loading first."""
    days = (func.count().filter(CalendarDay.is_off), func.count().filter(~CalendarDay.is_off))
    counts = {
        key: (off, worked)
        for key, off, worked in session.execute(select(CalendarDay.notice_id, *days).group_by(CalendarDay.notice_id))
    }
    order = (CalendarNotice.layer, CalendarNotice.year.desc(), CalendarNotice.id.desc())
    found: list[Loaded] = []
    for notice in session.scalars(select(CalendarNotice).order_by(*order)):
        speaks = not found or (found[-1].notice.layer, found[-1].notice.year) != (notice.layer, notice.year)
        found.append(Loaded(notice, *counts.get(notice.id, (0, 0)), speaks))
    return found


def calendar_for(session: Session, layers: Sequence[str], version: int | None = None) -> WorkCalendar:
    """Return the calendar of these layers, lowest first, as it was at a version (None: now).

    The calendar's own version is the newest notice of its layers that it contains, 0
    without any. Calendars are made once per process and version and are shared.
    """
    newest = _newest_of(session, layers, version)
    key = (tuple(layers), newest)
    if (found := _cache.get(key)) is not None:
        return found
    spoken = _spoken(session, layers, newest[0])
    days = _days(session, [notice.id for notice in spoken])
    calendar = WorkCalendar([_layer(code, spoken, days) for code in layers], newest[0])
    if len(_cache) >= _CACHE_SIZE:
        _cache.clear()
    return _cache.setdefault(key, calendar)


def calendar_with(session: Session, layers: Sequence[str], notice: Notice) -> WorkCalendar:
    """Return the calendar as it would be with a notice that is not loaded.

    Its version is one more than the present one; where the notice is of another
    layer, it is the present calendar.
    """
    present = calendar_for(session, layers)
    if notice.layer not in layers:
        return present
    spoken = [
        known for known in _spoken(session, layers, present.version) if (known.layer, known.year) != (notice.layer, notice.year)
    ]
    days = _days(session, [known.id for known in spoken])
    new_id = present.version + 1
    spoken.append(Spoken(new_id, notice.layer, notice.area, notice.year, notice.known_from))
    days[new_id] = list(notice.days)
    return WorkCalendar([_layer(code, spoken, days) for code in layers], new_id)


def _newest_of(session: Session, layers: Sequence[str], version: int | None) -> Newest:
    """Return id and digest of the newest notice of these layers up to a version; one cheap query a step."""
    newest = select(CalendarNotice.id, CalendarNotice.digest).where(CalendarNotice.layer.in_(layers))
    if version is not None:
        newest = newest.where(CalendarNotice.id <= version)
    row = session.execute(newest.order_by(CalendarNotice.id.desc()).limit(1)).first()
    return (row.id, row.digest) if row else (0, "")


def _spoken(session: Session, layers: Sequence[str], version: int) -> tuple[Spoken, ...]:
    """Return the newest notice of each layer and year at a version, oldest id first."""
    columns = (CalendarNotice.id, CalendarNotice.layer, CalendarNotice.area, CalendarNotice.year)
    newest = (
        select(*columns, CalendarNotice.known_from)
        .ext(distinct_on(CalendarNotice.layer, CalendarNotice.year))
        .where(CalendarNotice.layer.in_(layers), CalendarNotice.id <= version)
        .order_by(CalendarNotice.layer, CalendarNotice.year, CalendarNotice.id.desc())
    )
    return tuple(sorted(Spoken(*row) for row in session.execute(newest).all()))


def _days(session: Session, notices: Sequence[int]) -> dict[int, list[Day]]:
    """Return the days that each notice names."""
    named = select(CalendarDay.notice_id, CalendarDay.day, CalendarDay.is_off, CalendarDay.name)
    days: dict[int, list[Day]] = defaultdict(list)
    for notice_id, day, is_off, name in session.execute(named.where(CalendarDay.notice_id.in_(notices))):
        days[notice_id].append(Day(day, is_off, name))
    return days


def _layer(code: str, spoken: Iterable[Spoken], days: dict[int, list[Day]]) -> Layer:
    """Put a layer together; where notices of neighbouring years name the same day, the newer loading holds."""
    notices = sorted(notice for notice in spoken if notice.layer == code)
    areas = [notice.area for notice in notices if notice.area]
    named = {day.day: day for notice in notices for day in days.get(notice.id, [])}
    known = {notice.year: notice.known_from for notice in notices}
    return Layer(code, areas[-1] if areas else _unnamed(code), tuple(named.values()), known)


def _unnamed(code: str) -> str:
    """Return what to call a layer whose notices do not say their area."""
    return "" if code == NATIONAL else code
