"""A second reckoning that shares no line with the first: other data path, one step a day, a fixed offset."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.deadlines.calendar import WorkCalendar
from app.deadlines.compute import Deadline, extend, runs_out
from app.deadlines.limits import Limit, Unit
from deadlines.conftest import national_layer, xs_layer

CHINA = timezone(timedelta(hours=8))  # without summer time since 1992
ONE = timedelta(days=1)


def days(year: int, month: int, first: int, last: int) -> set[date]:
    return {date(year, month, day) for day in range(first, last + 1)}


XS_OFF = (
    days(2018, 1, 22, 28) | days(2018, 4, 12, 16) | days(2019, 1, 23, 25) | days(2019, 4, 13, 19)
    | days(2022, 4, 11, 17) | days(2023, 1, 21, 27) | days(2023, 4, 12, 14) | days(2025, 4, 14, 16)
)  # fmt: skip
XS_WORKED = days(2018, 1, 20, 21) | days(2019, 4, 20, 21) | days(2022, 4, 9, 10)
XS_NAMED = XS_OFF | XS_WORKED
NATIONAL, XS = WorkCalendar([national_layer()]), WorkCalendar([national_layer(), xs_layer()])


def works(day: date, local: bool) -> bool:
    if local and day in XS_NAMED:
        return day in XS_WORKED
    if 2018 <= day.year <= 2026:
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < 5


def by_hand(start: datetime, n: int, unit: Unit, local: bool) -> tuple[datetime, list[date], list[date]]:
    day = start.astimezone(CHINA).date()
    counted: list[date] = []
    skipped: list[date] = []
    if n == 0 and works(day, local):
        n = -1
    while len(counted) < max(n, 1) and n >= 0:
        day += ONE
        kept = (n > 0 and unit is Unit.NATURAL_DAYS) or works(day, local)
        (counted if kept else skipped).append(day)
    end = day + ONE
    return datetime(end.year, end.month, end.day, tzinfo=CHINA).astimezone(UTC), counted, skipped


instants = st.datetimes(datetime(2018, 1, 1), datetime(2026, 12, 31, 23, 59, 59), timezones=st.just(UTC))  # noqa: DTZ001  bounds are naive by contract
far_instants = st.datetimes(datetime(1992, 1, 1), datetime(2100, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001  bounds are naive by contract
limits = st.builds(Limit, st.integers(0, 40), st.sampled_from(Unit))
calendars = st.booleans()


def reckon(start: datetime, limit: Limit, local: bool) -> Deadline:
    return runs_out(start, limit, XS if local else NATIONAL)


def agrees(start: datetime, limit: Limit, local: bool) -> None:
    deadline = reckon(start, limit, local)
    due_at, counted, skipped = by_hand(start, limit.n, limit.unit, local)
    assert deadline.due_at == due_at
    assert list(deadline.counted) == counted
    assert [day for day, _ in deadline.skipped] == skipped


@pytest.mark.clause("GC 二(二)")
@pytest.mark.clause("ZB 13")
@settings(max_examples=400, deadline=None)
@given(instants, limits, calendars)
def test_both_reckonings_agree_where_the_calendar_is_known(start: datetime, limit: Limit, local: bool) -> None:
    agrees(start, limit, local)


@settings(max_examples=200, deadline=None)
@given(far_instants, limits, calendars)
def test_both_reckonings_agree_where_only_weekdays_are_known(start: datetime, limit: Limit, local: bool) -> None:
    if start.year < 2018:
        start = start.replace(year=start.year + 10, day=min(start.day, 28))
    agrees(start, limit, local)


def test_both_reckonings_agree_on_every_day_at_every_edge_of_it() -> None:
    edges = (timedelta(), timedelta(hours=17, minutes=30), timedelta(hours=24) - timedelta(milliseconds=1))
    day = datetime(2018, 1, 1, tzinfo=CHINA)
    while day.year < 2027:
        for edge in edges:
            for limit in ("0wd", "1wd", "2wd", "5wd", "15wd", "7nd"):
                agrees(day + edge, Limit.parse(limit), local=True)
        day += ONE


@settings(deadline=None)
@given(instants, st.timedeltas(timedelta(), timedelta(days=30)), limits, calendars)
def test_who_starts_later_is_never_due_earlier(start: datetime, gap: timedelta, limit: Limit, local: bool) -> None:
    assert reckon(start, limit, local).due_at <= reckon(start + gap, limit, local).due_at


@settings(deadline=None)
@given(instants, st.integers(0, 40), st.sampled_from(Unit), calendars)
def test_a_longer_limit_is_never_due_earlier(start: datetime, n: int, unit: Unit, local: bool) -> None:
    # 当日 received at rest waits for a working day, which 1 natural day does not.
    n = max(n, 1) if unit is Unit.NATURAL_DAYS else n
    assert reckon(start, Limit(n, unit), local).due_at <= reckon(start, Limit(n + 1, unit), local).due_at


@settings(deadline=None)
@given(instants, st.integers(1, 20), st.integers(1, 20), st.sampled_from(Unit), calendars)
def test_a_limit_and_its_extension_equal_the_sum(start: datetime, n: int, more: int, unit: Unit, local: bool) -> None:
    calendar = XS if local else NATIONAL
    extended = extend(reckon(start, Limit(n, unit), local), Limit(more, unit), calendar)
    whole = reckon(start, Limit(n + more, unit), local)
    assert (extended.due_at, extended.counted, extended.skipped) == (whole.due_at, whole.counted, whole.skipped)


@settings(deadline=None)
@given(instants, limits, calendars)
def test_counted_and_skipped_days_are_all_the_days_up_to_the_last(start: datetime, limit: Limit, local: bool) -> None:
    deadline = reckon(start, limit, local)
    listed = sorted([*deadline.counted, *(day for day, _ in deadline.skipped)])
    first = start.astimezone(CHINA).date()
    assert listed == [first + timedelta(days=n) for n in range(1, (deadline.last_day - first).days + 1)]
    assert deadline.due_at > start


@settings(deadline=None)
@given(instants, st.integers(1, 40), calendars)
def test_a_limit_in_working_days_ends_on_one(start: datetime, n: int, local: bool) -> None:
    deadline = reckon(start, Limit(n, Unit.WORKING_DAYS), local)
    assert works(deadline.last_day, local)
    assert len(deadline.counted) == n
