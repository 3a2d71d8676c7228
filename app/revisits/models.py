"""Revisits made, and draws with their members."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model
from app.identity.sealed import SealedText


class Revisit(Model):
    """One call after a round was closed: the three facts, then the satisfaction (L4)."""

    __tablename__ = "revisits"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    round: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    called: Mapped[bool]
    called_on: Mapped[date | None]
    told: Mapped[str | None] = mapped_column(SealedText("revisits.told"))
    result: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[str]


class RectificationRating(Model):
    """How content the reviewer is with what was done, by their own word from their receipt; once a round. HK (六)."""

    __tablename__ = "rectification_ratings"
    __table_args__ = (CheckConstraint("level between 1 and 5", name="level"),)

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    round: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    level: Mapped[int]
    rated_at: Mapped[datetime]


class Draw(Model):
    """One period's draw. The secret is committed to before the period opens, and encrypted until published."""

    __tablename__ = "draws"
    __table_args__ = (UniqueConstraint("programme", "period"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    programme: Mapped[str]
    period: Mapped[str]
    opens_at: Mapped[datetime]
    freezes_at: Mapped[datetime]
    share: Mapped[str]
    commitment: Mapped[str]
    committed_at: Mapped[datetime]
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    frozen_at: Mapped[datetime | None]
    pool_digest: Mapped[str | None]
    finished_at: Mapped[datetime | None]


class DrawMember(Model):
    """A closed round in a pool. `status`: waiting, drawn, made, unreachable, voided, spared."""

    __tablename__ = "draw_members"
    __table_args__ = (Index("ix_draw_members_case_id", "case_id"),)

    draw_id: Mapped[int] = mapped_column(ForeignKey("draws.id"), primary_key=True, autoincrement=False)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    round: Mapped[int]
    number: Mapped[str]
    department: Mapped[str]
    position: Mapped[int]
    status: Mapped[str]
    replaces: Mapped[int | None]
    told_at: Mapped[datetime | None]
