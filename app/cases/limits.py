"""What timers of a diagram may say, and the rule each becomes in a deadline's row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.deadlines.calendar import WorkCalendar
from app.deadlines.compute import Deadline, end_of, extend, extend_until, later_of, runs_out
from app.deadlines.errors import NoDeadline
from app.deadlines.ladder import LadderRules, Moment
from app.deadlines.limits import NATURAL_DAYS, WORKING_DAYS, Limit, Unit
from app.programmes.rules import Ladder


@dataclass(frozen=True)
class Rule:
    """A limit with its anchors resolved: it can be reckoned again with any calendar.

    Exactly one of `limit` (with `since`), `day` and `parts` is set.
    """

    limit: Limit | None = None
    since: datetime | None = None
    day: date | None = None
    parts: tuple[Rule, ...] = ()

    def deadline(self, calendar: WorkCalendar) -> Deadline:
        """Return the deadline this rule means."""
        if self.parts:
            return later_of(*(part.deadline(calendar) for part in self.parts))
        if self.day is not None:
            return end_of(self.day, calendar, since=self.since)
        if self.limit is None or self.since is None:
            raise NoDeadline("没有一项期限已经起算")
        return runs_out(self.since, self.limit, calendar)

    @property
    def unit(self) -> Unit | None:
        """What is counted, as people read it: of several limits the first one's; None for a set day."""
        if self.parts:
            return next((part.unit for part in self.parts if part.unit), None)
        return self.limit.unit if self.limit else None

    def as_json(self) -> dict[str, Any]:
        """Return the form that the deadline's row keeps."""
        if self.parts:
            return {"later_of": [part.as_json() for part in self.parts]}
        since = self.since and self.since.isoformat()
        return {"day": self.day.isoformat(), "since": since} if self.day else {"limit": str(self.limit), "since": since}


def rule_from_json(body: Mapping[str, Any]) -> Rule:
    """Return the rule of a stored row."""
    if "later_of" in body:
        return Rule(parts=tuple(rule_from_json(part) for part in body["later_of"]))
    since = body["since"] and datetime.fromisoformat(body["since"])
    if "day" in body:
        return Rule(day=date.fromisoformat(body["day"]), since=since)
    return Rule(limit=Limit.parse(body["limit"]), since=since)


def with_extensions(deadline: Deadline, extensions: list[Any], calendar: WorkCalendar) -> Deadline:
    """Add what was granted: each a limit such as `2wd`, or a set day."""
    for granted in extensions:
        if "until" in granted:
            deadline = extend_until(deadline, date.fromisoformat(granted["until"]))
        else:
            deadline = extend(deadline, Limit.parse(granted["limit"]), calendar)
    return deadline


def ladder_rules(ladder: Ladder) -> LadderRules:
    """Return the offsets of a programme's ladder in the form `deadlines` reads."""
    return LadderRules(
        early_from=ladder.remind_from,
        remind_before=Limit(ladder.remind_before, WORKING_DAYS),
        supervise_after=Limit(ladder.supervise_after, WORKING_DAYS),
        leaders_after=Limit(ladder.leaders_after, WORKING_DAYS),
    )


def moments_json(moments: tuple[Moment, ...]) -> list[Any]:
    """Return the ladder as the deadline's row keeps it: level and instant."""
    return [[moment.level.value, moment.at.isoformat()] for moment in moments]


def instant(value: str | datetime | None) -> datetime | None:
    """Return a stored variable as an instant."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _counted(limit: Limit, since: str | datetime | None) -> Rule | None:
    moment = instant(since)
    return Rule(limit=limit, since=moment) if moment else None


def working_days(n: int, since: str | None) -> Rule | None:
    """So many working days from a moment; None while the moment has not come."""
    return _counted(Limit(n, WORKING_DAYS), since)


def natural_days(n: int, since: str | None) -> Rule | None:
    """So many natural days from a moment; None while the moment has not come."""
    return _counted(Limit(n, NATURAL_DAYS), since)


def end_of_day(day: str | None) -> Rule | None:
    """The end of a promised or set day."""
    return Rule(day=date.fromisoformat(day)) if day else None


def later(*rules: Rule | None) -> Rule | None:
    """The one of several limits that falls due last; those that do not run are passed over."""
    running = tuple(rule for rule in rules if rule is not None)
    return running[0] if len(running) == 1 else Rule(parts=running) if running else None


def escalate(rule: Rule | None) -> Rule:
    """Put a limit on the programme's ladder.

    Raises:
        ValueError: nothing runs; the diagram asks for a moment that has not come.
    """
    if rule is None:
        raise ValueError("no anchor")
    return rule


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "working_days": working_days,
    "natural_days": natural_days,
    "end_of": end_of_day,
    "later_of": later,
    "escalate": escalate,
}
