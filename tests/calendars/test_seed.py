"""The first notices."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import chinese_calendar
import pytest
from sqlalchemy.orm import Session

from app.calendars import seed
from app.calendars.errors import SeedChanged
from app.calendars.load import load_notice
from app.calendars.queries import calendar_for
from app.calendars.seed import CHECKED, NOTICES, national_notices, seed_calendars
from app.clock import SHANGHAI
from app.deadlines.calendar import Day
from app.deadlines.compute import runs_out
from app.deadlines.limits import Limit
from calendars.conftest import AT, MakeNotice


def test_the_seeded_calendar_has_every_day_of_2018_to_2026_right(session: Session) -> None:
    calendar = calendar_for(session, ["national"])
    day = date(2018, 1, 1)
    while day.year < 2027:
        assert calendar.is_working_day(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)
    assert {year: calendar.count_working_days(date(year - 1, 12, 31), date(year, 12, 31)) for year in CHECKED} == {
        2018: 250, 2019: 250, 2020: 249, 2021: 250, 2022: 249, 2023: 249, 2024: 251, 2025: 248, 2026: 248
    }  # fmt: skip


@pytest.mark.clause("XS 一(二)1")
@pytest.mark.parametrize(
    ("start", "limit", "end"),
    [
        ("2019-04-12", "15wd", "2019-05-09"),
        ("2022-04-08", "2wd", "2022-04-10"),
        ("2023-04-11", "2wd", "2023-04-18"),
        ("2025-04-11", "2wd", "2025-04-18"),
    ],
)
def test_xishuangbanna_counts_by_the_tables(session: Session, start: str, limit: str, end: str) -> None:
    from_at = datetime.fromisoformat(f"{start}T10:00").replace(tzinfo=SHANGHAI)
    deadline = runs_out(from_at, Limit.parse(limit), calendar_for(session, ["national", "xs"]))
    assert deadline.last_day.isoformat() == end
    assert not deadline.provisional
    assert deadline.calendar_version > 0


def test_only_the_local_years_that_were_found_are_loaded(session: Session) -> None:
    calendar = calendar_for(session, ["national", "xs"])
    assert [year for year in range(2018, 2028) if calendar.covers(date(year, 6, 1))] == [2018, 2019, 2022, 2023, 2025]


def test_a_day_is_in_the_notice_that_named_it() -> None:
    by_year = {notice.year: {day.day for day in notice.days} for notice in national_notices()}
    assert date(2018, 12, 29) in by_year[2019]
    assert date(2022, 12, 31) in by_year[2023]
    assert date(2018, 12, 29) not in by_year[2018]


def test_seeding_again_adds_nothing_and_leaves_later_notices_alone(session: Session, make_notice: MakeNotice) -> None:
    closed = make_notice(year=2025, days=(Day(date(2025, 9, 9), True, "台风停工"),))
    load_notice(session, closed, loaded_by="张三", loaded_at=AT)
    assert seed_calendars(session, loaded_by="test", loaded_at=AT) == []
    assert not calendar_for(session, ["national", "xs"]).is_working_day(date(2025, 9, 9))


def test_a_package_that_changed_its_days_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(seed.constants.holidays, date(2026, 10, 1))
    with pytest.raises(SeedChanged) as refused:
        national_notices()
    assert "2026年" in refused.value.message


def test_every_local_notice_says_its_source() -> None:
    for path in NOTICES.glob("*.toml"):
        assert "source = " in path.read_text("utf-8")
