"""Why a date is the date: the days of a limit laid out by weeks, each saying whether it counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from app.clock import SHANGHAI

WEEK = timedelta(days=7)
ONE_DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True)
class Cell:
    """One day: what kind it is, and its running number where it counts."""

    day: date
    kinds: tuple[str, ...]
    number: int | None

    @property
    def says(self) -> str:
        """What stands under the date."""
        if self.number is not None:
            return str(self.number)
        return {"start": "起", "rest": "休", "last": "止"}.get(self.kinds[0], "") if self.kinds else ""


@dataclass(frozen=True)
class Stretch:
    """The days of one reckoning: the counted ones with their running numbers."""

    start: date
    last: date
    numbers: dict[date, int]
    in_working_days: bool


def weeks(reckoning: dict[str, Any], today: date) -> list[list[Cell]]:
    """Return the weeks, Monday first, from the start day to the last day; nothing for a day that was set by hand."""
    if not reckoning["counted"] or not reckoning["started_at"]:
        return []
    start = datetime.fromisoformat(reckoning["started_at"]).astimezone(SHANGHAI).date()
    last = date.fromisoformat(reckoning["last_day"])
    numbers = {date.fromisoformat(day): n for n, day in enumerate(reckoning["counted"], 1)}
    stretch = Stretch(start, last, numbers, "wd" in (reckoning["limit"] or "wd"))
    return [[_cell(monday + n * ONE_DAY, stretch, today) for n in range(7)] for monday in _mondays(stretch)]


def _mondays(stretch: Stretch) -> Iterator[date]:
    monday = stretch.start - timedelta(days=stretch.start.weekday())
    while monday <= stretch.last:
        yield monday
        monday += WEEK


def _cell(day: date, stretch: Stretch, today: date) -> Cell:
    """Return a day with all that it is; outside of the stretch it is nothing."""
    counts, inside = day in stretch.numbers, stretch.start <= day <= stretch.last
    kinds = {
        "counted": counts,
        "made-up": counts and stretch.in_working_days and day.weekday() >= SATURDAY,
        "start": day == stretch.start and not counts,
        "rest": inside and not counts and day != stretch.start,
        "last": day == stretch.last,
        "to-come": counts and day > today,
        "now": inside and day == today,
    }
    return Cell(day, tuple(kind for kind, holds in kinds.items() if holds), stretch.numbers.get(day))


@dataclass(frozen=True)
class Rest:
    """Days in a row that do not count, for one reason."""

    first: date
    last: date
    reason: str

    @property
    def days(self) -> int:
        """How many they are."""
        return (self.last - self.first).days + 1


def rests(reckoning: dict[str, Any]) -> list[Rest]:
    """Return the days that were skipped, those in a row with one reason together."""
    found: list[Rest] = []
    for each in reckoning["skipped"]:
        day, reason = date.fromisoformat(each["day"]), each["reason"]
        if found and found[-1].reason == reason and found[-1].last + ONE_DAY == day:
            found[-1] = Rest(found[-1].first, day, reason)
        else:
            found.append(Rest(day, day, reason))
    return found
