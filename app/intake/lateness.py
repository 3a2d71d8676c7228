"""Whether a review comes after the time in which it may be added: it is kept, and marked (C5, C6)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache

from app.calendars.queries import calendar_for
from app.clock import SHANGHAI
from app.db import db
from app.deadlines.compute import runs_out
from app.deadlines.limits import WORKING_DAYS, Limit
from app.programmes.rules import Rules

# The group of the channels by which written cards are typed in.
CARD = "card"


class Lateness:
    """Answers for one chunk of reviews; reads each calendar and reckons each day once."""

    def __init__(self, rules: Mapping[str, Rules]) -> None:
        self._rules = rules
        self._last_moment = cache(self._reckon)
        self._calendar = cache(lambda programme: calendar_for(db.session(), rules[programme].calendar))

    def is_late(self, programme: str, served_on: date, group: str, reviewed_at: datetime, received_at: datetime) -> bool:
        """Return whether a review is late; a written card counts by when it was typed in (ZB 2, 9)."""
        is_card = group == CARD
        end = self._last_moment(programme, served_on, is_card)
        return end is not None and (received_at if is_card else reviewed_at) >= end

    def _reckon(self, programme: str, served_on: date, is_card: bool) -> datetime | None:
        rules = self._rules[programme]
        days = rules.raw.get("comment_card", {}).get("days") if is_card else rules.supplement_days
        if days is None:
            return None
        noon = datetime(served_on.year, served_on.month, served_on.day, tzinfo=SHANGHAI) + timedelta(hours=12)
        return runs_out(noon, Limit(days, WORKING_DAYS), self._calendar(programme)).due_at
