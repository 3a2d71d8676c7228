"""A deadline in words."""

from __future__ import annotations

from datetime import date, time

from app.deadlines.calendar import WorkCalendar
from app.deadlines.compute import end_of, extend, runs_out
from app.deadlines.explain import explain
from app.deadlines.limits import Limit
from deadlines.conftest import in_china


def test_every_day_is_named_with_its_reason(xs: WorkCalendar) -> None:
    deadline = extend(runs_out(in_china("2025-04-11"), Limit.parse("1wd"), xs), Limit.parse("1wd"), xs)
    assert explain(deadline).splitlines() == [
        "期限：1个工作日",
        "起算：2025-04-11 10:00（当日不计）",
        "计入2天：",
        "    1  2025-04-17 周四",
        "    2  2025-04-18 周五",
        "不计5天：",
        "       2025-04-12 周六  周末",
        "       2025-04-13 周日  周末",
        "       2025-04-14 周一  泼水节放假(西双版纳)",
        "       2025-04-15 周二  泼水节放假(西双版纳)",
        "       2025-04-16 周三  泼水节放假(西双版纳)",
        "延期：1个工作日，至2025-04-18 周五",
        "截止：2025-04-18 周五 24:00前",
        "日历版本：14",
    ]


def test_a_provisional_date_says_what_is_not_loaded(xs: WorkCalendar) -> None:
    words = explain(runs_out(in_china("2026-12-11"), Limit.parse("15wd"), xs))
    assert "暂定：2026年西双版纳放假安排、2027年全国放假安排、2027年西双版纳放假安排尚未载入，按周末推算" in words


def test_the_same_day_says_whether_it_was_carried_over(national: WorkCalendar) -> None:
    assert "（当日计）" in explain(runs_out(in_china("2025-04-11"), Limit.parse("0wd"), national))
    assert "顺延至下一个工作日" in explain(runs_out(in_china("2025-04-12"), Limit.parse("0wd"), national))


def test_a_set_date_and_close_of_business_are_said(national: WorkCalendar) -> None:
    words = explain(end_of(date(2025, 4, 20), national, time(17, 30)))
    assert words.splitlines() == ["期限：定于2025-04-20 周日", "截止：2025-04-20 周日 17:30下班前", "日历版本：9"]
