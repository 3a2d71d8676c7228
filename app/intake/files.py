"""Import files: CSV (UTF-8) or JSON lines, read row by row; a bad row is refused alone."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from marshmallow import Schema, ValidationError

from app.errors import AppError, Invalid

LONGEST_LINE = 1024 * 1024


class FileUnreadable(Invalid):
    """The file is missing or not UTF-8."""

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


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Yield each row with its number (the first data row is 1); a row that cannot be read comes as the reason.

    Raises:
        FileUnreadable: missing, not a file, or not UTF-8.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            yield from enumerate(_csv(lines) if path.suffix.lower() == ".csv" else _json_lines(lines), 1)
    except (OSError, UnicodeDecodeError) as error:
        raise FileUnreadable(f"文件 {path.name} 不存在、打不开或不是 UTF-8 编码。") from error


def _csv(lines: Any) -> Iterator[dict[str, Any] | str]:
    reader = csv.DictReader(lines)
    try:
        for row in reader:
            if None in row or None in row.values():
                yield "列数与表头不符"
            else:
                yield {name: value.strip() or None for name, value in row.items() if name}
    except csv.Error:
        yield "CSV 写法不对（引号或换行），这一行以后没有读"


def _json_lines(lines: Any) -> Iterator[dict[str, Any] | str]:
    for line in lines:
        if not line.strip():
            continue
        try:
            row = json.loads(line) if len(line) <= LONGEST_LINE else None
        except (json.JSONDecodeError, RecursionError):
            row = None
        yield row if isinstance(row, dict) else "不是一行一个 JSON 对象"


def check_row(schema: Schema, row: dict[str, Any] | str) -> dict[str, Any]:
    """Return a row as its schema reads it.

    Raises:
        RowRefused: with every problem of the row.
    """
    if isinstance(row, str):
        raise RowRefused(row)
    if any(isinstance(value, str) and "\x00" in value for value in row.values()):
        raise RowRefused("含有空字符（NUL）")
    try:
        loaded: dict[str, Any] = schema.load(row)
    except ValidationError as error:
        problems = error.normalized_messages().items()
        raise RowRefused("；".join(f"{name}：{'、'.join(map(str, said))}" for name, said in problems)) from error
    loaded["programme"] = loaded["programme"].lower()
    return loaded


def refuse(report: Report, number: int, error: AppError) -> None:
    """Note a refused row."""
    report.refused.append((number, error.message))
