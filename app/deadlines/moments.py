"""Between instants and days in China. Every instant is aware and leaves in UTC; a naive one is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from app.clock import SHANGHAI
from app.deadlines.errors import BeyondCalendar, MomentMalformed, MomentNaive

FIRST_YEAR, LAST_YEAR = 1950, 2199
ONE_DAY = timedelta(days=1)


def parse_moment(text: str) -> datetime:
    """Read an ISO 8601 moment that says its offset, and return it in UTC.

    Raises:
        MomentMalformed: not a date with a time of day.
        MomentNaive: no offset.
        BeyondCalendar: a year that no calendar reaches.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise MomentMalformed(f"时间“{text[:40]}”看不懂，应写作2025-04-11T10:00+08:00") from None
    return in_utc(moment)


def in_utc(moment: datetime) -> datetime:
    """Return the same instant in UTC.

    Raises:
        MomentNaive: the moment has no offset; the host's zone is never assumed.
        BeyondCalendar: a year before 1950 or after 2199.
    """
    if moment.utcoffset() is None:
        raise MomentNaive("时间没有写明时区，应写作2025-04-11T10:00+08:00")
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise beyond(moment.year)
    return moment.astimezone(UTC)


def day_in_china(moment: datetime) -> date:
    """Return the day in China that an aware instant falls on."""
    return moment.astimezone(SHANGHAI).date()


def start_of(day: date) -> datetime:
    """Return the first instant of a day in China, in UTC."""
    return at_local(day, time.min)


def at_local(day: date, clock_time: time) -> datetime:
    """Return the instant at which clocks in China show this time on this day, in UTC."""
    return datetime.combine(day, clock_time, SHANGHAI).astimezone(UTC)


def too_late(day: date, closes_at: time | None) -> datetime:
    """Return the first instant after the day: its midnight, or its close of business."""
    return start_of(day + ONE_DAY) if closes_at is None else at_local(day, closes_at)


def iso(moment: datetime) -> str:
    """Return an instant as the API and prints write it: UTC, ending in Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def beyond(year: int) -> BeyondCalendar:
    """Return the error for a year outside of what is reckoned with."""
    return BeyondCalendar(f"{year}年超出日历可推算的范围（{FIRST_YEAR}年至{LAST_YEAR}年）", year=year)
