"""Append-only streams of audit entries, and the seals over all of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model, append_only


@append_only
class AuditEntry(Model):
    """One act in one stream. `digest` covers the entry and the digest before it."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_id", "id", unique=True),)

    stream: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    occurred_at: Mapped[datetime]
    actor: Mapped[str]
    act: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    digest: Mapped[str]


@append_only
class Seal(Model):
    """A Merkle root over the heads of all streams up to an entry; also in a file outside the database."""

    __tablename__ = "seals"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    sealed_at: Mapped[datetime]
    up_to: Mapped[int]
    streams: Mapped[int]
    root: Mapped[str]
