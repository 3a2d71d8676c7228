"""What a notice would change, before it is loaded. Writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.calendars.notice import Notice
from app.calendars.queries import calendar_for, calendar_with
from app.deadlines.calendar import WorkCalendar


class Move(NamedTuple):
    """An open deadline that a notice would move; the words are Chinese, for the person who loads it."""

    case: str
    step: str
    due_from: datetime
    due_to: datetime


# Layers, lowest first, to their calendar: once as it is, once as it would be.
CalendarOf = Callable[[Sequence[str]], WorkCalendar]
FindMoves = Callable[[Session, CalendarOf, CalendarOf], Iterable[Move]]


def rehearse_notice(session: Session, notice: Notice, find_moves: FindMoves) -> list[Move]:
    """Return the open deadlines that loading the notice would move.

    `find_moves` knows the open deadlines; it is given the present calendars and
    those with the notice, and reckons each deadline with both.
    """

    def present(layers: Sequence[str]) -> WorkCalendar:
        return calendar_for(session, layers)

    def with_notice(layers: Sequence[str]) -> WorkCalendar:
        return calendar_with(session, layers, notice)

    return list(find_moves(session, present, with_notice))
