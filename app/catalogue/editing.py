"""Changing departments by hand: what was read is named, and a change in between is never overwritten."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any

from sqlalchemy import update

from app.audit.chain import canonical
from app.audit.record import Act, record
from app.catalogue.errors import EditConflict, SuccessorInvalid, VersionNeeded
from app.catalogue.models import Department
from app.catalogue.queries import Facts, find_department
from app.db import db
from app.identity.actor import Actor

EDITABLE = ("name", "area", "responsible", "valid_from", "valid_until")


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
    """
    if version is None:
        raise VersionNeeded("修改须在 If-Match 头里带上读取时的 ETag，以免覆盖别人的修改。")
    found = find_department(programme, code, lock=True)
    if version != version_of(found):
        shown = {name: _plain(found[name]) for name in EDITABLE}
        raise EditConflict("这个部门刚被别人改过，您的修改没有保存。请比对两份内容后再改。", yours=_all(changes), theirs=shown)
    db.session.execute(update(Department).where(*_of(programme, code)).values(**changes))
    record("catalogue", Act(actor.id, "edit_department", {"programme": programme, "code": code, **_all(changes)}), now)
    return find_department(programme, code)


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
