"""Moments as Excel, exchanges and people write them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clock import SHANGHAI
from app.intake.moments import NoMoment, read_moment

HALF_PAST_NINE = datetime(2025, 4, 1, 9, 30)  # noqa: DTZ001  as written, without a zone
SECONDS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 12, 31)).map(lambda each: each.replace(microsecond=0))  # noqa: DTZ001


@pytest.mark.parametrize(
    "text",
    [
        "2025-04-01 09:30:00", "2025-04-01T09:30", "2025/4/1 9:30", "2025/04/01 9:30:00", "2025-4-1 09:30", "2025.4.1 9:30",
        "20250401093000", "202504010930", "20250401T093000", "2025年4月1日 9:30", "2025年4月1日9时30分", "45748.3958333333",
    ],
)  # fmt: skip
def test_each_way_to_write_a_moment_is_read(text: str) -> None:
    assert read_moment(text) == HALF_PAST_NINE


@pytest.mark.parametrize("text", ["2025-04-01", "2025/4/1", "20250401", "2025年4月1日", "45748", "45748.0"])
def test_a_day_alone_is_its_beginning(text: str) -> None:
    assert read_moment(text) == datetime(2025, 4, 1)  # noqa: DTZ001


def test_an_offset_is_kept() -> None:
    assert read_moment("2025-04-01T01:30:00Z") == HALF_PAST_NINE.replace(tzinfo=SHANGHAI)
    assert read_moment("2025-04-01T09:30:00+08:00") == HALF_PAST_NINE.replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    "text",
    [
        "昨天", "2025-02-29", "2025/13/1", "2025040109", "2025040122130",
        "20250401250000", "2025-04-01 25:00", "9999999", "12345.6.7", "4/1/2025",
    ],
)  # fmt: skip
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(NoMoment):
        read_moment(text)


@given(SECONDS)
def test_every_second_survives_excel(moment: datetime) -> None:
    days = (moment - datetime(1899, 12, 30)) / timedelta(days=1)  # noqa: DTZ001
    assert read_moment(f"{days:.15g}") == moment


@given(SECONDS)
def test_every_second_is_read_from_its_digits_and_as_people_write_it(moment: datetime) -> None:
    assert read_moment(f"{moment:%Y%m%d%H%M%S}") == moment
    assert read_moment(f"{moment.year}/{moment.month}/{moment.day} {moment.hour}:{moment:%M:%S}") == moment


@given(st.text(alphabet="0123456789/-: .TZ+年月日时分", max_size=24))
def test_whatever_is_written_is_a_moment_or_none(text: str) -> None:
    try:
        read_moment(text)
    except NoMoment:
        return
