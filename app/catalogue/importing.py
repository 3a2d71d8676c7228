"""Storing rows of the catalogue (R2); a row that is there already is brought up to date."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from sqlalchemy import Boolean, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from app.catalogue.models import Area, CatalogueEntry, Department
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
# The four levels of areas and items, with the codes of GB/T 39046 A.2.
LEVELS = {"city": "3", "county": "4", "town": "5", "village": "6"}
OF_DEPARTMENTS = {"window", "terminal", "staff", "item"}
ITEM_CODE = re.compile(r"[0-9A-Z]{31}")


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
    good = [(number, row) for number, row in rows if not _refused(number, row, _problem(row), report)]
    for kind, model, make in (("area", Area, _area), ("department", Department, _department)):
        _upsert(model, ("programme", "code"), [make(row) for _, row in good if row["kind"] == kind], report)
    known = _departments({row["programme"] for _, row in rows})
    entries = [
        _entry(row)
        for number, row in good
        if row["kind"] not in {"area", "department"} and not _refused(number, row, _stray(row, known), report)
    ]
    _upsert(CatalogueEntry, ("programme", "kind", "code"), entries, report)


def _refused(number: int, row: Row, problem: str | None, report: Tally) -> bool:
    """Note a problem; return whether there is one."""
    if problem:
        report.refused.append((number, problem))
    return bool(problem)


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


def _stray(row: Row, known: set[tuple[str, str]]) -> str | None:
    """Return why a row cannot be taken: it belongs to a department that is not there."""
    if row["department"] and (row["programme"], row["department"]) not in known:
        return f"department：名录里没有 {row['department']}"
    return None


def _problem(row: Row) -> str | None:
    """Return what is wrong with a row by itself."""
    if row["kind"] in OF_DEPARTMENTS and not row["department"]:
        return "department：必填"
    if row["validFrom"] and row["validUntil"] and row["validFrom"] >= row["validUntil"]:
        return "validUntil：应晚于 validFrom"
    return {"item": _problem_with_item, "area": _problem_with_area}.get(row["kind"], _nothing)(row)


def _nothing(row: Row) -> str | None:
    return None


def _problem_with_item(row: Row) -> str | None:
    if row["detail"] not in ITEM_CLASSES:
        return f"detail：事项类型应为 {'、'.join(ITEM_CLASSES)} 之一（“6+1”类）"
    if not ITEM_CODE.fullmatch(row["code"]):
        return "code：事项实施编码应为 31 位数字或大写字母"
    return _problem_with_level(row) if row["level"] else None


def _problem_with_area(row: Row) -> str | None:
    return _problem_with_level(row)


def _problem_with_level(row: Row) -> str | None:
    return None if row["level"] in LEVELS else f"level：应为 {'、'.join(LEVELS)} 之一（市、县、乡镇、村社区）"


def _area(row: Row) -> Row:
    return {name: row[name] for name in ("programme", "code", "name", "level")} | {"parent": row["area"]}


def _department(row: Row) -> Row:
    named = {name: row[name] for name in ("programme", "code", "name", "responsible", "successor")}
    return named | {"area": row["area"] or ""} | _validity(row)


def _entry(row: Row) -> Row:
    return {name: row[name] for name in ("programme", "kind", "code", "name", "department", "detail", "level")} | _validity(row)


def _validity(row: Row) -> Row:
    return {"valid_from": row["validFrom"], "valid_until": row["validUntil"]}
