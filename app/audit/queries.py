"""Reading streams, entries and seals; `mine` is the condition on what the reader may see."""

from __future__ import annotations

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
