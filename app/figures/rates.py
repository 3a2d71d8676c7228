"""The figures of a month, each with its parts. Nobody can alter them: they are counted from facts (S4).

By month, whose days are half-open `[first, first of the next)`:

- *verified bad reviews*: reviews of services of the month whose newest finding is 属实 or 部分属实 and whose rating
  was not voided, beside all services of the month. Complaints of 12345 are no ratings; an old system's do not count.
- *fixed*: revisits made in the month with the result 已解决, beside all in which the reviewer was reached (L4).
- *in time*: cases all of whose limits that ended in the month were kept, beside all cases that had such a limit; a step
  withdrawn before its end had none, and a voided rating's case is left out (L6). The worst of a case's limits decides.

How things stand now is told by `standing`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, distinct, func, or_, select

from app.cases.models import Case, CaseDeadline, Round, Task
from app.catalogue.queries import department_names
from app.db import db
from app.figures.months import Month
from app.figures.standing import its_task, overdue_limits
from app.intake.complaints import CHANNEL, SEQUENCE
from app.intake.models import Review, ServiceRecord
from app.intake.reasons import REASONS
from app.intake.served import same_service
from app.revisits.models import Revisit

VERIFIED = ("true", "partly")
TEN_THOUSAND = 10_000
# Late in more than one of so many months is late again.
MONTHS_AGAIN = 6
CAUSES = 6


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    @property
    def percent(self) -> float | None:
        """Return the share in percent; None of nothing."""
        return 100 * self.part / self.whole if self.whole else None

    @property
    def in_ten_thousand(self) -> float | None:
        """Return how many of ten thousand; None of nothing."""
        return TEN_THOUSAND * self.part / self.whole if self.whole else None


@dataclass(frozen=True)
class Kept:
    """A department's limits of a month: cases in time beside cases that had one; and how many of its cases are overdue now."""

    name: str
    share: Share
    overdue: int


@dataclass(frozen=True)
class Again:
    """A department that was late in more than one month: cases by month, oldest first."""

    name: str
    months: Mapping[Month, int]


@dataclass(frozen=True)
class Figures:
    """The figures of a month; `in_time` of the months up to it, `again` as of it."""

    month: Month
    verified: Share
    verified_before: Share
    fixed: Share
    in_time: Mapping[Month, Share]
    causes: list[tuple[str, int]]
    departments: list[Kept]
    again: list[Again]


def figures_of(programme: str, month: Month, now: datetime) -> Figures:
    """Count a programme's month, as far as it has come at a moment."""
    kept, late = _kept_by_department(programme, month, now), _late_by_department(programme, month, now)
    overdue = Counter(row.department for row in overdue_limits(programme, now))
    names = department_names(programme, {*kept, *(department for department, _ in late)})
    departments = [Kept(names[code], share, overdue[code]) for code, share in kept.items()]
    return Figures(
        month=month,
        verified=verified_reviews(programme, month),
        verified_before=verified_reviews(programme, month.plus(-1)),
        fixed=fixed_by_revisits(programme, month),
        in_time=in_time(programme, month.back(12), now),
        causes=causes(programme, month),
        departments=sorted(departments, key=lambda each: (each.share.percent or 0, -each.share.whole, each.name)),
        again=_again(late, names),
    )


def verified_reviews(programme: str, month: Month) -> Share:
    """Return the verified bad reviews of a month's services, beside those services."""
    services = select(func.count()).where(
        ServiceRecord.programme == programme, *_within(ServiceRecord.served_on, month), ~ServiceRecord.is_old
    )
    bad = select(func.count()).select_from(Case).where(*_verified(programme, month))
    return Share(db.session.scalar(bad) or 0, db.session.scalar(services) or 0)


def _within(day: Any, month: Month) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return day >= month.first, day < month.plus(1).first


def _verified(programme: str, month: Month) -> tuple[ColumnElement[bool], ...]:
    """Return the condition on a case that its review holds."""
    newest = select(Round.truth).where(Round.case_id == Case.id, Round.truth.is_not(None)).order_by(Round.number.desc())
    is_complaint = and_(Case.channel == CHANNEL, Case.sequence == SEQUENCE)
    found = newest.limit(1).correlate(Case).scalar_subquery().in_(VERIFIED)
    return Case.programme == programme, *_within(Case.served_on, month), Case.voided_at.is_(None), ~is_complaint, found


def fixed_by_revisits(programme: str, month: Month) -> Share:
    """Return the revisits of a month in which the reviewer called the matter fixed, beside those in which they were reached."""
    made = (
        select(func.count().filter(Revisit.result == "fixed"), func.count())
        .join(Case, Case.id == Revisit.case_id)
        .where(Case.programme == programme, Revisit.result != "unreachable")
        .where(Revisit.made_at >= month.begins_at, Revisit.made_at < month.plus(1).begins_at)
    )
    return Share(*db.session.execute(made).one())


def causes(programme: str, month: Month) -> list[tuple[str, int]]:
    """Return what the verified bad reviews of a month name most often, each reason with how many name it."""
    reason = func.unnest(Review.reasons).label("reason")
    named = (
        select(Case.id, reason)
        .join(Review, and_(same_service(Review, Case), Review.sequence == Case.sequence))
        .where(*_verified(programme, month))
        .subquery()
    )
    count = func.count(distinct(named.c.id))
    rows = db.session.execute(select(named.c.reason, count).group_by(named.c.reason).order_by(count.desc(), named.c.reason))
    return [(REASONS.get(code, "已停用的选项"), number) for code, number in rows.fetchmany(CAUSES)]


def in_time(programme: str, months: list[Month], now: datetime) -> dict[Month, Share]:
    """Return by month how many cases kept all limits that ended in it, beside how many had one."""
    limits = _limits(programme, months[0], months[-1], now).subquery()
    by_case = select(limits.c.month, func.bool_or(limits.c.is_late).label("is_late")).group_by(limits.c.month, limits.c.case_id)
    found = {Month(day.year, day.month): share for day, share in _shares(by_case.subquery(), "month")}
    return {month: found.get(month, Share(0, 0)) for month in months}


def _kept_by_department(programme: str, month: Month, now: datetime) -> dict[str, Share]:
    limits = _limits(programme, month, month, now).subquery()
    late = func.bool_or(limits.c.is_late).label("is_late")
    by_case = select(limits.c.department, late).group_by(limits.c.department, limits.c.case_id)
    return dict(_shares(by_case.subquery(), "department"))


def _shares(by_case: Any, column: str) -> list[tuple[Any, Share]]:
    key = by_case.c[column]
    query = select(key, func.count().filter(~by_case.c.is_late), func.count()).group_by(key)
    return [(found, Share(part, whole)) for found, part, whole in db.session.execute(query)]


def _late_by_department(programme: str, month: Month, now: datetime) -> list[tuple[str, dict[Month, int]]]:
    limits = _limits(programme, month.plus(1 - MONTHS_AGAIN), month, now).subquery()
    query = (
        select(limits.c.department, limits.c.month, func.count(distinct(limits.c.case_id)))
        .where(limits.c.is_late)
        .group_by(limits.c.department, limits.c.month)
        .order_by(limits.c.department, limits.c.month)
    )
    found: dict[str, dict[Month, int]] = {}
    for department, day, count in db.session.execute(query):
        found.setdefault(department, {})[Month(day.year, day.month)] = count
    return list(found.items())


def _again(late: list[tuple[str, dict[Month, int]]], names: Mapping[str, str]) -> list[Again]:
    again = [Again(names[department], months) for department, months in late if len(months) > 1]
    return sorted(again, key=lambda each: (-len(each.months), -sum(each.months.values()), each.name))


def _limits(programme: str, first: Month, last: Month, now: datetime) -> Select[Any]:
    """Return the limits that ended in some months: month, case, whose they were, whether they were missed.

    A limit is missed from its due moment on, the moment included. One that has no step of
    its own is whoever's the case is.
    """
    missed = or_(CaseDeadline.ended_at.is_(None), CaseDeadline.ended_at >= CaseDeadline.due_at)
    return (
        select(
            func.date_trunc("month", CaseDeadline.last_day).label("month"),
            CaseDeadline.case_id,
            func.coalesce(Task.department, Case.department).label("department"),
            missed.label("is_late"),
        )
        .join(Case, Case.id == CaseDeadline.case_id)
        .outerjoin(Task, its_task())
        .where(Case.programme == programme, Case.voided_at.is_(None), CaseDeadline.due_at <= now)
        .where(CaseDeadline.last_day >= first.first, CaseDeadline.last_day < last.plus(1).first)
        .where(or_(CaseDeadline.status != "dropped", missed))
    )
