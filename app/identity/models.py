"""Accounts, and what we know of reviewers (ciphertext only)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Identity, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model
from app.identity.actor import Actor, Role


class Account(Model):
    """Somebody who signs in: one role in one programme and department."""

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("login"), Index("ix_accounts_department", "programme", "department"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    login: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str]
    role: Mapped[str]
    programme: Mapped[str]
    department: Mapped[str]
    staff: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True, server_default="true")
    created_at: Mapped[datetime]

    def actor(self) -> Actor:
        """Return who this account is when it acts."""
        return Actor(str(self.id), Role(self.role), self.programme, self.department, self.staff)


class Reviewer(Model):
    """A person who was served and may have reviewed. All that names them is encrypted.

    `person_index` is a keyed digest of phone or certificate: equal persons are found
    without being read.
    """

    __tablename__ = "reviewers"
    __table_args__ = (UniqueConstraint("programme", "person_index"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    programme: Mapped[str]
    person_index: Mapped[str]
    name: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone: Mapped[bytes | None] = mapped_column(LargeBinary)
    certificate: Mapped[bytes | None] = mapped_column(LargeBinary)
    first_seen_at: Mapped[datetime]
