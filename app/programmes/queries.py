"""Reading programmes as they are published."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select

from app.db import db
from app.programmes.errors import ProgrammeUnknown
from app.programmes.models import Programme, ProgrammeVersion
from app.programmes.versions import bundle_of

Facts = dict[str, Any]
Published = tuple[str, int, int, str, datetime]


def list_programmes() -> list[Facts]:
    """Return all programmes with their current versions."""
    return [_facts(row) for row in db.session.execute(_published().order_by(Programme.code))]


def read_programme(code: str) -> Facts:
    """Return one programme.

    Raises:
        ProgrammeUnknown: there is none of this code.
    """
    return _facts(_row(code))


def _row(code: str) -> Row[*Published]:
    row = db.session.execute(_published().where(Programme.code == code)).first()
    if row is None:
        raise ProgrammeUnknown(f"没有代码为 {code[:40]} 的方案。")
    return row


def _published() -> Select[*Published]:
    columns = (Programme.code, Programme.version, ProgrammeVersion.number, ProgrammeVersion.digest, ProgrammeVersion.published_at)
    return select(*columns).join(ProgrammeVersion, ProgrammeVersion.id == Programme.version)


def _facts(row: Row[*Published]) -> Facts:
    rules = bundle_of(row.version).rules
    return {
        "code": row.code, "name": rules.name, "area": rules.area, "version": row.number, "digest": row.digest,
        "published_at": row.published_at, "in_force_until": rules.in_force_until, "calendar": list(rules.calendar),
        "clauses": dict(rules.clauses),
    }  # fmt: skip


def read_elements(code: str) -> list[Facts]:
    """Return the elements of the current diagram that carry a clause or a reading.

    Raises:
        ProgrammeUnknown: there is none of this code.
    """
    definition = bundle_of(_row(code).version).program.definition
    return [
        {
            "id": node.id, "kind": node.kind, "name": node.name, "lane": node.lane, "clause": node.clause,
            "reading": node.properties.get("reading"), "timer": node.timer and node.timer[1],
        }
        for node in definition.nodes.values()
        if node.clause or node.properties.get("reading")
    ]  # fmt: skip
