"""Writing entries. Payloads hold ids and digests only, never personal data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import desc, select, text

from app.audit.chain import GENESIS, entry_digest
from app.audit.models import AuditEntry
from app.db import db, insert_into, table_of


@dataclass(frozen=True)
class Act:
    """What is to be recorded: who did what, with which ids."""

    actor: str
    act: str
    payload: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Head:
    """The last entry of a stream."""

    seq: int = 0
    digest: str = GENESIS


def append(stream: str, head: Head, acts: Sequence[Act], at: datetime) -> Head:
    """Append acts after a head that the caller holds under a lock; return the new head."""
    rows = []
    for act in acts:
        row = {
            "stream": stream,
            "seq": head.seq + 1,
            "occurred_at": iso(at),
            "actor": act.actor,
            "act": act.act,
            "payload": act.payload,
        }
        head = Head(head.seq + 1, entry_digest(row, head.digest))
        rows.append(row | {"occurred_at": at, "digest": head.digest})
    if rows:
        db.session.connection().execute(insert_into(table_of(AuditEntry)), rows)
    return head


def record(stream: str, act: Act, at: datetime) -> None:
    """Append one act to a stream that many may write to; they take turns."""
    db.session.execute(text("select pg_advisory_xact_lock(hashtextextended(:stream, 7230))"), {"stream": stream})
    append(stream, find_head(stream), [act], at)


def find_head(stream: str) -> Head:
    """Return the last entry of a stream, or the head of an empty one."""
    query = select(AuditEntry.seq, AuditEntry.digest).where(AuditEntry.stream == stream).order_by(desc(AuditEntry.seq)).limit(1)
    row = db.session.execute(query).first()
    return Head(row.seq, row.digest) if row else Head()


def iso(moment: datetime) -> str:
    """Return the form of an instant that digests are made over."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
