"""Reading streams, entries and seals; `mine` is the condition on what the reader may see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql import distinct_on

from app.audit.models import AuditEntry, Seal
from app.audit.record import iso
from app.db import db, table_of

SEALS_SHOWN = 100
ENTRIES = table_of(AuditEntry)


def list_streams(mine: ColumnElement[bool], after: str | None, limit: int) -> list[dict[str, Any]]:
    """Return streams with their heads, by name."""
    query = (
        select(ENTRIES.c.stream, ENTRIES.c.seq, ENTRIES.c.digest, ENTRIES.c.occurred_at)
        .ext(distinct_on(ENTRIES.c.stream))
        .where(mine, ENTRIES.c.stream > (after or ""))
        .order_by(ENTRIES.c.stream, ENTRIES.c.seq.desc())
    )
    return [dict(row) for row in db.session.execute(query.limit(limit)).mappings()]


def list_entries(mine: ColumnElement[bool], after: int | None, limit: int) -> list[dict[str, Any]]:
    """Return entries in the order of their ids, in the form that digests are made over."""
    query = select(ENTRIES).where(mine, ENTRIES.c.id > (after or 0)).order_by(ENTRIES.c.id).limit(limit)
    return [dict(row) | {"occurred_at": iso(row["occurred_at"])} for row in db.session.execute(query).mappings()]


def list_seals() -> list[dict[str, Any]]:
    """Return the newest seals."""
    query = select(table_of(Seal)).order_by(Seal.id.desc()).limit(SEALS_SHOWN)
    return [dict(row) | {"sealed_at": iso(row["sealed_at"])} for row in db.session.execute(query).mappings()]


@dataclass(frozen=True)
class Sought:
    """Which entries somebody looks for; what is None is not asked for. `begins_at` belongs to the time, `ends_at` does not."""

    stream: str | None = None
    actor: str | None = None
    act: str | None = None
    begins_at: datetime | None = None
    ends_at: datetime | None = None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """Yield the conditions on entries."""
        equal = {ENTRIES.c.stream: self.stream, ENTRIES.c.actor: self.actor, ENTRIES.c.act: self.act}
        yield from (column == value for column, value in equal.items() if value is not None)
        if self.begins_at is not None:
            yield ENTRIES.c.occurred_at >= self.begins_at
        if self.ends_at is not None:
            yield ENTRIES.c.occurred_at < self.ends_at


def search_entries(mine: ColumnElement[bool], sought: Sought, before: int | None, limit: int) -> list[dict[str, Any]]:
    """Return entries that somebody looks for, newest first; `before` is the id of the last one seen."""
    query = select(ENTRIES).where(mine, *sought.conditions()).order_by(ENTRIES.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(ENTRIES.c.id < before)
    return [dict(row) for row in db.session.execute(query).mappings()]
