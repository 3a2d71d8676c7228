"""The city's files in the forms in which offices send them: encodings, Chinese titles, workbooks, JSON lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from openpyxl import Workbook

from app.demo.services import Row
from app.intake.schemas import RecordRow

# Who exports with Excel sends workbooks, and CSV in the encoding of Windows.
WORKBOOK_DAYS = {5, 15, 25}


def write_records(folder: Path, day: date, rows: Sequence[Row]) -> Path:
    """Write a day's service records in the form of that day, and return the file."""
    stem = folder / f"records-{day}"
    if day.day in WORKBOOK_DAYS:
        return _write_workbook(stem.with_suffix(".xlsx"), in_chinese(rows))
    if day.day % 3 == 1:
        return write_csv(stem.with_suffix(".csv"), in_chinese(rows), "gb18030")
    if day.day % 3 == 2:
        return write_csv(stem.with_suffix(".csv"), in_chinese(rows), "utf-8-sig")
    return write_csv(stem.with_suffix(".csv"), rows)


def in_chinese(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with the first Chinese name of every column."""
    fields = RecordRow().fields
    names = {name: fields[name].metadata["names"][0] for name in rows[0]}
    return [{names[name]: value for name, value in row.items()} for row in rows]


def write_csv(path: Path, rows: Sequence[Row], encoding: str = "utf-8") -> Path:
    """Write rows that all have the same columns."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_lines(path: Path, rows: Iterable[Row]) -> Path:
    """Write rows as JSON lines."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def read_lines(path: Path) -> list[Row]:
    """Return the rows of JSON lines."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _write_workbook(path: Path, rows: Sequence[Row]) -> Path:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("办件")
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    book.save(path)
    return path
