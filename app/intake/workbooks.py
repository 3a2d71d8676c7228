"""XLSX workbooks: the rows of the first sheet, read by `sheet_xml`. Macros, passwords and the 1904 calendar are not taken."""

from __future__ import annotations

import posixpath
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile

from app.intake.cells import DATE_FORMATS, is_date_format
from app.intake.files import FileUnreadable
from app.intake.sheet_xml import MOST_STYLES, Attributes, Damaged, Part, Rows, SharedTexts, heard, listen

MIB = 1024 * 1024
# What a part may unpack to. The sheet is never held as a whole, the shared texts are.
LARGEST_SHEET, LARGEST_TEXTS, LARGEST_OTHER = 1024 * MIB, 128 * MIB, 16 * MIB
OFFICE, TEXTS, STYLES = ("/officeDocument", "/sharedStrings", "/styles")
# What the zip and the numbers in a part can be wrong with; RuntimeError is a member with a password.
WRONG = (Damaged, BadZipFile, zlib.error, EOFError, LookupError, ValueError, NotImplementedError, RuntimeError, StopIteration)

Row = tuple[int, dict[int, str]]


def read_sheet(path: Path) -> Iterator[Row]:
    """Yield the rows of the first sheet that is shown: number, and the cells that are not empty by column.

    Raises:
        FileUnreadable: damaged, too large, with macros or counting days from 1904.
    """
    with _opened(path) as archive:
        if any(name.endswith("vbaProject.bin") for name in archive.namelist()):
            raise FileUnreadable(f"文件 {path.name} 带有宏。请另存为不带宏的 .xlsx 再导入。")
        workbook, target = _workbook(archive)
        if workbook.counts_from_1904:
            raise FileUnreadable(f"文件 {path.name} 用的是 1904 日期系统。请在 Excel 选项里取消它，另存后再导入。")
        relations = _relations(archive, target)
        rows = Rows(_texts(archive, relations), _dates(archive, relations))
        with _part(archive, relations.by_id[workbook.sheet], LARGEST_SHEET) as stream:
            for _ in listen(rows, stream):
                yield from rows.take()


@contextmanager
def _opened(path: Path) -> Iterator[ZipFile]:
    """Open a workbook; whatever is wrong with it becomes one sentence."""
    try:
        with ZipFile(path) as archive:
            yield archive
    except (
        Damaged,
        BadZipFile,
        zlib.error,
        EOFError,
        KeyError,
        IndexError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise FileUnreadable(
            f"文件 {path.name} 不是完好的 XLSX 工作簿，或解开后过大。请在 Excel 里打开、另存为 .xlsx 再导入。"
        ) from error


def _part(archive: ZipFile, name: str, largest: int) -> IO[bytes]:
    """Open one part. No more than its directory says is ever unpacked, so that is what is judged."""
    if archive.getinfo(name).file_size > largest:
        raise Damaged(name)
    return archive.open(name)


class Relations(Part):
    """What a part refers to: by id, and by kind."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self.by_id: dict[str, str] = {}
        self.by_kind: dict[str, str] = {}

    def start(self, tag: str, attributes: Attributes) -> None:
        """Hear an element begin."""
        if tag == "Relationship":
            target = posixpath.normpath(posixpath.join("/", self._folder, attributes["Target"])).lstrip("/")
            self.by_id[attributes["Id"]] = target
            self.by_kind.setdefault("/" + attributes["Type"].rpartition("/")[2], target)


class WorkbookPart(Part):
    """The list of sheets."""

    def __init__(self) -> None:
        self.sheet = ""
        self.counts_from_1904 = False

    def start(self, tag: str, attributes: Attributes) -> None:
        """Hear an element begin."""
        if tag == "workbookPr":
            self.counts_from_1904 = attributes.get("date1904", "0") in ("1", "true")
        elif tag == "sheet" and not self.sheet and attributes.get("state", "visible") == "visible":
            self.sheet = next(value for name, value in attributes.items() if name.endswith(" id"))


class StylesPart(Part):
    """Which styles of cells show days."""

    def __init__(self) -> None:
        self._formats: dict[int, bool] = dict.fromkeys(DATE_FORMATS, True)
        self._is_inside = False
        self.dates: list[bool] = []

    def start(self, tag: str, attributes: Attributes) -> None:
        """Hear an element begin."""
        if tag == "numFmt":
            self._formats[int(attributes["numFmtId"])] = is_date_format(attributes["formatCode"])
        elif tag == "cellXfs":
            self._is_inside = True
        elif tag == "xf" and self._is_inside:
            if len(self.dates) >= MOST_STYLES:
                raise Damaged
            self.dates.append(self._formats.get(int(attributes.get("numFmtId", 0)), False))

    def end(self, tag: str) -> None:
        """Hear an element end."""
        if tag == "cellXfs":
            self._is_inside = False


def _relations(archive: ZipFile, part: str) -> Relations:
    folder, name = posixpath.split(part)
    with _part(archive, posixpath.join(folder, "_rels", f"{name}.rels"), LARGEST_OTHER) as stream:
        return heard(Relations(folder), stream)


def _workbook(archive: ZipFile) -> tuple[WorkbookPart, str]:
    target = _relations(archive, "").by_kind[OFFICE]
    with _part(archive, target, LARGEST_OTHER) as stream:
        return heard(WorkbookPart(), stream), target


def _texts(archive: ZipFile, relations: Relations) -> list[str]:
    if TEXTS not in relations.by_kind:
        return []
    with _part(archive, relations.by_kind[TEXTS], LARGEST_TEXTS) as stream:
        return heard(SharedTexts(), stream).all


def _dates(archive: ZipFile, relations: Relations) -> list[bool]:
    if STYLES not in relations.by_kind:
        return []
    with _part(archive, relations.by_kind[STYLES], LARGEST_OTHER) as stream:
        return heard(StylesPart(), stream).dates
