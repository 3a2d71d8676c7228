"""Storing rows of the catalogue; a row that is there already is brought up to date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.dialects.postgresql import insert

from app.catalogue.models import CatalogueEntry, Department
from app.db import db


class Tally(Protocol):
    """What an import counts."""

    added: int
    known: int


def store_catalogue(rows: Sequence[tuple[int, dict[str, Any]]], report: Tally, _vault: object, _now: datetime) -> None:
    """Store departments, windows, staff, items and channels."""
    departments = [_department(row) for _, row in rows if row["kind"] == "department"]
    entries = [_entry(row) for _, row in rows if row["kind"] != "department"]
    for model, key, values in ((Department, ["programme", "code"], departments), (CatalogueEntry, ["programme", "kind", "code"], entries)):
        if values:
            statement = insert(model)
            changed = {name: statement.excluded[name] for name in values[0] if name not in key}
            db.session.execute(statement.on_conflict_do_update(index_elements=key, set_=changed), values)
    report.added += len(rows)


def _department(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "programme": row["programme"], "code": row["code"], "name": row["name"], "area": row["area"] or "",
        "responsible": row["responsible"],
    }  # fmt: skip


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("programme", "kind", "code", "name", "department", "detail")}
