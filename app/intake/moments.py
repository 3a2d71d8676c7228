"""Moments as people, exchanges and Excel write them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

# Day 1 of Excel is 1900-01-01, and its 1900 has a 29 February; from March 1900 on this is day 0.
EXCEL_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001  Excel knows no zones
LAST_EXCEL_DAY = 2_958_465

_SERIAL = re.compile(r"\d{5}(\.\d+)?\Z")
_DIGITS = re.compile(r"\d+\Z")
_WRITTEN = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[T\s]*(\d{1,2})[:：时](\d{1,2})(?:[:：分](\d{1,2})秒?|分)?)?\Z"
)


class NoMoment(ValueError):
    """A text that is no moment, or one that the calendar does not have."""


def read_moment(text: str) -> datetime:
    """Return the moment, with the offset it is written with, or none.

    Taken are ISO 8601, `2025/4/1 9:30`, `2025年4月1日 9时30分`, the digits alone (of a day,
    to the minute, to the second), and Excel's day number (`45748.395`), rounded to the second.

    Raises:
        NoMoment: it is none of these, or no such day is in the calendar.
    """
    try:
        return _read(text)
    except (ValueError, OverflowError) as error:
        raise NoMoment(text) from error


def _read(text: str) -> datetime:
    if _SERIAL.match(text):
        return from_excel(float(text))
    if _DIGITS.match(text):
        return _from_digits(text)
    if found := _WRITTEN.match(text):
        return datetime(*(int(part or 0) for part in found.groups()))  # type: ignore[arg-type]  # noqa: DTZ001  the caller adds the zone
    return datetime.fromisoformat(text)


def from_excel(days: float) -> datetime:
    """Return the moment of Excel's day number, rounded to the second, as Excel shows it.

    Raises:
        NoMoment: it lies outside of Excel's calendar.
    """
    if not 0 <= days <= LAST_EXCEL_DAY:
        raise NoMoment(days)
    return EXCEL_DAY_ZERO + timedelta(seconds=round(days * 86_400))


def _from_digits(text: str) -> datetime:
    """Read digits alone; `fromisoformat` would take some of them for something else."""
    if len(text) not in (8, 12, 14):
        raise NoMoment(text)
    parts = [text[:4], *(text[at : at + 2] for at in range(4, len(text), 2))]
    return datetime(*map(int, parts))  # type: ignore[arg-type]  # noqa: DTZ001  the caller adds the zone
