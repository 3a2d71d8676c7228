"""What every form of file gives: numbered rows by field, and what a refused one looked like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from app.intake.headers import Columns


class Line(NamedTuple):
    """One row of a file: its number as a person sees it, its values by field or why it cannot be read, and how it stood there."""

    number: int
    values: dict[str, Any] | str
    original: Any


class Source(Protocol):
    """A file of one form."""

    columns: Columns
    # What a file of this form is called at its end.
    suffix: str
    # The number of the last row, where it is known beforehand.
    last_row: int | None

    def lines(self) -> Iterator[Line]:
        """Yield the rows from the beginning, numbers rising; empty ones are left out.

        Raises:
            FileUnreadable: the header makes no sense, or the file is damaged.
        """

    def write_refused(self, path: Path, refused: Iterable[tuple[Line, str]]) -> None:
        """Write rows into a file of the same form, each with its reason: to be mended and taken in again."""
