"""What a city has besides services and their reviews: complaints to 12345, and years before this system."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from app.demo.bad import BadReview
from app.demo.names import People
from app.demo.services import Desk, Opinion, Row
from app.demo.written import write_csv, write_lines

# ZB takes complaints into the same loop (ZB 13); the first is about a matter whose case already runs (X5).
TAKES_COMPLAINTS = "zb"
WORDS = ("材料交了两遍，窗口仍说没有收到。", "电话打了五次都没有人接，想办的事一直没有办成。")
OLD_DAY = date(2023, 9, 1)
OLD = 20


@dataclass(frozen=True)
class Handed:
    """A complaint and the day on which 12345 hands it over."""

    day: date
    row: Row


def complaints_of(bad: Sequence[BadReview]) -> Iterator[Handed]:
    """Yield the month's complaints: one on a matter under way, one on its own."""
    mine = [each for each in bad if each.programme == TAKES_COMPLAINTS and not each.again and not each.anonymous]
    for number, (about, words) in enumerate(zip(mine[3:5], WORDS, strict=True), 1):
        day = about.day + timedelta(days=1)
        row = {
            "programme": about.programme, "complaintNo": f"12345-{day:%Y%m%d}-{number:04d}", "deptCode": about.department,
            "projectNo": about.record if number == 1 else "", "words": words, "mobile": f"1540000{number:04d}",
        }  # fmt: skip
        yield Handed(day, row)


def write_old(folder: Path, desk: Desk, people: People) -> tuple[Path, Path]:
    """Write what the system before this one leaves behind: records, and reviews with what came of the bad ones (R4)."""
    chance = Random(2023)  # noqa: S311  made-up, and the same every time
    records, reviews = list[Row](), list[Row]()
    old = Desk(desk.town, chance)
    for number in range(1, OLD + 1):
        service = old.serve(chance.choice(desk.town.rated), people.citizen(desk.town.programme), OLD_DAY)
        records.append(service.row())
        bad = number % 10 == 0
        reviews.append(old.review(service, Opinion(2, ("207",)) if bad else Opinion(5, ("510",)), OLD_DAY) | _result(bad))
    return write_csv(folder / "old-records.csv", records, "gb18030"), write_lines(folder / "old-reviews.jsonl", reviews)


def _result(bad: bool) -> Row:
    return {"rectification": "已增设材料样本并致歉。", "rectifiedOn": "2023-09-06"} if bad else {}
