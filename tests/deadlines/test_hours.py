"""When people are told: in business hours of working days."""

from __future__ import annotations

import pytest

from app.deadlines.calendar import WorkCalendar
from app.deadlines.errors import HoursMalformed
from app.deadlines.hours import BusinessHours, next_open
from deadlines.conftest import in_china

HOURS = BusinessHours.parse(["09:00-12:00", "14:00-17:30"])


@pytest.mark.parametrize(
    ("day", "clock_time", "told_on", "told_at"),
    [
        ("2025-04-11", "09:00", "2025-04-11", "09:00"),
        ("2025-04-11", "11:59:59", "2025-04-11", "11:59:59"),
        ("2025-04-11", "00:00", "2025-04-11", "09:00"),
        ("2025-04-11", "12:00", "2025-04-11", "14:00"),
        ("2025-04-11", "17:29:59", "2025-04-11", "17:29:59"),
        ("2025-04-11", "17:30", "2025-04-14", "09:00"),
        ("2025-04-12", "10:00", "2025-04-14", "09:00"),
        ("2026-09-20", "10:00", "2026-09-20", "10:00"),
        ("2026-09-30", "23:59", "2026-10-08", "09:00"),
        ("2025-12-31", "18:00", "2026-01-04", "09:00"),
    ],
)
def test_a_message_waits_for_the_next_business_hour(
    national: WorkCalendar, day: str, clock_time: str, told_on: str, told_at: str
) -> None:
    assert next_open(in_china(day, clock_time), HOURS, national) == in_china(told_on, told_at)


def test_local_holidays_are_quiet_too(xs: WorkCalendar) -> None:
    assert next_open(in_china("2025-04-14"), HOURS, xs) == in_china("2025-04-17", "09:00")


@pytest.mark.parametrize(
    "written",
    [
        [],
        ["12:00-09:00"],
        ["09:00-09:00"],
        ["09:00-12:00", "11:00-17:00"],
        ["14:00-17:00", "09:00-12:00"],
        ["9-12"],
        ["09:00-24:00"],
    ],
)
def test_hours_in_which_nobody_is_told_are_refused(written: list[str]) -> None:
    with pytest.raises(HoursMalformed):
        BusinessHours.parse(written)
