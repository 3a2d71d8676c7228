"""Workbooks for tests, made by a library that the reader does not use; and parts of them made wrong by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook, load_workbook

SHEET, TEXTS, BOOK = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"


def write_book(path: Path, rows: Iterable[Iterable[Any]], *, prepare: Callable[[Workbook], None] | None = None) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    if prepare:
        prepare(book)
    book.save(path)
    return path


def write_rows(path: Path, rows: list[dict[str, Any]]) -> Path:
    return write_book(path, [list(rows[0]), *([row[name] for name in rows[0]] for row in rows)])


def read_book(path: Path) -> list[list[Any]]:
    return [list(row) for row in load_workbook(path).active.iter_rows(values_only=True)]


def change_part(path: Path, name: str, change: Callable[[str], str]) -> Path:
    """Write one part of a workbook anew; what is not there yet is made."""
    with ZipFile(path) as archive:
        parts = {each: archive.read(each) for each in archive.namelist()}
    parts[name] = change(parts.get(name, b"").decode()).encode()
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for each, body in parts.items():
            archive.writestr(each, body)
    return path


def share(path: Path, *texts: str) -> Path:
    """Give a workbook a list of shared texts, as Excel itself writes them; the library puts texts into their cells."""
    link = '<Relationship Type="http://x/sharedStrings" Target="sharedStrings.xml" Id="rIdTexts"/></Relationships>'
    change_part(path, RELATIONS, lambda body: body.replace("</Relationships>", link))
    return change_part(path, TEXTS, lambda _: f"<sst>{''.join(f'<si>{text}</si>' for text in texts)}</sst>")


def blow_up(path: Path, name: str, head: bytes, block: bytes, times: int) -> Path:
    """Put a part of a great many equal blocks into a workbook, without ever holding it."""
    with ZipFile(path) as archive:
        parts = {each: archive.read(each) for each in archive.namelist() if each != name}
    with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        for each, body in parts.items():
            archive.writestr(each, body)
        with archive.open(name, "w", force_zip64=True) as part:
            part.write(head)
            for _ in range(times):
                part.write(block)
    return path
