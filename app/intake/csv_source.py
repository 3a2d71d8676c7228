"""CSV: a table of text. A quote that nobody closed costs its own line alone."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import chain, islice
from pathlib import Path

from app.intake.encodings import MARK, is_text, read_lines, writing_of
from app.intake.files import FileUnreadable
from app.intake.headers import REASON, Columns, plain
from app.intake.sources import Line

# How many lines one quoted row may span before its quote counts as unclosed.
LONGEST_ROW = 100
UNCLOSED = "引号没有成对，或位置不对"
WRONG_COUNT = "列数与表头不符"

Numbered = tuple[int, str]


class CsvSource:
    """A CSV file in UTF-8 or GB18030; row numbers are those of its lines."""

    def __init__(self, path: Path, columns: Columns) -> None:
        self.columns = columns
        self.suffix = path.suffix
        self._path = path
        self._writing = writing_of(path)
        self.last_row: int | None = self._writing.lines

    def lines(self) -> Iterator[Line]:
        """Yield the rows; rows of empty cells, as Excel leaves behind, are none."""
        lines = enumerate(read_lines(self._path, self._writing), 1)
        fields = self._fields(self._titles(next(lines, (1, ""))[1]))
        for number, cells, original in _rows(lines, len(fields)):
            if cells is None or len(cells) != len(fields):
                yield Line(number, UNCLOSED if cells is None else WRONG_COUNT, original)
            elif any(cells):
                yield Line(number, {field: cell for field, cell in zip(fields, cells, strict=True) if field}, original)

    def _titles(self, line: str) -> list[str]:
        titles = _cells([line]) or []
        if not all(map(is_text, titles)):
            raise FileUnreadable(f"文件 {self._path.name} 的表头读不出：既不是 UTF-8，也不是 GB18030。")
        return titles

    def _fields(self, titles: list[str]) -> list[str | None]:
        return self.columns.of_header(titles, self._path.name) if titles else []

    def write_refused(self, path: Path, refused: Iterable[tuple[Line, str]]) -> None:
        """Write the rows with their cells as they stood: what begins with = or @ too, for it is to be taken in again.

        A line that is no row of this table is put into one cell as a whole: it harms no
        other row in whatever program the file is opened, and is refused until it is mended.
        """
        head = next(read_lines(self._path, self._writing), "")
        titles = next(csv.reader([head]), [])
        kept = [number for number, title in enumerate(titles) if plain(title) != REASON]
        with path.open("w", encoding=self._writing.encoding, errors="surrogateescape", newline="") as file:
            if self._writing.has_mark:
                file.write(MARK.decode())
            writer = csv.writer(file, lineterminator="\r\n" if head.endswith("\r\n") else "\n")
            writer.writerow([*(titles[number] for number in kept), REASON])
            for line, reason in refused:
                writer.writerow([*_as_it_stood(line.original, len(titles), kept), reason])


def _as_it_stood(original: str, width: int, kept: list[int]) -> list[str]:
    try:
        cells = list(chain.from_iterable(csv.reader(StringIO(original, newline="\n"), strict=True)))
    except csv.Error:
        return [original.rstrip("\r\n")]
    return [cells[number] for number in kept] if len(cells) == width else cells


def _rows(lines: Iterator[Numbered], width: int) -> Iterator[tuple[int, list[str] | None, str]]:
    """Yield each row that is not empty with the number of its first line; None for what is no row."""
    waiting: deque[Numbered] = deque()
    while (first := waiting.popleft() if waiting else next(lines, None)) is not None:
        number, text = first
        cells = _cells([text])
        if cells is None:
            more = _rest_of_row(text, waiting, lines)
            whole = [text, *(each for _, each in more)]
            cells = _cells(whole)
            if cells is None or len(cells) != width:
                # A quote that nobody closed: give up this line alone, and read the others again.
                waiting.extendleft(reversed(more))
                cells = None
            else:
                text = "".join(whole)
        if cells != []:
            yield number, cells, text


def _rest_of_row(first: str, waiting: deque[Numbered], lines: Iterator[Numbered]) -> list[Numbered]:
    """Return the lines that belong to a row because a quoted cell goes on over its end."""
    quotes, more = first.count('"'), list[Numbered]()
    while quotes % 2 and len(more) < LONGEST_ROW and (line := waiting.popleft() if waiting else next(lines, None)) is not None:
        more.append(line)
        quotes += line[1].count('"')
    return more


def _cells(lines: list[str]) -> list[str] | None:
    """Return the cells of one row, none for an empty line, None for what is not one row."""
    try:
        rows = list(islice(csv.reader(lines, strict=True), 2))
    except csv.Error:
        return None
    return [cell.strip() for cell in chain.from_iterable(rows)] if len(rows) < 2 else None
