"""Opening a file in the form in which it is: its first bytes say more than its name."""

from __future__ import annotations

from pathlib import Path

from app.intake.csv_source import CsvSource
from app.intake.files import FileUnreadable
from app.intake.headers import Columns
from app.intake.json_source import JsonSource
from app.intake.schemas import RowSchema
from app.intake.sheet_source import SheetSource
from app.intake.sources import Source

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def open_source(path: Path, schema: type[RowSchema]) -> Source:
    """Return the rows of a file: a workbook, CSV by its name, else JSON lines.

    Raises:
        FileUnreadable: missing, of another kind, or UTF-16.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except OSError as error:
        raise FileUnreadable(f"文件 {path.name} 不存在或打不开。") from error
    suffix, columns = path.suffix.lower(), Columns(schema)
    if head == OLE:
        raise FileUnreadable(f"文件 {path.name} 加了密码，或是旧版 .xls。请去掉密码，另存为 .xlsx 再导入。")
    if head == ZIP:
        return SheetSource(path, columns)
    if suffix in (".xlsx", ".xlsm", ".xls"):
        raise FileUnreadable(f"文件 {path.name} 不是 XLSX 工作簿。请在 Excel 里打开、另存为 .xlsx 再导入。")
    return CsvSource(path, columns) if suffix == ".csv" else JsonSource(path, columns)
