"""Accounts, how they come in, and what we know of reviewers (ciphertext only)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ARRAY, BigInteger, ForeignKey, Identity, Index, LargeBinary, String, UniqueConstraint, text
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
        return Actor(str(self.id), Role(self.role), self.programme, self.department, self.staff, self.login, self.name)


class SignedInSession(Model):
    """One sign-in that lasts. Only the digest of its token is kept; `expires_at` is the absolute limit."""

    __tablename__ = "sessions"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class SignInCount(Model):
    """Failures to sign in: of a login from a source, of a login from anywhere (source ''), of a source (login '').

    The login stands as a digest: what was typed may be a password in the wrong box.
    """

    __tablename__ = "sign_in_counts"

    login: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    failed_at: Mapped[datetime | None]
    succeeded_at: Mapped[datetime | None]


class Token(Model):
    """What a department's system shows instead of a session. Only its digest is kept."""

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    name: Mapped[str]
    programme: Mapped[str]
    department: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String))
    issued_at: Mapped[datetime]
    issued_by: Mapped[str]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Substitution(Model):
    """Somebody stands in for a colleague on leave, from the first to the last day (Shanghai), both included.

    `is_by_head` says that a head appointed, so that a head's signature may be given. `appointed_by` is
    an account's id; `ended_at` says that it was ended before its last day.
    """

    __tablename__ = "substitutions"
    __table_args__ = (
        Index("ix_substitutions_absent", "absent", postgresql_where=text("ended_at is null")),
        Index("ix_substitutions_substitute", "substitute", postgresql_where=text("ended_at is null")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    absent: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    substitute: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    from_on: Mapped[date]
    until_on: Mapped[date]
    is_by_head: Mapped[bool]
    appointed_by: Mapped[str]
    appointed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Reviewer(Model):
    """A person who was served and may have reviewed. All that names them is encrypted.

    `person_index` is a keyed digest of the certificate, `phone_index` one of the phone:
    equal persons are found without being read.
    """

    __tablename__ = "reviewers"
    __table_args__ = (UniqueConstraint("programme", "person_index"), Index("ix_reviewers_phone", "programme", "phone_index"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    programme: Mapped[str]
    person_index: Mapped[str]
    phone_index: Mapped[str | None]
    name: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone: Mapped[bytes | None] = mapped_column(LargeBinary)
    certificate: Mapped[bytes | None] = mapped_column(LargeBinary)
    first_seen_at: Mapped[datetime]
