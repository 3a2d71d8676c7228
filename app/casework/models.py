"""What is written and kept beside the steps of a case."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model
from app.identity.sealed import SealedJson, SealedText


class Draft(Model):
    """What somebody typed for a step and has not entered; nobody else sees it."""

    __tablename__ = "drafts"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    element: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True, autoincrement=False)
    body: Mapped[dict[str, str]] = mapped_column(SealedJson("drafts.body"))
    saved_at: Mapped[datetime]


class Remark(Model):
    """What somebody tells the colleagues of their department about a case; with a step when it was sent back for that."""

    __tablename__ = "remarks"
    __table_args__ = (Index("ix_remarks_case_id", "case_id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    department: Mapped[str]
    element: Mapped[str | None]
    words: Mapped[str] = mapped_column(SealedText("remarks.words"))
    made_at: Mapped[datetime]
    made_by: Mapped[str]


class Attachment(Model):
    """A file that belongs to a case. It lies outside the database, encrypted with a key of its own that is kept here.

    `kind` is one of `attachments.KINDS`, `size` in bytes, `digest` SHA-256 of the content in
    hex; `is_scanned` says that a virus scanner found nothing, and not only that there is none.
    """

    __tablename__ = "attachments"
    __table_args__ = (UniqueConstraint("case_id", "digest"), UniqueConstraint("file"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    round: Mapped[int]
    department: Mapped[str]
    name: Mapped[str] = mapped_column(SealedText("attachments.name"))
    kind: Mapped[str]
    size: Mapped[int]
    digest: Mapped[str]
    file: Mapped[str]
    key: Mapped[str] = mapped_column(SealedText("attachments.key"))
    is_scanned: Mapped[bool]
    added_at: Mapped[datetime]
    added_by: Mapped[str]


class RatingDispute(Model):
    """Somebody who is rated says that it was not them; the overseer puts it right, or answers why not. Once a case and person."""

    __tablename__ = "rating_disputes"
    __table_args__ = (UniqueConstraint("case_id", "staff"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    staff: Mapped[str]
    reason: Mapped[str] = mapped_column(SealedText("rating_disputes.reason"))
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    answer: Mapped[str | None] = mapped_column(SealedText("rating_disputes.answer"))
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]


class DayObjection(Model):
    """A department says that a day was counted wrongly, or wrongly not counted; the overseer answers. One a day and limit."""

    __tablename__ = "day_objections"
    __table_args__ = (UniqueConstraint("deadline_id", "day"), Index("ix_day_objections_case_id", "case_id"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    deadline_id: Mapped[int] = mapped_column(ForeignKey("deadlines.id"))
    day: Mapped[date]
    department: Mapped[str]
    reason: Mapped[str] = mapped_column(SealedText("day_objections.reason"))
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    answer: Mapped[str | None] = mapped_column(SealedText("day_objections.answer"))
    is_upheld: Mapped[bool | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
