"""Taking in: a hundred thousand services and their reviews, as CSV in GB18030 and as a workbook."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from app.cli import import_file
from bench.world import RATED

ROWS = 100_000
ITEM = "1" * 31
BEGINS = datetime(2025, 4, 1, 9)  # noqa: DTZ001  as a file writes it

Row = dict[str, str]


def measure(folder: Path, rows: int = ROWS) -> dict[str, Any]:
    """Rows a second of each kind; the look-up of its service is part of a review."""
    take("catalogue", write_csv(folder / "catalogue.csv", catalogue()))
    found = {
        "rows": rows,
        "records_per_s": rate(take("records", write_csv(folder / "records.csv", records(rows, "P"))), rows),
        "reviews_per_s": rate(take("reviews", write_csv(folder / "reviews.csv", reviews(rows, "P"))), rows),
    }
    return found | {"xlsx_records_s": round(take("records", write_xlsx(folder / "records.xlsx", records(rows, "X"))), 1)}


def rate(seconds: float, rows: int) -> int:
    return round(rows / seconds)


def take(kind: str, path: Path) -> float:
    """Take a file in whole; return the seconds."""
    began = time.perf_counter()
    report = import_file(kind, path)
    if report.refused or report.known:
        raise RuntimeError(f"{path.name}: {report.refused[:3]}")
    return time.perf_counter() - began


def write_csv(path: Path, rows: Iterator[Row]) -> Path:
    with path.open("w", encoding="gb18030", newline="") as file:
        first = next(rows)
        writer = csv.writer(file)
        writer.writerows([first.keys(), first.values()])
        writer.writerows(row.values() for row in rows)
    return path


def write_xlsx(path: Path, rows: Iterator[Row]) -> Path:
    book = Workbook(write_only=True)
    sheet, first = book.create_sheet(), next(rows)
    for cells in (first.keys(), first.values()):
        sheet.append(list(cells))
    for row in rows:
        sheet.append(list(row.values()))
    book.save(path)
    return path


def catalogue() -> Iterator[Row]:
    common = {"programme": "xs", "department": RATED, "detail": ""}
    yield common | {"kind": "item", "code": ITEM, "name": "异地就医备案", "detail": "20"}
    yield common | {"kind": "window", "code": "w1", "name": "1号窗口"}
    yield common | {"kind": "channel", "code": "window", "name": "窗口服务", "department": ""}


def moment(number: int) -> datetime:
    """A hundred thousand of them fill a month of working hours."""
    return BEGINS + timedelta(days=number % 30, seconds=number // 30 * 8)


def records(count: int, prefix: str) -> Iterator[Row]:
    for number in range(count):
        at = str(moment(number))
        yield {
            "方案": "xs", "办件编号": f"{prefix}{number}", "事项编码": ITEM, "部门编码": RATED, "窗口编码": "w1",
            "渠道编码": "window", "申请人类型": "1", "证件类型": "111", "证件号码": f"99000119800{number:07d}",
            "申请人名称": f"欧阳{number}",
            "手机号": f"154{number:08d}", "办件状态": "3", "收件时间": at, "办结时间": at, "服务时间": at,
        }  # fmt: skip


def reviews(count: int, prefix: str) -> Iterator[Row]:
    for number in range(count):
        yield {
            "方案": "xs", "办件编号": f"{prefix}{number}", "满意度": "5", "评价详情": "510,517", "评价渠道": "4",
            "文字评价": "" if number % 7 else "办得快，说得清楚。", "评价时间": str(moment(number) + timedelta(minutes=5)),
        }  # fmt: skip
