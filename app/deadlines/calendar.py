"""Which days are worked: a national layer, overlays above it, and what is not known yet."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from workalendar.core import SAT, SUN, Calendar

from app.deadlines.moments import FIRST_YEAR, LAST_YEAR, ONE_DAY, beyond

NATIONAL = "national"
WEEKEND = "周末"


@dataclass(frozen=True)
class Day:
    """One day that a notice names: off although it may be a weekday, or worked although at a weekend."""

    day: date
    is_off: bool
    name: str


@dataclass(frozen=True)
class Layer:
    """What one authority has announced.

    `known` maps each year whose notice is loaded to the first day that the notice
    answers for: 1 January, or later when part of the year could not be found.
    `area` is empty for the whole country.
    """

    code: str
    area: str
    days: tuple[Day, ...]
    known: Mapping[int, date]

    @classmethod
    def of_years(cls, code: str, area: str, days: Iterable[Day], years: Iterable[int]) -> Layer:
        """Make a layer whose notices answer for all of each year."""
        return cls(code, area, tuple(days), {year: date(year, 1, 1) for year in years})

    def is_known(self, first: date, year: int) -> bool:
        """Return whether the year is answered for from this day on; a day before the year means all of it."""
        known_from = self.known.get(year)
        return known_from is not None and known_from <= max(first, date(year, 1, 1))


class Missing(NamedTuple):
    """A layer of a year that no loaded notice answers for."""

    layer: str
    year: int
    area: str


class Skipped(NamedTuple):
    """A day that did not count, and why."""

    day: date
    reason: str


class _Year(NamedTuple):
    """A year laid out once: its working days, and its days of rest with their reasons."""

    working: list[date]
    resting: list[date]
    skipped: list[Skipped]


class WorkCalendar(Calendar):  # type: ignore[misc]  # the base class has no types
    """The working days of a programme, from the national layer upwards; a later layer overrules.

    A year that a layer has not loaded is reckoned by weekdays, never refused: the
    days are there, but `missing` says that they are provisional. `version` is the
    newest notice the calendar was made from. Reaches from 1950 to 2199.
    """

    WEEKEND_DAYS = (SAT, SUN)
    include_new_years_day = False  # nothing is known here but what the notices say

    def __init__(self, layers: Sequence[Layer], version: int = 0) -> None:
        super().__init__()
        self.layers = tuple(layers)
        self.version = version
        self._reasons: dict[int, dict[date, str]] = defaultdict(dict)
        self._made_up: dict[int, dict[date, str]] = defaultdict(dict)
        self._years: dict[int, _Year] = {}
        for layer in self.layers:
            for day in layer.days:
                self._put(day, layer.area)

    def _put(self, named: Day, area: str) -> None:
        """Let a layer's word replace that of the layers below it."""
        year = named.day.year
        for table in (self._reasons, self._made_up):
            table[year].pop(named.day, None)
        where = f"({area})" if area else ""
        if named.is_off:
            self._reasons[year][named.day] = f"{named.name}放假{where}"
        else:
            self._made_up[year][named.day] = f"{named.name}调休上班{where}"

    def get_calendar_holidays(self, year: int) -> list[tuple[date, str]]:
        """Feed workalendar with the days off that the notices name."""
        return list(self._reasons[year].items())

    def is_working_day(
        self,
        day: date,
        extra_working_days: Iterable[date] | None = None,
        extra_holidays: Iterable[date] | None = None,
    ) -> bool:
        """Return whether the day is worked: make-up days at weekends are, holidays are not."""
        made_up = (*self._made_up[day.year], *(extra_working_days or ()))
        return bool(super().is_working_day(day, made_up, extra_holidays))

    def reason_for_rest(self, day: date) -> str | None:
        """Return why nobody works on this day, in Chinese; None on a working day."""
        if self.is_working_day(day):
            return None
        return self._reasons[day.year].get(day, WEEKEND)

    def reason_for_work(self, day: date) -> str | None:
        """Return which notice makes a weekend day a working day; None on any other day."""
        return self._made_up[day.year].get(day)

    def covers(self, day: date) -> bool:
        """Return whether every layer answers for this day."""
        return not self.missing(day, day)

    def missing(self, first: date, last: date) -> tuple[Missing, ...]:
        """Return the layers and years that leave some day from first to last provisional."""
        return tuple(
            Missing(layer.code, year, layer.area)
            for year in range(first.year, last.year + 1)
            for layer in self.layers
            if not layer.is_known(first, year)
        )

    def working_day_after(self, day: date, n: int) -> date:
        """Return the n-th working day after a day that does not count itself; n ≥ 1.

        Raises:
            BeyondCalendar: the search has come to the end of 2199.
        """
        year = day.year
        working = self._laid_out(year).working
        at = bisect_right(working, day) + n - 1
        while at >= len(working):
            at -= len(working)
            year += 1
            working = self._laid_out(year).working
        return working[at]

    def working_day_before(self, day: date, n: int) -> date:
        """Return the n-th working day counted backwards from a day, the day itself included; n ≥ 1.

        Raises:
            BeyondCalendar: the search has come to the beginning of 1950.
        """
        year = day.year
        working = self._laid_out(year).working
        at = bisect_right(working, day) - n
        while at < 0:
            year -= 1
            working = self._laid_out(year).working
            at += len(working)
        return working[at]

    def first_working_day(self, day: date) -> date:
        """Return the day itself when it is worked, otherwise the next one that is."""
        return self.working_day_after(day - ONE_DAY, 1)

    def count_working_days(self, after: date, until: date) -> int:
        """Return how many working days lie after one day and up to another, that one included."""
        return len(self.working_days(after, until))

    def working_days(self, after: date, until: date) -> tuple[date, ...]:
        """Return the working days after one day and up to another, that one included."""
        return tuple(
            day for year in range(after.year, until.year + 1) for day in _between(self._laid_out(year).working, after, until)
        )

    def skipped_days(self, after: date, until: date) -> tuple[Skipped, ...]:
        """Return the days of rest after one day and up to another, each with its reason."""
        found: list[Skipped] = []
        for year in range(after.year, until.year + 1):
            laid_out = self._laid_out(year)
            low, high = bisect_right(laid_out.resting, after), bisect_right(laid_out.resting, until)
            found += laid_out.skipped[low:high]
        return tuple(found)

    def _laid_out(self, year: int) -> _Year:
        """Return the year's tables, made when first asked for.

        Raises:
            BeyondCalendar: a year before 1950 or after 2199.
        """
        if (found := self._years.get(year)) is not None:
            return found
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise beyond(year)
        first, end = date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()
        working: list[date] = []
        skipped: list[Skipped] = []
        for day in map(date.fromordinal, range(first, end)):
            reason = self.reason_for_rest(day)
            if reason is None:
                working.append(day)
            else:
                skipped.append(Skipped(day, reason))
        return self._years.setdefault(year, _Year(working, [rest.day for rest in skipped], skipped))


def _between(days: list[date], after: date, until: date) -> list[date]:
    """Return the slice of sorted days after one day and up to another."""
    return days[bisect_right(days, after) : bisect_right(days, until)]
