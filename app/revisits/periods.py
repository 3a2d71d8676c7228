"""The periods of draws: calendar months in China, half-open."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from app.clock import SHANGHAI


class Period(NamedTuple):
    """A month: `[opens_at, freezes_at)`."""

    name: str
    opens_at: datetime
    freezes_at: datetime

    def following(self) -> Period:
        """Return the next month."""
        return month_of(self.freezes_at)


def month_of(moment: datetime) -> Period:
    """Return the month in China that an instant lies in."""
    day = moment.astimezone(SHANGHAI).date().replace(day=1)
    following = (day + timedelta(days=32)).replace(day=1)
    return Period(f"{day:%Y-%m}", _midnight(day), _midnight(following))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
