"""Reading a notice: every bad thing is refused by its reason, in Chinese."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.calendars.errors import NoticeEmpty, NoticeMalformed, NoticeRepeatsDay, NoticeUnreadable, NoticeWrongYear
from app.calendars.notice import LARGEST, parse_notice, read_notice
from app.deadlines.calendar import Day
from app.errors import Invalid

HOLIDAY_CN = {
    "year": 2019,
    "papers": ["https://www.gov.cn/zhengce/content/2018-12/06/content_5346276.htm"],
    "days": [
        {"name": "元旦", "date": "2018-12-29", "isOffDay": False},
        {"name": "元旦", "date": "2019-01-01", "isOffDay": True},
    ],
}
TOML = """
layer = "xs"
area = "西双版纳"
year = 2025
source = "州政府办公室通知"
known_from = 2025-02-01
[[days]]
name = "泼水节"
date = 2025-04-14
off = true
[[days]]
name = "泼水节"
date = "2025-04-19"
off = false
"""


def as_json(**changes: Any) -> bytes:
    return json.dumps(HOLIDAY_CN | changes, ensure_ascii=False).encode()


def test_the_json_of_holiday_cn_speaks_for_the_whole_country() -> None:
    notice = parse_notice(as_json(), "2019.json")
    assert (notice.layer, notice.year, notice.known_from) == ("national", 2019, date(2019, 1, 1))
    assert notice.source == HOLIDAY_CN["papers"][0]  # type: ignore[index]  # a list of one
    assert notice.days == (Day(date(2018, 12, 29), False, "元旦"), Day(date(2019, 1, 1), True, "元旦"))


def test_json_without_papers_names_its_file_as_source() -> None:
    bare = json.dumps({"year": 2019, "days": HOLIDAY_CN["days"]}).encode()
    assert parse_notice(bare, "2019.json").source == "2019.json"


def test_json_may_speak_for_another_layer() -> None:
    assert parse_notice(as_json(layer="xs", area="西双版纳"), "x.JSON").layer == "xs"


def test_toml_says_layer_area_and_from_when_it_is_known() -> None:
    notice = parse_notice(TOML.encode(), "xs-2025.toml")
    assert (notice.layer, notice.area, notice.known_from) == ("xs", "西双版纳", date(2025, 2, 1))
    assert notice.days == (Day(date(2025, 4, 14), True, "泼水节"), Day(date(2025, 4, 19), False, "泼水节"))


def test_a_byte_order_mark_does_no_harm() -> None:
    assert parse_notice(b"\xef\xbb\xbf" + as_json(), "2019.json").year == 2019


def day(**changes: Any) -> list[dict[str, Any]]:
    return [{"name": "元旦", "date": "2019-01-01", "isOffDay": True} | changes]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"year": None}, NoticeMalformed),
        ({"year": "2019"}, NoticeMalformed),
        ({"year": True}, NoticeMalformed),
        ({"year": 9999}, NoticeMalformed),
        ({"year": 2021}, NoticeWrongYear),
        ({"days": None}, NoticeMalformed),
        ({"days": {}}, NoticeMalformed),
        ({"days": ["2019-01-01"]}, NoticeMalformed),
        ({"days": []}, NoticeEmpty),
        ({"days": day(date="2019-02-29")}, NoticeMalformed),
        ({"days": day(date="20190101")}, NoticeMalformed),
        ({"days": day(date="2019-W01-2")}, NoticeMalformed),
        ({"days": day(date=20190101)}, NoticeMalformed),
        ({"days": day(date="2018-11-30")}, NoticeWrongYear),
        ({"days": day(date="2020-02-01")}, NoticeWrongYear),
        ({"days": day(isOffDay=1)}, NoticeMalformed),
        ({"days": day(isOffDay="true")}, NoticeMalformed),
        ({"days": day(name="")}, NoticeMalformed),
        ({"days": day(name="元旦\u0000")}, NoticeMalformed),
        ({"days": day(name="元" * 41)}, NoticeMalformed),
        ({"days": day() + day(isOffDay=False)}, NoticeRepeatsDay),
        ({"layer": "../xs"}, NoticeMalformed),
        ({"layer": 1}, NoticeMalformed),
        ({"source": ""}, NoticeMalformed),
        ({"area": 1}, NoticeMalformed),
        ({"known_from": "2018-02-01"}, NoticeWrongYear),
    ],
)
def test_what_a_notice_cannot_say_is_refused(changes: dict[str, Any], error: type[Invalid]) -> None:
    with pytest.raises(error) as refused:
        parse_notice(as_json(**changes), "2019.json")
    assert refused.value.code == error.code
    assert any("一" <= letter <= "鿿" for letter in refused.value.message)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"{", "a.json"),
        (b"\xff\xfe", "a.json"),
        (b"[" * 100_000, "a.json"),
        (b"year = ", "a.toml"),
        (b"a = " + b"[" * 100_000, "a.toml"),
        (b"{}", "a.ics"),
        (b"{}", "json"),
        (b" " * (LARGEST + 1), "a.json"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(raw: bytes, name: str) -> None:
    with pytest.raises(NoticeUnreadable):
        parse_notice(raw, name)


@pytest.mark.parametrize("raw", [b"[]", b"3", b"null", b'"x"'])
def test_json_that_is_no_table_is_refused(raw: bytes) -> None:
    with pytest.raises(NoticeMalformed):
        parse_notice(raw, "a.json")


def test_toml_must_say_its_layer_and_source() -> None:
    for line in ('layer = "xs"\n', 'source = "州政府办公室通知"\n'):
        with pytest.raises(NoticeMalformed):
            parse_notice(TOML.replace(line, "").encode(), "xs.toml")


def test_a_moment_is_no_day() -> None:
    with pytest.raises(NoticeMalformed):
        parse_notice(TOML.replace("2025-04-14", "2025-04-14T00:00:00").encode(), "xs.toml")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoticeUnreadable):
        read_notice(tmp_path / "2027.toml")
    with pytest.raises(NoticeUnreadable):
        read_notice(tmp_path)


def test_the_digest_is_of_what_is_said_not_of_the_file() -> None:
    days = list(reversed(HOLIDAY_CN["days"]))  # type: ignore[call-overload]  # a list
    assert parse_notice(as_json(), "2019.json").digest == parse_notice(as_json(days=days), "other.json").digest
    assert parse_notice(as_json(), "2019.json").digest != parse_notice(as_json(days=day()), "2019.json").digest
