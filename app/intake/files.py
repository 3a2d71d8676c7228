"""What is told of a file that came in: its errors, and the report."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from app.errors import AppError, Invalid


class FileUnreadable(Invalid):
    """The file is missing, damaged, of a kind that is not taken, or its header makes no sense."""

    code = "file_unreadable"


class RowRefused(Invalid):
    """One row cannot be taken; the message says why."""

    code = "row_refused"


@dataclass
class Report:
    """What became of a file: new rows, rows that were there already, and refused ones with reason.

    A row's number is what a person sees beside it: the line of a text file, the row of
    a sheet; the header counts. `opened` are the cases, `passed_over` the columns nobody
    asked for. Of an import that goes on where it was cut off the counts are those of the
    whole file.
    """

    added: int = 0
    known: int = 0
    opened: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)
    refused_file: Path | None = None
    resumed_after: int | None = None
    finished_before: datetime | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form; what there is nothing of is left out."""
        refused = [{"row": row, "reason": reason} for row, reason in self.refused]
        counts = {"added": self.added, "known": self.known, "opened": self.opened, "refused": refused}
        more = {
            "passed_over": self.passed_over,
            "refused_file": self.refused_file and str(self.refused_file),
            "resumed_after": self.resumed_after,
            "finished_before": self.finished_before and self.finished_before.isoformat(),
        }
        return counts | {name: value for name, value in more.items() if value}


def refuse(report: Report, number: int, error: AppError) -> None:
    """Note a refused row."""
    report.refused.append((number, error.message))
