"""Whether a review comes after the time in which it may be added: it is kept, and marked (C5, C6, C7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from functools import cache

from app.calendars.queries import calendar_for
from app.db import db
from app.deadlines.compute import Deadline, runs_out
from app.deadlines.limits import WORKING_DAYS, Limit
from app.deadlines.moments import at_local, day_in_china
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

    def is_supplement(self, programme: str, served_on: date, reviewed_at: datetime) -> bool:
        """Return whether a review was added after the day of the service, where the programme knows that. ZB 9."""
        return self._rules[programme].supplement_days is not None and day_in_china(reviewed_at) > served_on

    def addition_ends(self, programme: str, reviewed_at: datetime) -> Deadline:
        """Return until when a first review may have its one addition (C3)."""
        return runs_out(reviewed_at, self._rules[programme].addition, self._calendar(programme))

    def _reckon(self, programme: str, served_on: date, is_card: bool) -> datetime | None:
        limit = self._limit(programme, is_card)
        if limit is None:
            return None
        return runs_out(at_local(served_on, time(12)), limit, self._calendar(programme)).due_at

    def _limit(self, programme: str, is_card: bool) -> Limit | None:
        """Return how long a review may be added: a card's days, the supplement's, or until the default counts."""
        rules = self._rules[programme]
        days = rules.raw.get("comment_card", {}).get("days") if is_card else rules.supplement_days
        return Limit(days, WORKING_DAYS) if days is not None else rules.default_review
