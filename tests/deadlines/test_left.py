"""What a badge says of the time that is left: each wording, and both sides of each boundary."""

from __future__ import annotations

from datetime import date, time

import pytest

from app.deadlines.calendar import WorkCalendar
from app.deadlines.left import Nearness, TimeLeft, how_met, time_left
from app.deadlines.limits import NATURAL_DAYS, WORKING_DAYS, Unit
from app.deadlines.moments import too_late
from deadlines.conftest import in_china

# 2025-04-17 is a Thursday; the three days before it are XS's water festival, after a weekend.
LAST = date(2025, 4, 17)


def left(calendar: WorkCalendar, day: str, clock: str, unit: Unit | None = WORKING_DAYS, **more: bool) -> TimeLeft:
    return time_left(too_late(LAST, None), LAST, unit, in_china(day, clock), calendar, **more)


@pytest.mark.parametrize(
    ("day", "clock", "unit", "nearness", "words"),
    [
        ("2025-04-09", "10:00", WORKING_DAYS, "far", "剩 3 个工作日"),
        ("2025-04-10", "00:00", WORKING_DAYS, "soon", "剩 2 个工作日"),
        ("2025-04-11", "23:59", WORKING_DAYS, "soon", "剩 1 个工作日"),
        ("2025-04-13", "10:00", WORKING_DAYS, "soon", "剩 1 个工作日"),
        ("2025-04-14", "10:00", NATURAL_DAYS, "far", "剩 3 天（自然日）"),
        ("2025-04-15", "10:00", NATURAL_DAYS, "soon", "剩 2 天（自然日）"),
        ("2025-04-15", "10:00", None, "soon", "剩 2 天（自然日）"),
        ("2025-04-17", "00:00", WORKING_DAYS, "today", "今日到期 · 剩 24 小时"),
        ("2025-04-17", "16:30", WORKING_DAYS, "today", "今日到期 · 剩 7 小时"),
        ("2025-04-17", "23:00", WORKING_DAYS, "today", "今日到期 · 剩 1 小时"),
        ("2025-04-17", "23:18", WORKING_DAYS, "today", "今日到期 · 剩 42 分钟"),
        ("2025-04-17", "23:59", WORKING_DAYS, "today", "今日到期 · 剩 1 分钟"),
        ("2025-04-18", "00:00", WORKING_DAYS, "over", "超期 1 个工作日"),
        ("2025-04-20", "10:00", WORKING_DAYS, "over", "超期 1 个工作日"),
        ("2025-04-21", "10:00", WORKING_DAYS, "over", "超期 2 个工作日"),
        ("2025-04-20", "10:00", NATURAL_DAYS, "over", "超期 3 天（自然日）"),
    ],
)
def test_the_badge_counts_the_days_after_today_and_the_first_day_over_as_one(
    xs: WorkCalendar, day: str, clock: str, unit: Unit | None, nearness: str, words: str
) -> None:
    found = left(xs, day, clock, unit)
    assert (found.nearness, found.words) == (nearness, words)


def test_whoever_was_reported_to_the_overseer_reads_so_and_only_when_late(xs: WorkCalendar) -> None:
    assert left(xs, "2025-04-21", "10:00", is_supervised=True).words == "督办 · 超期 2 个工作日"
    assert left(xs, "2025-04-16", "10:00", is_supervised=True).nearness is Nearness.SOON


def test_a_date_that_a_notice_could_move_says_so_beside_its_wording(xs: WorkCalendar) -> None:
    found = left(xs, "2025-04-10", "10:00", is_provisional=True)
    assert (found.nearness, found.words, found.is_provisional) == ("soon", "剩 2 个工作日", True)
    assert found.moment.endswith("截止（暂定）")


@pytest.mark.parametrize(
    ("now", "closes", "moment"),
    [
        ("2025-04-15", None, "04-17 周四 截止"),
        ("2025-04-17", None, "24:00 截止"),
        ("2025-04-17", time(17, 30), "17:30 下班前 截止"),
        ("2024-12-31", None, "2025-04-17 周四 截止"),
    ],
)
def test_the_moment_under_the_badge_names_the_day_or_the_hour(
    national: WorkCalendar, now: str, closes: time | None, moment: str
) -> None:
    found = time_left(too_late(LAST, closes), LAST, WORKING_DAYS, in_china(now), national)
    assert found.moment == moment


def test_after_the_close_of_business_of_the_last_day_it_is_late_already(national: WorkCalendar) -> None:
    found = time_left(too_late(LAST, time(17, 30)), LAST, WORKING_DAYS, in_china("2025-04-17", "17:30"), national)
    assert (found.nearness, found.words) == ("over", "超期 1 个工作日")


@pytest.mark.parametrize(
    ("day", "clock", "unit", "words"),
    [
        ("2025-04-17", "23:59", WORKING_DAYS, "按期办结"),
        ("2025-04-18", "00:00", WORKING_DAYS, "超期 1 个工作日办结"),
        ("2025-04-21", "10:00", WORKING_DAYS, "超期 2 个工作日办结"),
        ("2025-04-20", "10:00", NATURAL_DAYS, "超期 3 天（自然日）办结"),
        ("2025-04-20", "10:00", None, "超期 3 天（自然日）办结"),
    ],
)
def test_what_was_done_was_in_time_or_as_late_as_the_badge_said(
    xs: WorkCalendar, day: str, clock: str, unit: Unit | None, words: str
) -> None:
    assert how_met(too_late(LAST, None), LAST, unit, in_china(day, clock), xs) == words
