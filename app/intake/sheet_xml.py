"""The parts of an XLSX workbook, read as streams: whatever is in them, memory stays bounded.

A library that builds a tree of each row or each part can be filled up with one small
file; it also turns long digits into rounded numbers and cannot tell a formula without
a result from an empty cell. Here nothing is kept but the texts of the row being read.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import IO, Any, TypeVar
from xml.parsers import expat

from app.intake.cells import NO_RESULT, broken, text_of_number, unescaped

BLOCK = 64 * 1024
# A tag that is not closed within this many bytes is no tag of a workbook.
LONGEST_TAG = 1024 * 1024
MOST_TEXT = 1024 * 1024  # characters of a row, or of one shared text
DEEPEST = 64
MOST_COLUMNS = 16_384
MOST_ROWS = 1_048_576
MOST_SHARED = 2_000_000
MOST_STYLES = 65_536

Attributes = dict[str, str]
T = TypeVar("T", bound="Part")


class Damaged(Exception):
    """The part is not what a workbook has there."""


class Part:
    """Hears the elements of one part; names come without their namespace."""

    depth = 0

    def start(self, tag: str, attributes: Attributes) -> None:
        """Hear an element begin."""

    def end(self, tag: str) -> None:
        """Hear an element end."""

    def text(self, data: str) -> None:
        """Hear text."""


def listen(part: Part, stream: IO[bytes]) -> Iterator[None]:
    """Read a part block by block, pausing after each.

    Raises:
        Damaged: not well-formed, with entities of its own, or a tag without end.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _no_doctype
    parser.CharacterDataHandler = part.text

    def start(tag: str, attributes: Attributes) -> None:
        part.depth += 1
        if part.depth > DEEPEST:
            raise Damaged
        part.start(tag.rpartition(" ")[2], attributes)

    def end(tag: str) -> None:
        part.depth -= 1
        part.end(tag.rpartition(" ")[2])

    parser.StartElementHandler, parser.EndElementHandler = start, end
    fed = 0
    try:
        for block in iter(partial(stream.read, BLOCK), b""):
            parser.Parse(block)
            fed += len(block)
            if fed - parser.CurrentByteIndex > LONGEST_TAG:
                raise Damaged
            yield
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise Damaged from error
    yield


def heard(part: T, stream: IO[bytes]) -> T:
    """Read a part to its end and return it."""
    for _ in listen(part, stream):
        pass
    return part


def _no_doctype(*_: Any) -> None:
    raise Damaged


class Texts(Part):
    """What rows and shared texts have in common: text gathered while an element is open, up to a limit."""

    def __init__(self) -> None:
        self._pieces: list[str] | None = None
        self._length = 0

    def open(self) -> None:
        """Begin to gather; a text of nothing counts too, or there could be any number of them."""
        self._pieces = []
        self._count(1)

    def close(self) -> str:
        """Return what was gathered."""
        pieces, self._pieces = self._pieces or [], None
        return "".join(pieces)

    def text(self, data: str) -> None:
        """Gather, if somebody wants it."""
        if self._pieces is not None:
            self._pieces.append(data)
            self._count(len(data))

    def _count(self, signs: int) -> None:
        self._length += signs
        if self._length > MOST_TEXT:
            raise Damaged


class SharedTexts(Texts):
    """The texts that cells point to by number; how a word is pronounced is no part of it."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[str] = []
        self._one: list[str] = []
        self._spoken = False

    def start(self, tag: str, attributes: Attributes) -> None:
        """Hear an element begin."""
        if tag == "si":
            self._one, self._length = [], 0
        elif tag == "rPh":
            self._spoken = True
        elif tag == "t" and not self._spoken:
            self.open()

    def end(self, tag: str) -> None:
        """Hear an element end."""
        if tag == "t" and not self._spoken:
            self._one.append(self.close())
        elif tag == "rPh":
            self._spoken = False
        elif tag == "si":
            if len(self.all) >= MOST_SHARED:
                raise Damaged
            self.all.append(unescaped("".join(self._one)))


class Rows(Texts):
    """The rows of a sheet: number and cells by column, taken away as they come."""

    def __init__(self, shared: list[str], dates: list[bool]) -> None:
        super().__init__()
        self._shared = shared
        self._dates = dates
        self._rows: list[tuple[int, dict[int, str]]] = []
        self._number = self._column = 0
        self._cells: dict[int, str] = {}
        self._attributes: Attributes = {}
        self._value: list[str] = []
        self._is_formula = self._spoken = False

    def take(self) -> list[tuple[int, dict[int, str]]]:
        """Return the rows that have come since."""
        rows, self._rows = self._rows, []
        return rows

    def start(self, tag: str, attributes: Attributes) -> None:
        """Hear an element begin."""
        if tag in ("v", "t") and not self._spoken:
            self.open()
        elif tag == "c":
            self._attributes, self._value, self._is_formula = attributes, [], False
        elif tag == "f":
            self._is_formula = True
        elif tag == "rPh":
            self._spoken = True
        elif tag == "row":
            self._begin_row(attributes)

    def _begin_row(self, attributes: Attributes) -> None:
        number = int(attributes.get("r", self._number + 1))
        if not self._number < number <= MOST_ROWS:
            raise Damaged
        self._number, self._column, self._cells, self._length = number, 0, {}, 0

    def end(self, tag: str) -> None:
        """Hear an element end."""
        if tag in ("v", "t") and not self._spoken:
            self._value.append(self.close())
        elif tag == "c":
            self._end_cell()
        elif tag == "rPh":
            self._spoken = False
        elif tag == "row":
            self._rows.append((self._number, self._cells))

    def _end_cell(self) -> None:
        reference = self._attributes.get("r")
        self._column = _column(reference) if reference else self._column + 1
        if self._column > MOST_COLUMNS:
            raise Damaged
        value = self._cell("".join(self._value))
        if value:
            self._cells[self._column] = value

    def _cell(self, value: str) -> str:
        kind = self._attributes.get("t", "n")
        if self._is_formula and not value and kind != "str":
            return broken("#N/A", NO_RESULT)
        if kind == "s":
            return self._shared[int(value)]
        if kind == "e":
            return broken(value, f"公式出错 {value}")
        if kind == "n" and value:
            style = int(self._attributes.get("s", 0))
            return text_of_number(value, style < len(self._dates) and self._dates[style])
        return unescaped(value)


def _column(reference: str) -> int:
    """Return the number of a cell's column: 1 for A5, 27 for AA5."""
    number = 0
    for letter in reference.rstrip("0123456789"):
        number = 26 * number + ord(letter) - 64
    return number
