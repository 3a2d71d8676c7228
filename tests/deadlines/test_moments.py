"""Instants, and days in China."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from app.deadlines.errors import BeyondCalendar, MomentMalformed, MomentNaive
from app.deadlines.moments import at_local, day_in_china, in_utc, iso, parse_moment, too_late


def test_a_moment_with_an_offset_becomes_utc() -> None:
    assert parse_moment("2025-04-11T10:00+08:00") == datetime(2025, 4, 11, 2, tzinfo=UTC)
    assert parse_moment("2025-04-11T02:00:00Z") == datetime(2025, 4, 11, 2, tzinfo=UTC)
    assert iso(parse_moment("2025-04-11T10:00+08:00")) == "2025-04-11T02:00:00Z"


@pytest.mark.parametrize("text", ["2025-04-11T10:00", "2025-04-11", "2025-04-11 23:59:59.999"])
def test_a_naive_moment_is_refused(text: str) -> None:
    with pytest.raises(MomentNaive) as refused:
        parse_moment(text)
    assert refused.value.code == "moment_naive"
    assert "时区" in refused.value.message


@pytest.mark.parametrize("text", ["", "昨天", "2025-02-29T10:00+08:00", "2025-04-11T25:00+08:00", "11/04/2025", "1744336800"])
def test_a_text_that_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(MomentMalformed):
        parse_moment(text)


@pytest.mark.parametrize(
    "text", ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00+14:00", "2200-01-01T00:00Z"]
)
def test_a_year_out_of_reach_is_refused(text: str) -> None:
    with pytest.raises(BeyondCalendar) as refused:
        parse_moment(text)
    assert "范围" in refused.value.message


def test_a_naive_moment_is_refused_in_code_too() -> None:
    with pytest.raises(MomentNaive):
        in_utc(datetime(2025, 4, 11, 10))  # noqa: DTZ001  the refusal is what is tested


def test_the_day_is_that_of_china() -> None:
    assert day_in_china(datetime(2025, 4, 11, 15, 59, 59, 999999, UTC)) == date(2025, 4, 11)
    assert day_in_china(datetime(2025, 4, 11, 16, tzinfo=UTC)) == date(2025, 4, 12)


def test_summer_time_of_1986_to_1991_moves_midnight_by_an_hour() -> None:
    assert too_late(date(1988, 7, 1), None) == datetime(1988, 7, 1, 15, tzinfo=UTC)
    assert too_late(date(1988, 1, 1), None) == datetime(1988, 1, 1, 16, tzinfo=UTC)
    assert at_local(date(1990, 8, 1), time(17, 30)) == datetime(1990, 8, 1, 8, 30, tzinfo=UTC)
    assert day_in_china(datetime(1988, 7, 1, 15, tzinfo=UTC)) == date(1988, 7, 2)
