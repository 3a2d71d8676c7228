"""How much time is left until a deadline, in the words that a badge shows. Reckoned by the server, never by a browser."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from app.clock import SHANGHAI
from app.deadlines.calendar import WorkCalendar
from app.deadlines.limits import NATURAL_DAYS, Unit
from app.deadlines.moments import day_in_china

SOON = 2
HOUR = timedelta(hours=1)
WORDS = {Unit.WORKING_DAYS: "个工作日", Unit.NATURAL_DAYS: "天（自然日）"}


class Nearness(StrEnum):
    """How near the end of a limit is; what a badge's colour says."""

    FAR = "far"
    SOON = "soon"  # one or two days after today
    TODAY = "today"
    OVER = "over"
    SUPERVISED = "sup"  # over, and the overseer was called in


@dataclass(frozen=True)
class TimeLeft:
    """`words` for the badge, `moment` for the line under it; `is_provisional` while a notice could still move the date."""

    nearness: Nearness
    words: str
    moment: str
    is_provisional: bool


def time_left(
    due_at: datetime,
    last_day: date,
    unit: Unit | None,
    now: datetime,
    calendar: WorkCalendar,
    *,
    is_provisional: bool = False,
    is_supervised: bool = False,
) -> TimeLeft:
    """Return what is left of a limit at a moment.

    Counted are the days after today up to and including the last day; on the last day
    itself hours are told, and minutes in the last hour. Past the due moment the first day
    counts as one. `unit` is None for a day that was set by hand: natural days.
    """
    counting, today = unit or NATURAL_DAYS, day_in_china(now)
    doubt = "（暂定）" if is_provisional else ""
    moment = _moment(due_at, last_day, today)
    near = f"{moment}{doubt}"  # In a badge that presses there is no room for doubt: it stands under it.
    if now >= due_at:
        over = _over(last_day, today, counting, calendar)
        nearness, words = (Nearness.SUPERVISED, f"督办 · {over}") if is_supervised else (Nearness.OVER, over)
        return TimeLeft(nearness, words, moment, is_provisional)
    if today >= last_day:
        return TimeLeft(Nearness.TODAY, f"今日到期 · 剩 {_clock(due_at - now)}", near, is_provisional)
    days = _days(today, last_day, counting, calendar)
    if days <= SOON:
        return TimeLeft(Nearness.SOON, f"剩 {days} {WORDS[counting]}", near, is_provisional)
    return TimeLeft(Nearness.FAR, f"剩 {days} {WORDS[counting]}{doubt}", moment, is_provisional)


def how_met(due_at: datetime, last_day: date, unit: Unit | None, ended_at: datetime, calendar: WorkCalendar) -> str:
    """Return how a limit was met: in time, or how late, counted as `time_left` counts."""
    if ended_at < due_at:
        return "按期办结"
    return f"{_over(last_day, day_in_china(ended_at), unit or NATURAL_DAYS, calendar)}办结"


def _over(last_day: date, day: date, unit: Unit, calendar: WorkCalendar) -> str:
    return f"超期 {max(1, _days(last_day, day, unit, calendar))} {WORDS[unit]}"


def _days(after: date, until: date, unit: Unit, calendar: WorkCalendar) -> int:
    """Return how many days of a unit lie in (after, until]."""
    return calendar.count_working_days(after, until) if unit is Unit.WORKING_DAYS else (until - after).days


def _clock(left: timedelta) -> str:
    return f"{left // HOUR} 小时" if left >= HOUR else f"{max(1, left // timedelta(minutes=1))} 分钟"


def _moment(due_at: datetime, last_day: date, today: date) -> str:
    """Return the end of a limit as tables show it: a midnight is the 24:00 of the last day."""
    closes = due_at.astimezone(SHANGHAI).time()
    clock = "24:00" if closes == time.min else f"{closes:%H:%M} 下班前"
    if last_day == today:
        return f"{clock} 截止"
    day = f"{last_day:%m-%d} 周{'一二三四五六日'[last_day.weekday()]}"
    return f"{day if last_day.year == today.year else f'{last_day.year}-{day}'} 截止"
