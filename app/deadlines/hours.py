"""When people may be disturbed: the business hours of working days. No deadline is reckoned in hours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from itertools import pairwise

from app.deadlines.calendar import WorkCalendar
from app.deadlines.errors import HoursMalformed
from app.deadlines.moments import at_local, day_in_china, in_utc

_WRITTEN = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True)
class BusinessHours:
    """The periods of a working day, half-open, in order.

    Raises:
        HoursMalformed: none, one that ends before it begins, or two that overlap.
    """

    periods: tuple[tuple[time, time], ...]

    def __post_init__(self) -> None:
        """Refuse hours in which nobody would ever be told anything."""
        edges = [edge for period in self.periods for edge in period]
        if not edges or any(edge >= following for edge, following in pairwise(edges)):
            raise HoursMalformed("办公时间应按先后写明，起止不能颠倒或重叠，如09:00-12:00、14:00-17:30")

    @classmethod
    def parse(cls, written: Sequence[str]) -> BusinessHours:
        """Read periods such as `["09:00-12:00", "14:00-17:30"]`.

        Raises:
            HoursMalformed: a text that is no period, or periods that make no sense together.
        """
        return cls(tuple(_period(text) for text in written))


def _period(text: str) -> tuple[time, time]:
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise HoursMalformed(f"办公时间“{text[:40]}”看不懂，应写作09:00-12:00")
    from_hour, from_minute, until_hour, until_minute = map(int, found.groups())
    return time(from_hour, from_minute), time(until_hour, until_minute)


def next_open(moment: datetime, hours: BusinessHours, calendar: WorkCalendar) -> datetime:
    """Return the moment itself when it lies in business hours, otherwise when they next begin, in UTC.

    Raises:
        MomentNaive: the moment has no offset.
        BeyondCalendar: no working day is left before 2200.
    """
    moment = in_utc(moment)
    day = calendar.first_working_day(day_in_china(moment))
    for opens, closes in hours.periods:
        if moment < at_local(day, closes):
            return max(moment, at_local(day, opens))
    return at_local(calendar.working_day_after(day, 1), hours.periods[0][0])
