"""Import files: CSV (UTF-8) or JSON lines, read row by row; a bad row is refused alone."""

from __future__ import annotations

import csv
import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any

from marshmallow import Schema, ValidationError

from app.errors import AppError, Invalid

LONGEST_LINE = 1024 * 1024
# How many physical lines one quoted CSV row may span before its quote counts as unclosed.
LONGEST_ROW = 100

Row = dict[str, Any] | str


class FileUnreadable(Invalid):
    """The file is missing, or its CSV header makes no sense."""

    code = "file_unreadable"


class RowRefused(Invalid):
    """One row cannot be taken; the message says why."""

    code = "row_refused"


@dataclass
class Report:
    """What became of a file: new rows, rows that were there already, and refused ones with reason."""

    added: int = 0
    known: int = 0
    opened: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        refused = [{"row": row, "reason": reason} for row, reason in self.refused]
        return {"added": self.added, "known": self.known, "opened": self.opened, "refused": refused}


def read_rows(path: Path) -> Iterator[tuple[int, Row]]:
    """Yield each row with its number (the first data row is 1); a row that cannot be read comes as the reason.

    Bytes that are not UTF-8 are let through as surrogates, so that only their row is refused.

    Raises:
        FileUnreadable: missing, not a file, or a CSV header that is not UTF-8 or names a column twice.
    """
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
            yield from enumerate(_csv(lines, path.name) if path.suffix.lower() == ".csv" else _json_lines(lines), 1)
    except OSError as error:
        raise FileUnreadable(f"文件 {path.name} 不存在或打不开。") from error


def _csv(lines: Iterator[str], name: str) -> Iterator[Row]:
    header = _cells([next(lines, "")]) or []
    if len(set(header)) != len(header) or not all(map(_is_utf8, header)):
        raise FileUnreadable(f"文件 {name} 的表头有重复的列，或不是 UTF-8 编码。")
    waiting: deque[str] = deque()
    while (first := waiting.popleft() if waiting else next(lines, None)) is not None:
        cells = _cells([first])
        if cells is None:
            more = _rest_of_row(first, waiting, lines)
            cells = _cells([first, *more])
            if cells is None or len(cells) != len(header):
                # A quote that nobody closed: give up this line alone, and read the others again.
                waiting.extendleft(reversed(more))
                cells = None
        if cells != []:
            yield _row(header, cells)


def _row(header: list[str], cells: list[str] | None) -> Row:
    if cells is None:
        return "引号没有成对，或位置不对"
    return dict(zip(header, cells, strict=True)) if len(cells) == len(header) else "列数与表头不符"


def _rest_of_row(first: str, waiting: deque[str], lines: Iterator[str]) -> list[str]:
    """Return the lines that belong to a row because a quoted cell goes on over its end."""
    quotes, more = first.count('"'), list[str]()
    while quotes % 2 and len(more) < LONGEST_ROW and (line := waiting.popleft() if waiting else next(lines, None)) is not None:
        more.append(line)
        quotes += line.count('"')
    return more


def _cells(lines: list[str]) -> list[str] | None:
    """Return the cells of one row, none for an empty line, None for what is not one row."""
    try:
        rows = list(islice(csv.reader(lines, strict=True), 2))
    except csv.Error:
        return None
    return [cell.strip() for cell in chain.from_iterable(rows)] if len(rows) < 2 else None


def _json_lines(lines: Iterator[str]) -> Iterator[Row]:
    for line in lines:
        if not line.strip():
            continue
        try:
            row = json.loads(line) if len(line) <= LONGEST_LINE else None
        except (ValueError, RecursionError):
            row = None
        yield row if isinstance(row, dict) else "不是一行一个 JSON 对象"


def _is_utf8(text: str) -> bool:
    return not any("\ud800" <= sign <= "\udfff" for sign in text)


def check_row(schema: Schema, row: Row) -> dict[str, Any]:
    """Return a row as its schema reads it; blanks around a value do not count, and nothing but blanks is absent.

    Raises:
        RowRefused: with every problem of the row.
    """
    if isinstance(row, str):
        raise RowRefused(row)
    texts = "".join(value for value in row.values() if isinstance(value, str))
    if "\x00" in texts:
        raise RowRefused("含有空字符（NUL）")
    if not _is_utf8(texts):
        raise RowRefused("不是 UTF-8 编码")
    trimmed = {name: value.strip() or None if isinstance(value, str) else value for name, value in row.items()}
    try:
        loaded: dict[str, Any] = schema.load(trimmed)
    except ValidationError as error:
        problems: dict[str, list[str]] = error.messages_dict
        raise RowRefused("；".join(f"{name}：{'、'.join(said)}" for name, said in problems.items())) from error
    loaded["programme"] = loaded["programme"].lower()
    return loaded


def refuse(report: Report, number: int, error: AppError) -> None:
    """Note a refused row."""
    report.refused.append((number, error.message))
