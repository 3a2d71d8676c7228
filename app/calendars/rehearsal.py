"""What a notice would change, before it is loaded. Writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.calendars.notice import Notice
from app.calendars.queries import calendar_for, calendar_with, newest_notice
from app.deadlines.calendar import WorkCalendar


class Effect(StrEnum):
    """What a moved deadline means."""

    LATER = "later"
    EARLIER = "earlier"
    SPARED = "spared"  # it was over, and is not any more: what fired is withdrawn
    PAST = "past"  # it falls into the past: the overseer decides, nothing fires


class Move(NamedTuple):
    """An open deadline that a notice would move; the words are Chinese, for the person who loads it."""

    case: str
    step: str
    due_from: datetime
    due_to: datetime

    def effect(self, now: datetime) -> Effect:
        """Return what the move means to whoever must keep the deadline."""
        if self.due_to <= now < self.due_from:
            return Effect.PAST
        if self.due_from <= now < self.due_to:
            return Effect.SPARED
        return Effect.LATER if self.due_to > self.due_from else Effect.EARLIER


@dataclass(frozen=True)
class Rehearsal:
    """What loading a notice would do at a moment; `is_loaded` when it says what is loaded already."""

    notice: Notice
    moves: list[tuple[Move, Effect]]
    is_loaded: bool

    def count(self, *effects: Effect) -> int:
        """Return how many deadlines would move in one of some ways."""
        return sum(effect in effects for _, effect in self.moves)


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


def rehearse(session: Session, notice: Notice, find_moves: FindMoves, now: datetime) -> Rehearsal:
    """Return what loading the notice would do now, the hardest for the people first."""
    newest = newest_notice(session, notice.layer, notice.year)
    moves = [(move, move.effect(now)) for move in rehearse_notice(session, notice, find_moves)]
    order = list(reversed(Effect))
    return Rehearsal(
        notice, sorted(moves, key=lambda each: order.index(each[1])), newest is not None and newest.digest == notice.digest
    )
