"""The first sheet of an XLSX workbook as a file of rows; refused ones are written into a workbook of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ERROR_CODES

from app.intake.cells import LOST_DIGITS, Broken, escaped
from app.intake.headers import REASON, Columns, plain
from app.intake.sources import Line
from app.intake.workbooks import Row, read_sheet

OUTSIDE = "表头以外的列里有内容"


class SheetSource:
    """A workbook; row numbers are those that Excel shows."""

    def __init__(self, path: Path, columns: Columns) -> None:
        self.columns = columns
        self.suffix = ".xlsx"
        self.last_row: int | None = None
        self._path = path

    def lines(self) -> Iterator[Line]:
        """Yield the rows below the first that is not empty, which is the header."""
        rows = self._filled()
        titles = next(rows, (0, {}))[1]
        if not titles:
            return
        fields = dict(zip(titles, self.columns.of_header(list(titles.values()), self._path.name), strict=True))
        for number, cells in rows:
            yield Line(number, _values(cells, fields), cells)

    def _filled(self) -> Iterator[Row]:
        return ((number, cells) for number, cells in read_sheet(self._path) if any(map(str.strip, cells.values())))

    def write_refused(self, path: Path, refused: Iterable[tuple[Line, str]]) -> None:
        """Write the rows as texts, so that nothing in them is ever a formula.

        A cell that could not be taken stays what it was: as a text its rounded digits
        would be taken the next time.
        """
        book = Workbook(write_only=True)
        sheet = book.create_sheet()
        titles = next(self._filled(), (0, {}))[1]
        kept = [column for column, title in titles.items() if plain(title) != REASON]
        for cells, last in chain([(titles, REASON)], ((line.original, reason) for line, reason in refused)):
            outside = [column for column in cells if column not in titles]
            row = [cells.get(column, "") for column in (*kept, *outside)]
            sheet.append([_written(sheet, cell) for cell in (*row[: len(kept)], last, *row[len(kept) :])])
        book.save(path)


def _values(cells: dict[int, str], fields: dict[int, str | None]) -> dict[str, str] | str:
    values: dict[str, str] = {}
    for column, cell in cells.items():
        if column not in fields:
            return OUTSIDE
        field = fields[column]
        if field is None:
            continue
        if isinstance(cell, Broken):
            return f"{field}：{cell.problem}"
        values[field] = cell
    return values


def text_cell(sheet: object, text: str) -> WriteOnlyCell:
    """Return a cell that holds a text as it is: whatever it begins with, it is no formula."""
    cell = WriteOnlyCell(sheet, escaped(text))
    cell.data_type = "s"
    return cell


def _written(sheet: object, text: str) -> WriteOnlyCell:
    if not isinstance(text, Broken):
        cell = text_cell(sheet, text)
    elif text.problem == LOST_DIGITS:
        cell = WriteOnlyCell(sheet, float(text))
    else:
        cell = WriteOnlyCell(sheet, text if text in ERROR_CODES else "#VALUE!")
    return cell
