"""Calendars as they are seeded, without a database."""

from __future__ import annotations

from datetime import datetime, time

import pytest

from app.calendars.notice import read_notice
from app.calendars.seed import CHECKED, NOTICES, national_notices
from app.clock import SHANGHAI
from app.deadlines.calendar import NATIONAL, Layer, WorkCalendar
from app.deadlines.ladder import LadderRules
from app.deadlines.limits import WORKING_DAYS, Limit


def in_china(day: str, clock_time: str = "10:00") -> datetime:
    return datetime.combine(datetime.fromisoformat(day), time.fromisoformat(clock_time), SHANGHAI)


def national_layer() -> Layer:
    return Layer.of_years(NATIONAL, "", [day for notice in national_notices() for day in notice.days], CHECKED)


def xs_layer() -> Layer:
    notices = [read_notice(path) for path in sorted(NOTICES.glob("xs-*.toml"))]
    days = tuple(day for notice in notices for day in notice.days)
    return Layer("xs", "西双版纳", days, {notice.year: notice.known_from for notice in notices})


@pytest.fixture(scope="session")
def national() -> WorkCalendar:
    return WorkCalendar([national_layer()], 9)


@pytest.fixture(scope="session")
def xs() -> WorkCalendar:
    return WorkCalendar([national_layer(), xs_layer()], 14)


@pytest.fixture(scope="session")
def rules() -> LadderRules:
    return LadderRules(10, Limit(3, WORKING_DAYS), Limit(1, WORKING_DAYS), Limit(3, WORKING_DAYS))
