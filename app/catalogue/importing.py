"""Storing rows of the catalogue; a row that is there already is brought up to date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from sqlalchemy import Boolean, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from app.catalogue.models import CatalogueEntry, Department
from app.db import db, table_of

Row = dict[str, Any]

# The six kinds of power and public services that people apply for (GB/T 39046 A.1). R2.
ITEM_CLASSES = {
    "01": "行政许可",
    "05": "行政给付",
    "07": "行政确认",
    "08": "行政奖励",
    "09": "行政裁决",
    "10": "其他行政权力",
    "20": "公共服务",
}
OF_DEPARTMENTS = {"window", "staff", "item"}


class Tally(Protocol):
    """What an import counts."""

    added: int
    known: int
    refused: list[tuple[int, str]]


def store_catalogue(rows: Sequence[tuple[int, Row]], report: Tally) -> None:
    """Store departments, windows, staff, items and channels; each bad row is refused alone.

    Departments come first, so a file may name them after their windows within a
    thousand rows.
    """
    departments = [_department(row) for _, row in rows if row["kind"] == "department"]
    _upsert(Department, ("programme", "code"), departments, report)
    known = _departments({row["programme"] for _, row in rows})
    entries = []
    for number, row in rows:
        if row["kind"] == "department":
            continue
        problem = _problem(row, known)
        if problem:
            report.refused.append((number, problem))
        else:
            entries.append(_entry(row))
    _upsert(CatalogueEntry, ("programme", "kind", "code"), entries, report)


def _upsert(model: type[Any], key: Sequence[str], values: Iterable[Row], report: Tally) -> None:
    """Insert or bring up to date; of two rows with one key the later one holds."""
    rows = list(values)
    # Sorted, so that two imports at once take their locks in one order.
    newest = sorted({tuple(row[name] for name in key): row for row in rows}.items())
    if not newest:
        return
    statement = insert(table_of(model))
    changed = {name: statement.excluded[name] for name in rows[0] if name not in key}
    upsert = statement.on_conflict_do_update(index_elements=list(key), set_=changed)
    is_new = literal_column("xmax = 0", Boolean)
    added = sum(db.session.execute(upsert.returning(is_new), [row for _, row in newest]).scalars())
    report.added += added
    report.known += len(rows) - added


def _departments(programmes: set[str]) -> set[tuple[str, str]]:
    query = select(Department.programme, Department.code).where(Department.programme.in_(programmes))
    return {(programme, code) for programme, code in db.session.execute(query)}


def _problem(row: Row, known: set[tuple[str, str]]) -> str | None:
    """Return why a window, member of staff, item or channel cannot be taken."""
    if row["kind"] in OF_DEPARTMENTS and not row["department"]:
        return "department：必填"
    if row["department"] and (row["programme"], row["department"]) not in known:
        return f"department：名录里没有 {row['department']}"
    if row["kind"] == "item" and row["detail"] and row["detail"] not in ITEM_CLASSES:
        return f"detail：事项类型应为 {'、'.join(ITEM_CLASSES)} 之一"
    return None


def _department(row: Row) -> Row:
    return {
        "programme": row["programme"], "code": row["code"], "name": row["name"], "area": row["area"] or "",
        "responsible": row["responsible"],
    }  # fmt: skip


def _entry(row: Row) -> Row:
    return {name: row[name] for name in ("programme", "kind", "code", "name", "department", "detail")}
