"""Appeals and claims, the evidence of both sides, and objections of reviewers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model
from app.identity.sealed import SealedText


class Appeal(Model):
    """A request not to adopt a rating: an appeal beside the handling, or a claim within it.

    `kind` is appeal or claim; `upheld` NULL means not ruled yet; `second` is the other
    of the two persons who decided.
    """

    __tablename__ = "appeals"
    __table_args__ = (Index("ix_appeals_case_id", "case_id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[str]
    round: Mapped[int]
    department: Mapped[str]
    matter: Mapped[str] = mapped_column(SealedText("appeals.matter"))
    reasons: Mapped[str] = mapped_column(SealedText("appeals.reasons"))
    opinion: Mapped[str] = mapped_column(SealedText("appeals.opinion"))
    applied_at: Mapped[datetime]
    applied_by: Mapped[str]
    upheld: Mapped[bool | None]
    ground: Mapped[str | None]
    ruled_at: Mapped[datetime | None]
    ruled_by: Mapped[str | None]
    second: Mapped[str | None]


class Evidence(Model):
    """What the department or the staff concerned put forward (P3)."""

    __tablename__ = "evidence"
    __table_args__ = (Index("ix_evidence_appeal_id", "appeal_id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeals.id"))
    side: Mapped[str]
    text: Mapped[str] = mapped_column(SealedText("evidence.text"))
    added_at: Mapped[datetime]
    added_by: Mapped[str]


class Objection(Model):
    """A reviewer's objection to the voiding of their rating, heard by the superior (r)."""

    __tablename__ = "objections"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    words: Mapped[str] = mapped_column(SealedText("objections.words"))
    received_at: Mapped[datetime]
    department: Mapped[str]
