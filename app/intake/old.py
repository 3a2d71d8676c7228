"""Reviews taken over from the system before this one: kept whole, with what came of them there; they open no case. R4."""

from __future__ import annotations

from app.clock import SHANGHAI
from app.intake.batch import Batch, Row


def old_columns(row: Row, values: Row, batch: Batch) -> Row:
    """Return the columns that only an old review fills; its result may name people, so it is sealed like words."""
    columns: Row = {"is_old": batch.is_old, "rectification": None, "rectified_on": None}
    if batch.is_old and row["rectification"]:
        columns["rectification"] = batch.vault.seal(row["rectification"], result_place(values))
    if batch.is_old and row["rectifiedOn"]:
        columns["rectified_on"] = row["rectifiedOn"].astimezone(SHANGHAI).date()
    return columns


def result_place(review: Row) -> str:
    """Return the place for which an old review's result is sealed."""
    key = "/".join(str(review[name]) for name in ("programme", "record", "visit", "sequence"))
    return f"reviews.rectification.{key}"
