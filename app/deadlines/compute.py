"""When a limit runs out. The start day does not count; the n-th day is the last; the next midnight is too late."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from app.deadlines.calendar import Missing, Skipped, WorkCalendar
from app.deadlines.errors import ExtensionEmpty, NoDeadline
from app.deadlines.limits import Limit, Unit
from app.deadlines.moments import FIRST_YEAR, LAST_YEAR, ONE_DAY, beyond, day_in_china, in_utc, iso, too_late


class Extension(NamedTuple):
    """More time that was granted: so many days, or (limit None) up to a set date."""

    limit: Limit | None
    last_day: date


@dataclass(frozen=True)
class Deadline:
    """A moment from which an act is late, and the whole reckoning behind it.

    `counted` and `skipped` together are the days after the start day up to the last
    day, so that anybody can object to a single one; a date set by hand has neither.
    `due_at` is the first instant that is too late. `missing` is what the calendar
    did not know on the way: while it holds anything the date is provisional.
    """

    started_at: datetime | None
    limit: Limit | None
    due_at: datetime
    last_day: date
    counted: tuple[date, ...]
    skipped: tuple[Skipped, ...]
    missing: tuple[Missing, ...]
    calendar_version: int
    closes_at: time | None = None
    extensions: tuple[Extension, ...] = ()

    @property
    def provisional(self) -> bool:
        """Return whether a notice that is still to be loaded could move the date."""
        return bool(self.missing)

    def is_late(self, moment: datetime) -> bool:
        """Return whether an act at this moment comes too late; the due moment itself does."""
        return moment >= self.due_at

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON shape that page, API and print share."""
        return {
            "started_at": iso(self.started_at) if self.started_at else None,
            "limit": str(self.limit) if self.limit else None,
            "due_at": iso(self.due_at),
            "last_day": self.last_day.isoformat(),
            "closes_at": self.closes_at.isoformat("minutes") if self.closes_at else None,
            "provisional": self.provisional,
            "missing": [missing._asdict() for missing in self.missing],
            "counted": [day.isoformat() for day in self.counted],
            "skipped": [{"day": day.isoformat(), "reason": reason} for day, reason in self.skipped],
            "extensions": [
                {"limit": str(limit) if limit else None, "last_day": last_day.isoformat()} for limit, last_day in self.extensions
            ],
            "calendar_version": self.calendar_version,
        }


class _Stretch(NamedTuple):
    """What counting from a day came to."""

    last_day: date
    counted: tuple[date, ...]
    skipped: tuple[Skipped, ...]
    missing: tuple[Missing, ...]


def runs_out(from_at: datetime, limit: Limit, calendar: WorkCalendar, closes_at: time | None = None) -> Deadline:
    """Return when a limit that starts at a moment runs out.

    The day of the start, in China, does not count. A limit in natural days ends with
    its n-th day even when that is a holiday. A limit of 0 ends with the day itself;
    received on a rest day, or after the close of business where there is one, with
    the next working day. GC 二(一)(二), ZB 13.

    Raises:
        MomentNaive: the moment has no offset.
        BeyondCalendar: start or end outside of 1950 to 2199.
    """
    started_at = in_utc(from_at)
    start = day_in_china(started_at)
    if limit.n:
        stretch = _count(start, limit, calendar)
    else:
        stretch = _same_day(started_at, start, calendar, closes_at)
    return Deadline(started_at, limit, too_late(stretch.last_day, closes_at), *stretch, calendar.version, closes_at)


def _count(start: date, limit: Limit, calendar: WorkCalendar) -> _Stretch:
    """Count the days of a limit, the first one after the start day being 1."""
    if limit.unit is Unit.WORKING_DAYS:
        last_day = calendar.working_day_after(start, limit.n)
        return _stretch(start, last_day, calendar.missing(start + ONE_DAY, last_day), calendar)
    counted = tuple(start + timedelta(days=n) for n in range(1, limit.n + 1))
    if counted[-1].year > LAST_YEAR:
        raise beyond(counted[-1].year)
    return _Stretch(counted[-1], counted, (), ())


def _same_day(started_at: datetime, start: date, calendar: WorkCalendar, closes_at: time | None) -> _Stretch:
    """Return the start day while it can still be worked on, otherwise the next working day."""
    last_day = calendar.first_working_day(start)
    if too_late(last_day, closes_at) <= started_at:
        last_day = calendar.working_day_after(last_day, 1)
    return _stretch(start, last_day, calendar.missing(start, last_day), calendar)


def _stretch(start: date, last_day: date, missing: tuple[Missing, ...], calendar: WorkCalendar) -> _Stretch:
    """Sort the days after the start into those that count and those that do not."""
    counted = calendar.working_days(start, last_day)
    return _Stretch(last_day, counted, calendar.skipped_days(start, last_day), missing)


def end_of(day: date, calendar: WorkCalendar, closes_at: time | None = None, *, since: datetime | None = None) -> Deadline:
    """Return the deadline of a promised or set date: that day's end, rest day or not.

    Nothing is counted, so no notice can move it. `since`, where known, is when it was set.

    Raises:
        MomentNaive: `since` has no offset.
        BeyondCalendar: the day is outside of 1950 to 2199.
    """
    started_at = in_utc(since) if since else None
    return Deadline(started_at, None, _end(day, closes_at), day, (), (), (), calendar.version, closes_at)


def _end(day: date, closes_at: time | None) -> datetime:
    """Return the first instant after a day that a person wrote down, which may be any."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise beyond(day.year)
    return too_late(day, closes_at)


def extend(deadline: Deadline, limit: Limit, calendar: WorkCalendar) -> Deadline:
    """Return the deadline with more days added to the end of the old limit. XS 一(二)2.

    Counting goes on after the old last day, so two extensions of one day equal one of
    two. The calendar is the one that the deadline was reckoned with.

    Raises:
        ExtensionEmpty: no days are added.
        BeyondCalendar: the new end is outside of 1950 to 2199.
    """
    if limit.n == 0:
        raise ExtensionEmpty("延期至少为1天")
    more = _count(deadline.last_day, limit, calendar)
    return replace(
        deadline,
        due_at=too_late(more.last_day, deadline.closes_at),
        last_day=more.last_day,
        counted=deadline.counted + more.counted,
        skipped=deadline.skipped + more.skipped,
        missing=tuple(dict.fromkeys(deadline.missing + more.missing)),
        calendar_version=calendar.version,
        extensions=(*deadline.extensions, Extension(limit, more.last_day)),
    )


def extend_until(deadline: Deadline, day: date) -> Deadline:
    """Return the deadline moved to the end of a later day that somebody set. HK (六), SX 十四.

    The days in between are not counted: the set date binds, and no notice moves it.

    Raises:
        ExtensionEmpty: the day is not after the present last day.
        BeyondCalendar: the day is after 2199.
    """
    if day <= deadline.last_day:
        raise ExtensionEmpty(f"延期后的日期应晚于{deadline.last_day}")
    return replace(
        deadline,
        due_at=_end(day, deadline.closes_at),
        last_day=day,
        missing=(),
        extensions=(*deadline.extensions, Extension(None, day)),
    )


def later_of(*deadlines: Deadline | None) -> Deadline:
    """Return the deadline that falls due last; one that is not running (None) is ignored.

    Raises:
        NoDeadline: none is running.
    """
    running = [deadline for deadline in deadlines if deadline is not None]
    if not running:
        raise NoDeadline("没有一项期限已经起算")
    return max(running, key=lambda deadline: deadline.due_at)
