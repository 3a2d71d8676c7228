"""Changing the catalogue by hand: what was read is named, and a change in between is never overwritten."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from app.audit.chain import canonical
from app.audit.record import Act, record
from app.catalogue.errors import EditConflict, EntryExists, EntryInvalid, SuccessorInvalid, VersionNeeded
from app.catalogue.models import CatalogueEntry, Department
from app.catalogue.queries import Facts, find_department, find_entry
from app.db import db, table_of
from app.identity.actor import Actor

EDITABLE = ("name", "area", "responsible", "valid_from", "valid_until")
# What a department has and names itself; matters and channels come from the lists of the province alone.
OWN_KINDS = ("window", "terminal", "staff")
ENTRY_EDITABLE = ("name", "department", "valid_from", "valid_until")


def version_of(facts: Facts) -> str:
    """Return what tells one state of an entry from another."""
    return hashlib.sha256(canonical({name: str(value) for name, value in facts.items()})).hexdigest()[:32]


def edit_department(
    actor: Actor, programme: str, code: str, version: str | None, changes: dict[str, Any], now: datetime
) -> Facts:
    """Change a department that is as it was read, and return it.

    Raises:
        EntryUnknown: there is none of this code in the programme.
        VersionNeeded: no version is named.
        EditConflict: it was changed meanwhile.
        EntryInvalid: it would end before it begins.
    """
    found = find_department(programme, code, lock=True)
    _require_as_read(found, version, changes, EDITABLE)
    _require_validity(found | changes)
    db.session.execute(update(Department).where(*_of(programme, code)).values(**changes))
    record("catalogue", Act(actor.id, "edit_department", {"programme": programme, "code": code, **_all(changes)}), now)
    return find_department(programme, code)


def edit_entry(
    actor: Actor, programme: str, kind: str, code: str, version: str | None, changes: dict[str, Any], now: datetime
) -> Facts:
    """Change a window, a terminal or a member of staff that is as it was read, and return it.

    Raises:
        EntryUnknown: there is none of this code, or not the department named.
        VersionNeeded, EditConflict, EntryInvalid: as of `edit_department`.
    """
    found = find_entry(programme, kind, code, lock=True)
    _require_as_read(found, version, changes, ENTRY_EDITABLE)
    _require_entry(programme, found | changes)
    of_code = (CatalogueEntry.programme == programme, CatalogueEntry.kind == kind, CatalogueEntry.code == code)
    db.session.execute(update(CatalogueEntry).where(*of_code).values(**changes))
    record("catalogue", Act(actor.id, "edit_entry", {"programme": programme, "kind": kind, "code": code, **_all(changes)}), now)
    return find_entry(programme, kind, code)


def add_entry(actor: Actor, programme: str, kind: str, code: str, values: dict[str, Any], now: datetime) -> Facts:
    """Add a window, a terminal or a member of staff, and return it.

    Raises:
        EntryExists: there is one of this code.
        EntryUnknown: there is no such department.
        EntryInvalid: it would end before it begins.
    """
    _require_entry(programme, values)
    key = {"programme": programme, "kind": kind, "code": code}
    added = insert(table_of(CatalogueEntry)).values(**key, **values).on_conflict_do_nothing()
    if not db.session.execute(added.returning(table_of(CatalogueEntry).c.code)).all():
        raise EntryExists(f"编码 {code[:40]} 已经有了，请换一个编码，或去修改原来的。")
    record("catalogue", Act(actor.id, "add_entry", {**key, **_all(values)}), now)
    return find_entry(programme, kind, code)


def _require_entry(programme: str, values: Facts) -> None:
    find_department(programme, values["department"])
    _require_validity(values)


def _require_as_read(found: Facts, version: str | None, changes: dict[str, Any], editable: tuple[str, ...]) -> None:
    if version is None:
        raise VersionNeeded("修改须在 If-Match 头里带上读取时的 ETag，以免覆盖别人的修改。")
    if version != version_of(found):
        shown = {name: _plain(found[name]) for name in editable}
        raise EditConflict("这一条刚被别人改过，您的修改没有保存。请比对两份内容后再改。", yours=_all(changes), theirs=shown)


def _require_validity(values: Facts) -> None:
    if values["valid_from"] and values["valid_until"] and values["valid_from"] >= values["valid_until"]:
        raise EntryInvalid("停用日期应晚于起用日期。")


def succeed(actor: Actor, programme: str, code: str, successor: str, on: date, now: datetime) -> Facts:
    """Close a department that was merged or split, from a day on, and name who takes its open cases over.

    Said once more it changes nothing, and is not recorded anew.

    Raises:
        EntryUnknown: there is no such department, or no such successor.
        SuccessorInvalid: it would succeed itself, is closed by then, or the two would go round in a circle.
    """
    found = find_department(programme, code, lock=True)
    if (found["successor"], found["valid_until"]) == (successor, on):
        return found
    heir = find_department(programme, successor)
    if successor == code or heir["successor"] is not None or (heir["valid_until"] and heir["valid_until"] <= on):
        raise SuccessorInvalid("承接部门应是另一个当日仍在运行、没有被撤并的部门。")
    db.session.execute(update(Department).where(*_of(programme, code)).values(valid_until=on, successor=successor))
    payload = {"programme": programme, "code": code, "successor": successor, "on": on.isoformat()}
    record("catalogue", Act(actor.id, "succeed", payload), now)
    return find_department(programme, code)


def _of(programme: str, code: str) -> tuple[Any, ...]:
    return Department.programme == programme, Department.code == code


def _all(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in changes.items()}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
