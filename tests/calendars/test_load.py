"""Loading adds and never destroys; the newest notice of a layer and year speaks."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.calendars.load import load_notice
from app.calendars.models import CalendarDay, CalendarNotice
from app.calendars.queries import calendar_for, calendar_with
from app.db import db
from app.deadlines.calendar import Day, Missing
from calendars.conftest import AT, MakeNotice

XS = ("national", "xs")


def test_a_notice_is_kept_with_its_days_its_digest_and_who_loaded_it(session: Session, make_notice: MakeNotice) -> None:
    notice = make_notice()
    loaded = load_notice(session, notice, loaded_by="张三", loaded_at=AT)
    assert (loaded.layer, loaded.year, loaded.digest, loaded.loaded_by, loaded.loaded_at) == (
        "xs",
        2026,
        notice.digest,
        "张三",
        AT,
    )
    days = session.scalars(select(CalendarDay).where(CalendarDay.notice_id == loaded.id)).all()
    assert [(day.day, day.is_off, day.name) for day in days] == [(date(2026, 9, 9), True, "台风停工")]


def test_the_version_grows_and_an_earlier_one_stays_as_it_was(session: Session, make_notice: MakeNotice) -> None:
    before = calendar_for(session, XS)
    loaded = load_notice(session, make_notice(), loaded_by="张三", loaded_at=AT)
    after = calendar_for(session, XS)
    assert before.version < loaded.id == after.version
    assert after.reason_for_rest(date(2026, 9, 9)) == "台风停工放假(西双版纳)"
    assert after.covers(date(2026, 9, 9))
    assert calendar_for(session, XS, before.version) is before
    assert before.is_working_day(date(2026, 9, 9))


def test_a_closure_in_the_year_replaces_the_notice_of_that_year(session: Session, make_notice: MakeNotice) -> None:
    load_notice(session, make_notice(), loaded_by="张三", loaded_at=AT)
    both = (Day(date(2026, 4, 14), True, "泼水节"), Day(date(2026, 9, 10), True, "台风停工"))
    load_notice(session, make_notice(days=both), loaded_by="张三", loaded_at=AT)
    calendar = calendar_for(session, XS)
    assert calendar.is_working_day(date(2026, 9, 9))
    assert not calendar.is_working_day(date(2026, 9, 10))
    assert session.query(CalendarNotice).filter_by(layer="xs", year=2026).count() == 2


def test_the_same_notice_is_not_added_twice(session: Session, make_notice: MakeNotice) -> None:
    first = load_notice(session, make_notice(), loaded_by="张三", loaded_at=AT)
    assert load_notice(session, make_notice(), loaded_by="李四", loaded_at=AT).id == first.id
    load_notice(session, make_notice(days=()), loaded_by="张三", loaded_at=AT)
    again = load_notice(session, make_notice(), loaded_by="张三", loaded_at=AT)
    assert again.id > first.id


def test_loadings_wait_for_each_other_so_that_versions_appear_in_order(session: Session, make_notice: MakeNotice) -> None:
    load_notice(session, make_notice(), loaded_by="张三", loaded_at=AT)
    with Session(db.engine) as other:
        other.execute(text("set local lock_timeout = '100ms'"))
        with pytest.raises(OperationalError, match="lock timeout"):
            load_notice(other, make_notice(year=2027, days=()), loaded_by="李四", loaded_at=AT)


def test_a_layer_of_another_place_moves_no_other_calendar(session: Session, make_notice: MakeNotice) -> None:
    national = calendar_for(session, ["national"])
    load_notice(session, make_notice(), loaded_by="张三", loaded_at=AT)
    assert calendar_for(session, ["national"]) is national


def test_next_years_notice_may_speak_of_december(session: Session, make_notice: MakeNotice) -> None:
    days = (Day(date(2026, 12, 27), False, "元旦"), Day(date(2027, 1, 1), True, "元旦"))
    load_notice(session, make_notice(layer="national", area="", year=2027, days=days), loaded_by="张三", loaded_at=AT)
    calendar = calendar_for(session, ["national"])
    assert calendar.is_working_day(date(2026, 12, 27))
    assert calendar.covers(date(2027, 1, 1))


def test_where_two_years_speak_of_one_day_the_newer_loading_holds(session: Session, make_notice: MakeNotice) -> None:
    day = date(2026, 12, 31)
    for year, is_off in ((2027, False), (2026, True)):
        notice = make_notice(year=year, days=(Day(day, is_off, "元旦"),))
        load_notice(session, notice, loaded_by="张三", loaded_at=AT)
    assert not calendar_for(session, XS).is_working_day(day)


def test_a_layer_without_any_notice_is_missing_everywhere(session: Session) -> None:
    calendar = calendar_for(session, ["national", "nowhere"])
    assert calendar.missing(date(2025, 5, 6), date(2025, 5, 6)) == (Missing("nowhere", 2025, "nowhere"),)
    assert calendar_for(session, ["nowhere"]).version == 0


def test_a_rehearsed_notice_is_in_the_calendar_but_not_in_the_tables(session: Session, make_notice: MakeNotice) -> None:
    present = calendar_for(session, XS)
    rehearsed = calendar_with(session, XS, make_notice())
    assert not rehearsed.is_working_day(date(2026, 9, 9))
    assert rehearsed.version == present.version + 1
    assert calendar_for(session, XS) is present
    assert calendar_with(session, ["national"], make_notice()) is calendar_for(session, ["national"])
    loaded = load_notice(session, make_notice(), loaded_by="张三", loaded_at=AT)
    loaded_calendar = calendar_for(session, XS)
    assert loaded_calendar.version == loaded.id
    assert [loaded_calendar.working_days(date(y, 1, 1), date(y, 12, 31)) for y in range(2018, 2028)] == [
        rehearsed.working_days(date(y, 1, 1), date(y, 12, 31)) for y in range(2018, 2028)
    ]
