"""Months, as figures are counted by: whole ones, by the calendar of China."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time

from app.clock import SHANGHAI

WRITTEN = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


@dataclass(frozen=True, order=True)
class Month:
    """One month; `number` counts from 1."""

    year: int
    number: int

    @classmethod
    def of(cls, moment: datetime) -> Month:
        """Return the month in which a moment lies."""
        local = moment.astimezone(SHANGHAI)
        return cls(local.year, local.month)

    @classmethod
    def read(cls, text: str) -> Month | None:
        """Return a month as an address writes it, `2025-04`; None for what is none."""
        found = WRITTEN.fullmatch(text)
        return cls(int(found[1]), int(found[2])) if found else None

    def plus(self, months: int) -> Month:
        """Return the month so many later, or earlier."""
        year, number = divmod(self.year * 12 + self.number - 1 + months, 12)
        return Month(year, number + 1)

    def back(self, count: int) -> list[Month]:
        """Return so many months up to this one, oldest first."""
        return [self.plus(-before) for before in range(count - 1, -1, -1)]

    @property
    def first(self) -> date:
        """Return its first day."""
        return date(self.year, self.number, 1)

    @property
    def begins_at(self) -> datetime:
        """Return its first instant."""
        return datetime.combine(self.first, time.min, SHANGHAI)

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02d}"
