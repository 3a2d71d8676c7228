"""A notice as it is read from a file: checked, not yet loaded."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from app.calendars.errors import NoticeEmpty, NoticeMalformed, NoticeRepeatsDay, NoticeUnreadable, NoticeWrongYear
from app.deadlines.calendar import NATIONAL, Day

LARGEST = 1 << 20
YEARS = range(2000, 2101)
# holiday-cn's JSON and our TOML name the same thing differently.
OFF_KEYS = {".json": "isOffDay", ".toml": "off"}


@dataclass(frozen=True)
class Notice:
    """One authority's arrangement for one year.

    A notice may name days of the months next to its year (the one for 2019 makes
    2018-12-29 a working day). It answers for its year from `known_from` on.

    Raises:
        NoticeWrongYear: a day or `known_from` outside of what it can speak of.
        NoticeRepeatsDay: a day stands twice.
        NoticeEmpty: the national layer without a day.
    """

    layer: str
    area: str
    year: int
    known_from: date
    source: str
    days: tuple[Day, ...]

    def __post_init__(self) -> None:
        """Refuse what would make a calendar wrong without anybody noticing."""
        if self.year not in YEARS or self.known_from.year != self.year:
            raise NoticeWrongYear(f"年份应在{YEARS[0]}至{YEARS[-1]}之间，known_from应在该年之内：{self.year}、{self.known_from}")
        first, last = date(self.year - 1, 12, 1), date(self.year + 1, 1, 31)
        for day in self.days:
            if not first <= day.day <= last:
                raise NoticeWrongYear(f"{day.day}不属于{self.year}年的放假安排（{first}至{last}）", day=str(day.day))
        repeated = [day for day, times in Counter(day.day for day in self.days).items() if times > 1]
        if repeated:
            raise NoticeRepeatsDay(f"{repeated[0]}出现了两次", day=str(repeated[0]))
        if self.layer == NATIONAL and not self.days:
            raise NoticeEmpty(f"{self.year}年的全国放假安排里没有一个日期，可能尚未公布")

    @property
    def digest(self) -> str:
        """Return the SHA-256 of what the notice says, whatever file and order it came in."""
        said = asdict(self) | {"days": sorted((str(day.day), day.is_off, day.name) for day in self.days)}
        return hashlib.sha256(json.dumps(said, default=str, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def read_notice(path: Path) -> Notice:
    """Read a notice from a .toml or .json file.

    Raises:
        NoticeUnreadable: no such file, larger than 1 MiB, or not in the format of its name.
        NoticeMalformed, NoticeWrongYear, NoticeRepeatsDay, NoticeEmpty: what it says cannot be.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError:
        raise NoticeUnreadable(f"文件{path}读不出来") from None
    return parse_notice(raw, path.name)


def parse_notice(raw: bytes, name: str) -> Notice:
    """Read a notice from the bytes of a file; the end of its name tells the format.

    JSON is that of holiday-cn (`year`, `days` of `name`, `date`, `isOffDay`) and speaks
    for the whole country unless it has a `layer`; TOML says `layer`, `year`, `source` and
    `[[days]]` of `name`, `date`, `off`. Both may have `area` and `known_from`.

    Raises:
        NoticeUnreadable: too large, not UTF-8, not in the format of its name.
        NoticeMalformed, NoticeWrongYear, NoticeRepeatsDay, NoticeEmpty: what it says cannot be.
    """
    suffix = Path(name).suffix.lower()
    said = _parse(raw, suffix)
    if suffix == ".json":
        said = {"layer": NATIONAL, "source": "；".join(map(str, said.get("papers") or [])) or name} | said
    year = said.get("year")
    if type(year) is not int or year not in YEARS:
        raise NoticeMalformed(f"缺少year，或不是{YEARS[0]}至{YEARS[-1]}之间的年份")
    days = said.get("days")
    if not isinstance(days, list):
        raise NoticeMalformed("缺少days，或days不是一组日期")
    return Notice(
        layer=_layer(said),
        area=_text(said, "area", 20, "") if "area" in said else "",
        year=year,
        known_from=_date(said["known_from"], "known_from") if "known_from" in said else date(year, 1, 1),
        source=_text(said, "source", 1000, ""),
        days=tuple(_day(item, number, OFF_KEYS[suffix]) for number, item in enumerate(days, 1)),
    )


def _parse(raw: bytes, suffix: str) -> dict[str, Any]:
    """Return the table at the top of the file."""
    if suffix not in OFF_KEYS:
        raise NoticeUnreadable("放假安排的文件应以.toml或.json结尾")
    if len(raw) > LARGEST:
        raise NoticeUnreadable("文件超过1 MiB，不像一份放假安排")
    try:
        text = raw.decode("utf-8-sig")
        said = json.loads(text) if suffix == ".json" else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise NoticeUnreadable(f"文件不是UTF-8编码的{suffix[1:].upper()}：{str(error)[:120]}") from None
    if not isinstance(said, dict):
        raise NoticeMalformed("文件最外层应是一张表（year、days等）")
    return said


def _layer(said: dict[str, Any]) -> str:
    layer = said.get("layer")
    if not isinstance(layer, str) or not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", layer):
        raise NoticeMalformed("缺少layer，或不是小写字母开头的层名（如national、xs）")
    return layer


def _text(said: dict[str, Any], key: str, longest: int, where: str) -> str:
    text = said.get(key)
    if not isinstance(text, str) or not text.strip() or len(text) > longest or not text.isprintable():
        raise NoticeMalformed(f"{where}缺少{key}，或不是{longest}字以内的一行文字")
    return text.strip()


def _date(value: object, where: str) -> date:
    """Read YYYY-MM-DD or TOML's own date, nothing looser: 20250401 may be a slip."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise NoticeMalformed(f"{where}的日期“{str(value)[:40]}”不是日期，应写作2025-04-14")


def _day(item: object, number: int, off_key: str) -> Day:
    where = f"第{number}个日期"
    if not isinstance(item, dict):
        raise NoticeMalformed(f"{where}应有name、date、{off_key}")
    is_off = item.get(off_key)
    if not isinstance(is_off, bool):
        raise NoticeMalformed(f"{where}缺少{off_key}，或不是true、false")
    return Day(_date(item.get("date"), where), is_off, _text(item, "name", 40, where))
