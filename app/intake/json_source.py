"""JSON lines: one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from app.intake.encodings import MARK, read_lines, writing_of
from app.intake.headers import REASON, Columns
from app.intake.sources import Line

NO_OBJECT = "不是一行一个 JSON 对象"
# Where a line that is no object is kept until it is mended.
ORIGINAL = "原行"


class JsonSource:
    """JSON lines in UTF-8 or GB18030; row numbers are those of the lines."""

    def __init__(self, path: Path, columns: Columns) -> None:
        self.columns = columns
        self.suffix = path.suffix
        self._path = path
        self._writing = writing_of(path)
        self.last_row: int | None = self._writing.lines

    def lines(self) -> Iterator[Line]:
        """Yield the objects; a name that is not known is passed over."""
        for number, text in enumerate(read_lines(self._path, self._writing), 1):
            if text.strip():
                found = _object(text)
                yield Line(number, NO_OBJECT if found is None else self._by_field(found), text)

    def _by_field(self, found: dict[str, Any]) -> dict[str, Any] | str:
        values: dict[str, Any] = {}
        for title, value in found.items():
            field = self.columns.field_of(title)
            if field in values:
                return f"{field}：写了两次"
            if field is not None:
                values[field] = value
        return values

    def write_refused(self, path: Path, refused: Iterable[tuple[Line, str]]) -> None:
        """Write the objects with one more name; a line that is no object stands in one as a whole."""
        with path.open("wb") as file:
            file.write(MARK if self._writing.has_mark else b"")
            for line, reason in refused:
                found = _object(line.original)
                kept = {ORIGINAL: line.original.rstrip("\r\n")} if found is None else found
                file.write(self._written(kept | {REASON: reason}) + b"\n")

    def _written(self, row: dict[str, Any]) -> bytes:
        try:
            return json.dumps(row, ensure_ascii=False).encode(self._writing.encoding, "surrogateescape")
        except UnicodeEncodeError:  # Half a character: only the escape can be written.
            return json.dumps(row).encode()


def _object(line: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None
