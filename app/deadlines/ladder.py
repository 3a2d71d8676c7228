"""What happens on the way to a deadline and after it: remind, overdue, supervise, leaders. L2."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from app.deadlines.calendar import WorkCalendar
from app.deadlines.compute import Deadline
from app.deadlines.limits import Limit, Unit
from app.deadlines.moments import day_in_china, start_of, too_late


class Level(StrEnum):
    """The rungs, lowest first."""

    REMIND = "remind"
    OVERDUE = "overdue"
    SUPERVISE = "supervise"
    LEADERS = "leaders"


class Moment(NamedTuple):
    """A rung and the instant, in UTC, at which it falls due."""

    level: Level
    at: datetime


@dataclass(frozen=True)
class LadderRules:
    """The offsets of a programme's ladder.

    Limits of `early_from` days and more are also reminded of `remind_before` ahead of
    their end; `supervise_after` and `leaders_after` both count from the limit.
    """

    early_from: int
    remind_before: Limit
    supervise_after: Limit
    leaders_after: Limit


def moments(deadline: Deadline, rules: LadderRules, calendar: WorkCalendar) -> tuple[Moment, ...]:
    """Return every moment of the ladder, earliest first.

    A reminder stands at the start of a day: of the last day, and before that of the
    day from which `remind_before` is left, that day included. What comes after the
    limit stands where a limit of so many days more would end.
    """
    last_day = deadline.last_day
    reminders = {start_of(last_day)}
    if _is_long(deadline, rules):
        reminders.add(start_of(_days_before(last_day, rules.remind_before, calendar)))
    supervised = _days_after(last_day, rules.supervise_after, calendar)
    told = _days_after(last_day, rules.leaders_after, calendar)
    return (
        *(Moment(Level.REMIND, at) for at in sorted(reminders)),
        Moment(Level.OVERDUE, deadline.due_at),
        Moment(Level.SUPERVISE, too_late(supervised, deadline.closes_at)),
        Moment(Level.LEADERS, too_late(told, deadline.closes_at)),
    )


def moments_from_birth(deadline: Deadline, rules: LadderRules, calendar: WorkCalendar, born_at: datetime) -> tuple[Moment, ...]:
    """Return the moments that a task born at an instant still meets, earliest first.

    A reminder that is not after the birth never fires. Of the later levels that are
    already reached only the highest remains; its moment is past, so it fires at once
    and shows when it should have.
    """
    every = moments(deadline, rules, calendar)
    to_come = tuple(moment for moment in every if moment.at > born_at)
    reached = [moment for moment in every if moment.at <= born_at and moment.level is not Level.REMIND]
    return (*reached[-1:], *to_come)


def _is_long(deadline: Deadline, rules: LadderRules) -> bool:
    """Return whether the limit is reminded of early; a set date is measured in days from its start."""
    if deadline.limit is not None:
        return deadline.limit.n >= rules.early_from
    if deadline.started_at is None:
        return True
    return (deadline.last_day - day_in_china(deadline.started_at)).days >= rules.early_from


def _days_before(last_day: date, limit: Limit, calendar: WorkCalendar) -> date:
    """Return the first of the last so many days, the last day being one of them."""
    if limit.n == 0:
        return last_day
    if limit.unit is Unit.WORKING_DAYS:
        return calendar.working_day_before(last_day, limit.n)
    return last_day - timedelta(days=limit.n - 1)


def _days_after(last_day: date, limit: Limit, calendar: WorkCalendar) -> date:
    """Return the last day of so many days more."""
    if limit.n == 0:
        return last_day
    if limit.unit is Unit.WORKING_DAYS:
        return calendar.working_day_after(last_day, limit.n)
    return last_day + timedelta(days=limit.n)
