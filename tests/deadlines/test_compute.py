"""When limits run out: the table of the notices, and every edge of a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from app.deadlines.calendar import Missing, Skipped, WorkCalendar
from app.deadlines.compute import Extension, end_of, extend, extend_until, later_of, runs_out
from app.deadlines.errors import BeyondCalendar, ExtensionEmpty, MomentNaive, NoDeadline
from app.deadlines.limits import NATURAL_DAYS, WORKING_DAYS, Limit
from deadlines.conftest import in_china


def last_day(calendar: WorkCalendar, start: str, limit: str, clock_time: str = "10:00") -> str:
    return runs_out(in_china(start, clock_time), Limit.parse(limit), calendar).last_day.isoformat()


NATIONAL_TABLE = [
    ("2020-01-22", "2wd", "2020-02-03"),
    ("2020-01-22", "5wd", "2020-02-06"),
    ("2019-04-12", "15wd", "2019-05-06"),
    ("2026-09-18", "2wd", "2026-09-21"),
    ("2026-09-30", "5wd", "2026-10-13"),
    ("2022-04-08", "2wd", "2022-04-12"),
    ("2023-04-11", "2wd", "2023-04-13"),
    ("2025-04-11", "2wd", "2025-04-15"),
    ("2026-02-13", "2wd", "2026-02-24"),  # 春节: 02-14 (Sat) is worked, 02-15 to 02-23 are not
    ("2025-12-31", "2wd", "2026-01-05"),  # 元旦: 01-04 (Sun) is worked
    ("2024-02-28", "2wd", "2024-03-01"),  # a leap day counts
    ("2024-02-27", "2nd", "2024-02-29"),
    ("2025-02-27", "2nd", "2025-03-01"),
    ("2026-09-28", "7nd", "2026-10-05"),  # natural days do not roll past a holiday
    ("2025-12-25", "7nd", "2026-01-01"),
    ("2026-02-10", "15nd", "2026-02-25"),
]
XS_TABLE = [
    ("2019-04-12", "15wd", "2019-05-09"),
    ("2022-04-08", "2wd", "2022-04-10"),
    ("2023-04-11", "2wd", "2023-04-18"),
    ("2025-04-11", "2wd", "2025-04-18"),
    ("2018-01-19", "2wd", "2018-01-21"),
    ("2018-01-19", "3wd", "2018-01-29"),
    ("2018-04-11", "2wd", "2018-04-18"),
    ("2019-01-22", "1wd", "2019-01-28"),
    ("2019-04-19", "2wd", "2019-04-21"),
]


@pytest.mark.clause("GC 二(二)")
@pytest.mark.clause("ZB 13")
@pytest.mark.parametrize(("start", "limit", "end"), NATIONAL_TABLE)
def test_the_nth_day_after_the_start_day_is_the_last(national: WorkCalendar, start: str, limit: str, end: str) -> None:
    assert last_day(national, start, limit) == end


@pytest.mark.clause("XS 一(二)1")
@pytest.mark.clause("XS 一(二)2")
@pytest.mark.parametrize(("start", "limit", "end"), XS_TABLE)
def test_xishuangbanna_counts_by_its_own_days(xs: WorkCalendar, start: str, limit: str, end: str) -> None:
    assert last_day(xs, start, limit) == end


@pytest.mark.clause("XS 一(二)1")
def test_a_deadline_explains_itself_day_by_day(xs: WorkCalendar) -> None:
    deadline = runs_out(in_china("2025-04-11"), Limit(2, WORKING_DAYS), xs)
    assert deadline.as_dict() == {
        "started_at": "2025-04-11T02:00:00Z",
        "limit": "2wd",
        "due_at": "2025-04-18T16:00:00Z",
        "last_day": "2025-04-18",
        "closes_at": None,
        "provisional": False,
        "missing": [],
        "counted": ["2025-04-17", "2025-04-18"],
        "skipped": [
            {"day": "2025-04-12", "reason": "周末"},
            {"day": "2025-04-13", "reason": "周末"},
            {"day": "2025-04-14", "reason": "泼水节放假(西双版纳)"},
            {"day": "2025-04-15", "reason": "泼水节放假(西双版纳)"},
            {"day": "2025-04-16", "reason": "泼水节放假(西双版纳)"},
        ],
        "extensions": [],
        "calendar_version": 14,
    }


def test_natural_days_skip_nothing_and_no_notice_can_move_them(national: WorkCalendar) -> None:
    deadline = runs_out(in_china("2026-12-28"), Limit(7, NATURAL_DAYS), national)
    assert deadline.counted == tuple(date(2026, 12, 28) + timedelta(days=n) for n in range(1, 8))
    assert deadline.skipped == ()
    assert not deadline.provisional


@pytest.mark.parametrize("clock_time", ["00:00", "00:00:00.000001", "08:59:59", "17:30", "23:59:59.999", "23:59:59.999999"])
def test_the_time_of_day_of_receipt_changes_nothing(national: WorkCalendar, clock_time: str) -> None:
    assert last_day(national, "2025-04-11", "2wd", clock_time) == "2025-04-15"


def test_midnight_belongs_to_the_new_day(national: WorkCalendar) -> None:
    assert last_day(national, "2025-04-10", "1wd", "23:59:59.999") == "2025-04-11"
    assert last_day(national, "2025-04-11", "1wd", "00:00") == "2025-04-14"


def test_the_last_instant_of_the_last_day_is_in_time(national: WorkCalendar) -> None:
    deadline = runs_out(in_china("2025-04-11"), Limit(2, WORKING_DAYS), national)
    assert not deadline.is_late(in_china("2025-04-15", "23:59:59.999999"))
    assert deadline.is_late(in_china("2025-04-16", "00:00"))
    assert deadline.due_at.tzinfo is UTC


def test_close_of_business_ends_the_last_day_where_one_is_set(national: WorkCalendar) -> None:
    deadline = runs_out(in_china("2025-04-11"), Limit(2, WORKING_DAYS), national, time(17, 30))
    assert deadline.due_at == in_china("2025-04-15", "17:30")
    assert not deadline.is_late(in_china("2025-04-15", "17:29:59"))
    assert deadline.is_late(in_china("2025-04-15", "17:30"))
    assert deadline.as_dict()["closes_at"] == "17:30"


@pytest.mark.clause("GC 二(一)")
@pytest.mark.parametrize(
    ("start", "clock_time", "end"),
    [
        ("2025-04-11", "00:00", "2025-04-11"),
        ("2025-04-11", "23:59:59.999", "2025-04-11"),
        ("2025-04-12", "10:00", "2025-04-14"),  # received on a Saturday
        ("2025-04-27", "10:00", "2025-04-27"),  # a Sunday that is worked
        ("2026-10-01", "09:00", "2026-10-08"),
        ("2026-02-14", "23:00", "2026-02-14"),  # a Saturday that is worked
        ("2026-02-15", "00:00", "2026-02-24"),
    ],
)
def test_the_same_day_means_the_next_working_day_when_received_at_rest(
    national: WorkCalendar, start: str, clock_time: str, end: str
) -> None:
    assert last_day(national, start, "0wd", clock_time) == end


def test_the_same_day_received_after_close_of_business_ends_with_the_next_working_day(national: WorkCalendar) -> None:
    same_day, closes_at = Limit(0, WORKING_DAYS), time(17, 30)
    assert runs_out(in_china("2025-04-11", "17:29:59"), same_day, national, closes_at).last_day == date(2025, 4, 11)
    assert runs_out(in_china("2025-04-11", "17:30"), same_day, national, closes_at).last_day == date(2025, 4, 14)


def test_a_same_day_limit_counts_only_the_days_after_the_start(national: WorkCalendar) -> None:
    same = runs_out(in_china("2025-04-11"), Limit(0, WORKING_DAYS), national)
    assert (same.counted, same.skipped) == ((), ())
    rolled = runs_out(in_china("2025-04-12"), Limit(0, WORKING_DAYS), national)
    assert (rolled.counted, rolled.skipped) == ((date(2025, 4, 14),), (Skipped(date(2025, 4, 13), "周末"),))


def test_a_start_on_a_rest_day_counts_from_the_next_working_day(national: WorkCalendar) -> None:
    assert last_day(national, "2025-04-12", "1wd") == "2025-04-14"
    assert last_day(national, "2025-04-13", "1wd") == "2025-04-14"


@pytest.mark.parametrize(
    ("start", "limit", "missing"),
    [
        ("2026-12-10", "15wd", ()),
        ("2026-12-11", "15wd", (Missing("national", 2027, ""),)),
        ("2027-01-01", "0wd", (Missing("national", 2027, ""),)),
        ("2026-12-31", "1wd", (Missing("national", 2027, ""),)),
        ("2027-12-31", "1wd", (Missing("national", 2028, ""),)),
    ],
)
def test_a_limit_into_a_year_that_is_not_loaded_is_provisional(
    national: WorkCalendar, start: str, limit: str, missing: tuple[Missing, ...]
) -> None:
    deadline = runs_out(in_china(start), Limit.parse(limit), national)
    assert deadline.missing == missing
    assert deadline.provisional == bool(missing)


def test_each_day_of_2018_to_2030_has_every_limit(national: WorkCalendar, xs: WorkCalendar) -> None:
    start = datetime(2018, 1, 1, tzinfo=UTC)
    for n in range(13 * 366):
        for limit in ("2wd", "5wd", "7nd", "15wd"):
            for calendar in (national, xs):
                assert runs_out(start + timedelta(days=n), Limit.parse(limit), calendar).due_at > start + timedelta(days=n)


@pytest.mark.parametrize("limit", ["0wd", "2wd", "7nd", "3660wd"])
def test_far_years_never_fail_before_2100(national: WorkCalendar, limit: str) -> None:
    for year in (2038, 2050, 2100):
        assert runs_out(in_china(f"{year}-12-31", "23:59:59.999"), Limit.parse(limit), national)


def test_year_2038_is_a_year_like_others(national: WorkCalendar) -> None:
    deadline = runs_out(datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC), Limit(5, WORKING_DAYS), national)
    assert deadline.due_at == datetime(2038, 1, 26, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "limit"), [("2199-12-31", "1wd"), ("2199-12-31", "1nd"), ("2199-12-20", "3660wd"), ("2199-12-25", "7nd")]
)
def test_a_limit_beyond_2199_is_refused_by_name(national: WorkCalendar, start: str, limit: str) -> None:
    with pytest.raises(BeyondCalendar):
        runs_out(in_china(start), Limit.parse(limit), national)


def test_year_9999_is_refused_in_chinese(national: WorkCalendar) -> None:
    for limit in ("0wd", "1wd", "1nd"):
        with pytest.raises(BeyondCalendar) as refused:
            runs_out(datetime(9999, 12, 31, 23, 59, tzinfo=UTC), Limit.parse(limit), national)
        assert refused.value.message == "9999年超出日历可推算的范围（1950年至2199年）"


def test_a_start_without_an_offset_is_refused(national: WorkCalendar) -> None:
    with pytest.raises(MomentNaive):
        runs_out(datetime(2025, 4, 11, 10), Limit(2, WORKING_DAYS), national)  # noqa: DTZ001  the refusal is what is tested


@pytest.mark.parametrize("year", range(1986, 1992))
def test_summer_time_moves_no_last_day(national: WorkCalendar, year: int) -> None:
    for n in range(365):
        start = datetime(year, 1, 1, 15, 30, tzinfo=UTC) + timedelta(days=n)
        deadline = runs_out(start, Limit(3, NATURAL_DAYS), national)
        assert not deadline.is_late(in_china(deadline.last_day.isoformat(), "23:59:59.999"))
        assert deadline.is_late(in_china((deadline.last_day + timedelta(days=1)).isoformat(), "00:00"))


def test_a_set_date_ends_with_that_day_holiday_or_not(national: WorkCalendar) -> None:
    deadline = end_of(date(2026, 10, 3), national)
    assert deadline.due_at == in_china("2026-10-04", "00:00")
    assert (deadline.limit, deadline.started_at, deadline.counted, deadline.provisional) == (None, None, (), False)
    assert end_of(date(2026, 10, 9), national, time(17, 30)).due_at == in_china("2026-10-09", "17:30")


@pytest.mark.parametrize("day", [date(9999, 12, 31), date(1, 1, 1), date(2200, 1, 1)])
def test_a_set_date_out_of_reach_is_refused(national: WorkCalendar, day: date) -> None:
    with pytest.raises(BeyondCalendar):
        end_of(day, national)


@pytest.mark.clause("XS 一(二)2")
def test_an_extension_counts_on_from_the_end_of_the_old_limit(xs: WorkCalendar) -> None:
    deadline = runs_out(in_china("2025-04-09"), Limit(2, WORKING_DAYS), xs)
    longer = extend(deadline, Limit(2, WORKING_DAYS), xs)
    assert deadline.last_day == date(2025, 4, 11)
    assert longer.last_day == date(2025, 4, 18)
    assert longer.extensions == (Extension(Limit(2, WORKING_DAYS), date(2025, 4, 18)),)
    assert longer.as_dict()["extensions"] == [{"limit": "2wd", "last_day": "2025-04-18"}]
    assert len(longer.counted) + len(longer.skipped) == 9
    assert (longer.limit, longer.started_at) == (deadline.limit, deadline.started_at)


def test_an_extension_keeps_the_close_of_business_and_what_is_missing(national: WorkCalendar) -> None:
    deadline = runs_out(in_china("2026-12-24"), Limit(5, WORKING_DAYS), national, time(17, 30))
    longer = extend(deadline, Limit(2, WORKING_DAYS), national)
    assert not deadline.provisional
    assert longer.missing == (Missing("national", 2027, ""),)
    assert longer.due_at == in_china("2027-01-04", "17:30")


def test_an_extension_adds_at_least_a_day(national: WorkCalendar) -> None:
    deadline = runs_out(in_china("2025-04-11"), Limit(2, WORKING_DAYS), national)
    with pytest.raises(ExtensionEmpty):
        extend(deadline, Limit(0, WORKING_DAYS), national)
    with pytest.raises(ExtensionEmpty):
        extend_until(deadline, date(2025, 4, 15))


@pytest.mark.clause("SX 十四")
def test_a_promised_date_can_be_moved_to_a_later_one(national: WorkCalendar) -> None:
    moved = extend_until(end_of(date(2025, 4, 15), national, time(17, 30)), date(2025, 4, 20))
    assert moved.due_at == in_china("2025-04-20", "17:30")
    assert moved.extensions == (Extension(None, date(2025, 4, 20)),)


def test_a_date_set_in_place_of_a_provisional_one_is_firm(national: WorkCalendar) -> None:
    deadline = runs_out(in_china("2026-12-24"), Limit(15, WORKING_DAYS), national)
    assert deadline.provisional
    assert not extend_until(deadline, date(2027, 2, 1)).provisional


def test_the_later_of_two_limits_binds_and_one_not_running_is_ignored(national: WorkCalendar) -> None:
    earlier = runs_out(in_china("2025-04-11"), Limit(1, WORKING_DAYS), national)
    later = runs_out(in_china("2025-04-11"), Limit(2, WORKING_DAYS), national)
    assert later_of(earlier, later) == later_of(later, earlier) == later
    assert later_of(None, earlier) == earlier
    with pytest.raises(NoDeadline):
        later_of(None, None)
