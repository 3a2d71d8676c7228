"""Reading the catalogue, page by page."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from app.catalogue.errors import EntryUnknown
from app.catalogue.models import Area, CatalogueEntry, Department
from app.db import db, table_of

Facts = dict[str, Any]


def list_departments(programme: str, after: str | None, limit: int) -> list[Facts]:
    """Return the departments of a programme by code."""
    return _listed(Department, programme, after, limit)


def list_areas(programme: str, after: str | None, limit: int) -> list[Facts]:
    """Return the areas of a programme by code."""
    return _listed(Area, programme, after, limit)


def list_entries(programme: str, kind: str, after: str | None, limit: int) -> list[Facts]:
    """Return the windows, terminals, staff, items or channels of a programme by code."""
    return _listed(CatalogueEntry, programme, after, limit, CatalogueEntry.kind == kind)


def _listed(model: type[Any], programme: str, after: str | None, limit: int, *conditions: Any) -> list[Facts]:
    query = select(table_of(model)).where(model.programme == programme, model.code > (after or ""), *conditions)
    return [dict(row) for row in db.session.execute(query.order_by(model.code).limit(limit)).mappings()]


def find_department(programme: str, code: str, *, lock: bool = False) -> Facts:
    """Return one department; `lock` keeps others from changing it until the transaction ends.

    Raises:
        EntryUnknown: there is none of this code.
    """
    query = select(table_of(Department)).where(Department.programme == programme, Department.code == code)
    row = db.session.execute(query.with_for_update() if lock else query).mappings().first()
    if row is None:
        raise EntryUnknown(f"名录里没有部门 {code[:40]}。")
    return dict(row)


def departments_by_programme() -> dict[str, dict[str, str]]:
    """Return the names of all departments, by programme and code; for choosing one."""
    found: dict[str, dict[str, str]] = {}
    query = select(Department.programme, Department.code, Department.name).order_by(Department.programme, Department.name)
    for programme, code, name in db.session.execute(query):
        found.setdefault(programme, {})[code] = name
    return found


def department_names(programme: str, codes: Collection[str]) -> dict[str, str]:
    """Return the names of departments by code; one that is not listed is called by its code."""
    return _names(Department, programme, codes)


def area_names(programme: str, codes: Collection[str]) -> dict[str, str]:
    """Return the names of areas by code, in the same way."""
    return _names(Area, programme, codes)


def _names(model: Any, programme: str, codes: Collection[str]) -> dict[str, str]:
    query = select(model.code, model.name).where(model.programme == programme, model.code.in_(codes))
    return {code: code for code in codes} | {code: name for code, name in db.session.execute(query)}


def list_names(programme: str, kind: str, department: str | None = None) -> dict[str, str]:
    """Return what can be chosen from the catalogue, code → name, by name: departments, or what of a kind a department has.

    A department that another has succeeded is not to be chosen any more.
    """
    model: Any = Department if kind == "department" else CatalogueEntry
    query = select(model.code, model.name).where(model.programme == programme)
    if kind == "department":
        query = query.where(Department.successor.is_(None))
    else:
        query = query.where(CatalogueEntry.kind == kind, CatalogueEntry.department == department)
    return {code: name for code, name in db.session.execute(query.order_by(model.name, model.code))}


def find_entry(programme: str, kind: str, code: str, *, lock: bool = False) -> Facts:
    """Return one window, terminal, member of staff, item or channel; `lock` as of `find_department`.

    Raises:
        EntryUnknown: there is none of this code.
    """
    of_code = (CatalogueEntry.programme == programme, CatalogueEntry.kind == kind, CatalogueEntry.code == code)
    query = select(table_of(CatalogueEntry)).where(*of_code)
    row = db.session.execute(query.with_for_update() if lock else query).mappings().first()
    if row is None:
        raise EntryUnknown(f"名录里没有 {code[:40]}。")
    return dict(row)
