"""Remind, overdue, supervise, leaders: when each falls due."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from app.deadlines.calendar import WorkCalendar
from app.deadlines.compute import Deadline, end_of, extend, runs_out
from app.deadlines.ladder import LadderRules, Level, Moment, moments, moments_from_birth
from app.deadlines.limits import NATURAL_DAYS, WORKING_DAYS, Limit
from deadlines.conftest import in_china


def from_2026_09_14(limit: str, calendar: WorkCalendar, closes_at: time | None = None) -> Deadline:
    return runs_out(in_china("2026-09-14"), Limit.parse(limit), calendar, closes_at)


def at(found: tuple[Moment, ...]) -> list[tuple[str, datetime]]:
    return [(moment.level.value, moment.at) for moment in found]


@pytest.mark.clause("L2")
def test_a_short_limit_is_reminded_of_at_the_start_of_its_last_day(national: WorkCalendar, rules: LadderRules) -> None:
    # Last day Monday 09-21; the make-up Sunday 09-20 before it is a working day.
    assert at(moments(from_2026_09_14("6wd", national), rules, national)) == [
        ("remind", in_china("2026-09-21", "00:00")),
        ("overdue", in_china("2026-09-22", "00:00")),
        ("supervise", in_china("2026-09-23", "00:00")),
        ("leaders", in_china("2026-09-25", "00:00")),
    ]


def test_a_limit_of_ten_days_is_also_reminded_of_when_three_working_days_are_left(
    national: WorkCalendar, rules: LadderRules
) -> None:
    # Last day Monday 09-28; 09-25 to 09-27 are 中秋节, so Wednesday, Thursday and Monday are left.
    assert at(moments(from_2026_09_14("10wd", national), rules, national)) == [
        ("remind", in_china("2026-09-23", "00:00")),
        ("remind", in_china("2026-09-28", "00:00")),
        ("overdue", in_china("2026-09-29", "00:00")),
        ("supervise", in_china("2026-09-30", "00:00")),
        ("leaders", in_china("2026-10-09", "00:00")),  # over 国庆节
    ]


@pytest.mark.parametrize(("limit", "reminders"), [("9wd", 1), ("10wd", 2), ("9nd", 1), ("15nd", 2)])
def test_ten_days_of_either_unit_are_long(national: WorkCalendar, rules: LadderRules, limit: str, reminders: int) -> None:
    found = moments(from_2026_09_14(limit, national), rules, national)
    assert [moment.level for moment in found].count(Level.REMIND) == reminders


def test_a_limit_that_ends_on_a_rest_day_is_reminded_of_in_working_days_before_it(
    national: WorkCalendar, rules: LadderRules
) -> None:
    deadline = from_2026_09_14("21nd", national)  # 10-05, in 国庆节
    assert at(moments(deadline, rules, national))[:2] == [
        ("remind", in_china("2026-09-28", "00:00")),
        ("remind", in_china("2026-10-05", "00:00")),
    ]


def test_close_of_business_holds_for_the_rungs_after_the_limit_too(national: WorkCalendar, rules: LadderRules) -> None:
    found = moments(from_2026_09_14("6wd", national, time(17, 30)), rules, national)
    assert [moment.at for moment in found[1:]] == [in_china(day, "17:30") for day in ("2026-09-21", "2026-09-22", "2026-09-24")]


def test_an_extension_moves_every_rung(national: WorkCalendar, rules: LadderRules) -> None:
    longer = extend(from_2026_09_14("4wd", national), Limit(2, WORKING_DAYS), national)
    assert moments(longer, rules, national) == moments(from_2026_09_14("6wd", national), rules, national)


def test_a_set_date_is_long_when_ten_days_lie_before_it(national: WorkCalendar, rules: LadderRules) -> None:
    def reminders(since: datetime | None) -> int:
        found = moments(end_of(date(2026, 9, 24), national, since=since), rules, national)
        return [moment.level for moment in found].count(Level.REMIND)

    assert reminders(in_china("2026-09-14")) == 2
    assert reminders(in_china("2026-09-15")) == 1
    assert reminders(None) == 2


def test_reminders_that_fall_together_are_one(national: WorkCalendar, rules: LadderRules) -> None:
    close = LadderRules(1, Limit(1, WORKING_DAYS), rules.supervise_after, rules.leaders_after)
    assert [moment.level for moment in moments(from_2026_09_14("2wd", national), close, national)].count(Level.REMIND) == 1


def test_offsets_may_be_natural_days_or_none(national: WorkCalendar) -> None:
    rules = LadderRules(1, Limit(3, NATURAL_DAYS), Limit(0, WORKING_DAYS), Limit(2, NATURAL_DAYS))
    found = moments(from_2026_09_14("7nd", national), rules, national)
    days = ("2026-09-19", "2026-09-21", "2026-09-22", "2026-09-22", "2026-09-24")
    assert [moment.at for moment in found] == [in_china(day, "00:00") for day in days]


def test_a_reminder_before_the_birth_of_the_task_is_not_fired(national: WorkCalendar, rules: LadderRules) -> None:
    deadline = from_2026_09_14("10wd", national)
    found = moments_from_birth(deadline, rules, national, in_china("2026-09-24"))
    assert found == moments(deadline, rules, national)[1:]


def test_a_limit_of_the_same_day_is_not_reminded_at_birth(national: WorkCalendar, rules: LadderRules) -> None:
    for clock_time in ("00:00", "09:00"):
        born_at = in_china("2026-09-14", clock_time)
        found = moments_from_birth(runs_out(born_at, Limit(0, WORKING_DAYS), national), rules, national, born_at)
        assert [moment.level for moment in found] == [Level.OVERDUE, Level.SUPERVISE, Level.LEADERS]


@pytest.mark.parametrize(
    ("born", "levels"),
    [
        ("2026-09-21", [Level.OVERDUE, Level.SUPERVISE, Level.LEADERS]),
        ("2026-09-22", [Level.OVERDUE, Level.SUPERVISE, Level.LEADERS]),
        ("2026-09-23", [Level.SUPERVISE, Level.LEADERS]),
        ("2026-09-24", [Level.SUPERVISE, Level.LEADERS]),
        ("2026-09-25", [Level.LEADERS]),
        ("2026-10-20", [Level.LEADERS]),
    ],
)
def test_of_the_levels_already_past_only_the_highest_fires(
    national: WorkCalendar, rules: LadderRules, born: str, levels: list[Level]
) -> None:
    found = moments_from_birth(from_2026_09_14("6wd", national), rules, national, in_china(born, "00:00"))
    assert [moment.level for moment in found] == levels
