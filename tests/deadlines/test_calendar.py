"""Which days are worked, and what is not known."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest

from app.deadlines.calendar import Day, Layer, Missing, Skipped, WorkCalendar
from app.deadlines.errors import BeyondCalendar


@pytest.mark.clause("GC 二(二)")
def test_every_day_of_2018_to_2026_is_worked_as_the_state_council_arranged(national: WorkCalendar) -> None:
    day = date(2018, 1, 1)
    while day.year < 2027:
        assert national.is_working_day(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2025-04-04", "清明节放假"),
        ("2025-04-12", "周末"),
        ("2026-10-03", "国庆节放假"),
        ("2018-12-31", "元旦放假"),
        ("2022-12-31", "元旦放假"),
        ("2025-04-11", None),
        ("2026-09-20", None),
        ("2018-12-29", None),
        ("2024-02-09", None),
    ],
)
def test_a_day_of_rest_says_why(national: WorkCalendar, day: str, reason: str | None) -> None:
    assert national.reason_for_rest(date.fromisoformat(day)) == reason


@pytest.mark.clause("XS 一(二)1")
@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2025-04-14", "泼水节放假(西双版纳)"),
        ("2019-01-23", "州庆放假(西双版纳)"),
        ("2025-04-13", "周末"),
        ("2019-04-20", None),
        ("2022-04-10", None),
        ("2018-01-21", None),
        ("2023-01-24", "春节、州庆放假(西双版纳)"),
        ("2025-05-01", "劳动节放假"),
    ],
)
def test_local_days_lie_above_the_national_ones(xs: WorkCalendar, day: str, reason: str | None) -> None:
    assert xs.reason_for_rest(date.fromisoformat(day)) == reason


def test_a_made_up_working_day_says_whose_it_is(xs: WorkCalendar) -> None:
    assert xs.reason_for_work(date(2022, 4, 9)) == "泼水节调休上班(西双版纳)"
    assert xs.reason_for_work(date(2026, 9, 20)) == "国庆节调休上班"
    assert xs.reason_for_work(date(2022, 4, 8)) is None


def test_a_later_layer_overrules_both_ways() -> None:
    saturday, monday = date(2025, 4, 12), date(2025, 4, 14)
    lower = Layer.of_years("national", "", [Day(saturday, False, "春节"), Day(monday, True, "国庆节")], [2025])
    upper = Layer.of_years("xs", "西双版纳", [Day(saturday, True, "州庆"), Day(monday, False, "州庆")], [2025])
    calendar = WorkCalendar([lower, upper])
    assert calendar.reason_for_rest(saturday) == "州庆放假(西双版纳)"
    assert calendar.is_working_day(monday)
    assert WorkCalendar([upper, lower]).is_working_day(saturday)


def test_a_day_is_covered_when_every_layer_of_its_year_is_loaded(national: WorkCalendar, xs: WorkCalendar) -> None:
    assert national.covers(date(2026, 12, 31))
    assert not national.covers(date(2027, 1, 1))
    assert xs.covers(date(2025, 4, 14))
    assert not xs.covers(date(2026, 4, 14))
    assert xs.missing(date(2026, 12, 30), date(2027, 1, 4)) == (
        Missing("xs", 2026, "西双版纳"),
        Missing("national", 2027, ""),
        Missing("xs", 2027, "西双版纳"),
    )


def test_a_part_of_a_year_that_was_not_found_stays_uncovered(xs: WorkCalendar) -> None:
    assert not xs.covers(date(2025, 1, 23))
    assert not xs.covers(date(2025, 1, 31))
    assert xs.covers(date(2025, 2, 1))
    assert xs.missing(date(2024, 12, 31), date(2025, 3, 1)) == (Missing("xs", 2024, "西双版纳"), Missing("xs", 2025, "西双版纳"))


def test_a_year_that_is_not_loaded_goes_by_weekdays(national: WorkCalendar) -> None:
    assert national.working_day_after(date(2027, 9, 30), 2) == date(2027, 10, 4)
    assert national.reason_for_rest(date(2027, 10, 2)) == "周末"


def test_every_day_of_2018_to_2100_can_be_asked(xs: WorkCalendar) -> None:
    for year in range(2018, 2101):
        assert xs.working_day_after(date(year, 12, 31), 15) > date(year + 1, 1, 1)


@pytest.mark.parametrize("day", [date(9999, 12, 31), date(2200, 1, 1), date(1949, 12, 31), date(1, 1, 1)])
def test_a_year_out_of_reach_is_refused_by_name(national: WorkCalendar, day: date) -> None:
    with pytest.raises(BeyondCalendar) as refused:
        national.working_day_after(day, 1)
    assert refused.value.code == "beyond_calendar"
    with pytest.raises(BeyondCalendar):
        national.working_day_before(day, 1)


def test_a_search_without_any_working_day_ends_by_name() -> None:
    days = [Day(date.fromordinal(n), True, "停工") for n in range(date(2199, 6, 1).toordinal(), date(2200, 1, 1).toordinal())]
    calendar = WorkCalendar([Layer.of_years("national", "", days, [2199])])
    with pytest.raises(BeyondCalendar):
        calendar.working_day_after(date(2199, 6, 1), 1)


def test_our_search_agrees_with_workalendars_own(xs: WorkCalendar) -> None:
    for n in range(0, 3300, 7):
        day = date(2018, 1, 2) + timedelta(days=n)
        assert xs.working_day_after(day, 15) == xs.add_working_days(day, 15)
        assert xs.working_day_before(day - timedelta(days=1), 3) == xs.sub_working_days(day, 3)
        assert xs.count_working_days(day, day + timedelta(days=40)) == xs.get_working_days_delta(day, day + timedelta(days=40))


def test_the_search_backwards_crosses_the_year_and_counts_the_day_itself(national: WorkCalendar) -> None:
    assert national.working_day_before(date(2026, 1, 5), 1) == date(2026, 1, 5)
    assert national.working_day_before(date(2026, 1, 5), 3) == date(2025, 12, 31)
    assert national.working_day_before(date(2026, 1, 3), 1) == date(2025, 12, 31)


def test_skipped_days_cross_the_year_with_their_reasons(national: WorkCalendar) -> None:
    assert national.skipped_days(date(2025, 12, 31), date(2026, 1, 4)) == (
        Skipped(date(2026, 1, 1), "元旦放假"),
        Skipped(date(2026, 1, 2), "元旦放假"),
        Skipped(date(2026, 1, 3), "元旦放假"),
    )
