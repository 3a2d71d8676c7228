"""Stored versions of bundles. A version never changes and is never deleted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class ProgrammeVersion(Model):
    """One published version: the canonical bytes of both files and the digest over them."""

    __tablename__ = "programme_versions"
    __table_args__ = (UniqueConstraint("programme", "number"), UniqueConstraint("programme", "digest"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    programme: Mapped[str]
    number: Mapped[int]
    digest: Mapped[str]
    diagram: Mapped[bytes] = mapped_column(LargeBinary)
    rules: Mapped[bytes] = mapped_column(LargeBinary)
    published_at: Mapped[datetime]
    published_by: Mapped[str]


class Programme(Model):
    """One of the programmes side by side, and the version that new cases get."""

    __tablename__ = "programmes"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    version: Mapped[int] = mapped_column(ForeignKey("programme_versions.id"))
