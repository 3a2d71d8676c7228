"""Opening a file in the form in which it is."""

from __future__ import annotations

from pathlib import Path

from app.intake.csv_source import CsvSource
from app.intake.files import FileUnreadable
from app.intake.headers import Columns
from app.intake.json_source import JsonSource
from app.intake.schemas import RowSchema
from app.intake.sources import Source


def open_source(path: Path, schema: type[RowSchema]) -> Source:
    """Return the rows of a file: CSV by its name, else JSON lines.

    Raises:
        FileUnreadable: missing, of another kind, or UTF-16.
    """
    try:
        path.open("rb").close()
    except OSError as error:
        raise FileUnreadable(f"文件 {path.name} 不存在或打不开。") from error
    suffix, columns = path.suffix.lower(), Columns(schema)
    return CsvSource(path, columns) if suffix == ".csv" else JsonSource(path, columns)
