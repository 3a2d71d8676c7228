"""Service records and reviews, partitioned by the month of the service; complaints; and the imports they came by."""

from __future__ import annotations

from datetime import date, datetime
from enum import IntEnum

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class Level(IntEnum):
    """The five levels as stored; codes of the outside world are converted at the edge."""

    VERY_SATISFIED = 5
    SATISFIED = 4
    BASICALLY = 3
    DISSATISFIED = 2
    VERY_DISSATISFIED = 1

    @property
    def is_bad(self) -> bool:
        """Whether a review of this level opens a case (C1)."""
        return self <= Level.DISSATISFIED


LEVEL_NAMES = {5: "非常满意", 4: "满意", 3: "基本满意", 2: "不满意", 1: "非常不满意"}


class ServiceRecord(Model):
    """One service: a visit of a person on a matter. R1."""

    __tablename__ = "service_records"
    __table_args__ = (
        Index("ix_service_records_record", "programme", "record", "visit"),
        Index("ix_service_records_reviewer", "reviewer", postgresql_where=text("reviewer is not null")),
        {"postgresql_partition_by": "RANGE (served_on)"},
    )

    served_on: Mapped[date] = mapped_column(primary_key=True)
    programme: Mapped[str] = mapped_column(primary_key=True)
    record: Mapped[str] = mapped_column(primary_key=True)
    visit: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[str]
    department: Mapped[str]
    window: Mapped[str | None]
    staff: Mapped[str | None]
    channel: Mapped[str]
    applicant_kind: Mapped[str]
    certificate_kind: Mapped[str]
    kind: Mapped[str | None]
    state: Mapped[str]
    received_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    reviewer: Mapped[int | None]
    imported_at: Mapped[datetime]
    is_old: Mapped[bool] = mapped_column(server_default="false")


class Review(Model):
    """One review of one service; sequence 1 is the review, 2 its later addition (追评). Never changes.

    Sequence 0 is the default that counts while nobody has spoken (C7); a real review replaces
    it. `level` rates the item or service, `staff_level` the person apart (C2); `marks` say how
    it came: supplement, card, phone, helped.

    An old one (`is_old`) was handled in the system before this one: it opens no case and
    keeps what came of it there, `rectification` (encrypted) and `rectified_on`. R4.
    """

    __tablename__ = "reviews"
    __table_args__ = (
        CheckConstraint("level between 1 and 5", name="level"),
        CheckConstraint("staff_level between 1 and 5", name="staff_level"),
        Index("ix_reviews_record", "programme", "record", "visit"),
        Index("ix_reviews_id", "id"),
        Index("ix_reviews_reviewer", "reviewer", postgresql_where=text("reviewer is not null")),
        Index("ix_reviews_words", "served_on", postgresql_where=text("words is not null")),
        {"postgresql_partition_by": "RANGE (served_on)"},
    )

    served_on: Mapped[date] = mapped_column(primary_key=True)
    programme: Mapped[str] = mapped_column(primary_key=True)
    record: Mapped[str] = mapped_column(primary_key=True)
    visit: Mapped[int] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    level: Mapped[int]
    staff_level: Mapped[int | None]
    reasons: Mapped[list[str]] = mapped_column(ARRAY(String))
    words: Mapped[bytes | None] = mapped_column(LargeBinary)
    channel: Mapped[str]
    department: Mapped[str]
    window: Mapped[str | None]
    staff: Mapped[str | None]
    reviewer: Mapped[int | None]
    is_anonymous: Mapped[bool]
    is_default: Mapped[bool]
    is_late: Mapped[bool]
    marks: Mapped[list[str]] = mapped_column(ARRAY(String), default=list, server_default="{}")
    typed_by: Mapped[str | None]
    replaced_at: Mapped[datetime | None]
    reviewed_at: Mapped[datetime]
    received_at: Mapped[datetime]
    is_old: Mapped[bool] = mapped_column(server_default="false")
    rectification: Mapped[bytes | None] = mapped_column(LargeBinary)
    rectified_on: Mapped[date | None]


class UncountedReview(Model):
    """What came by another channel after a service was reviewed: kept, and never counted (C3).

    `digest` tells one from another, so that a repeated import adds none.
    """

    __tablename__ = "uncounted_reviews"
    __table_args__ = (UniqueConstraint("digest"), Index("ix_uncounted_reviews_record", "programme", "record", "visit"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    programme: Mapped[str]
    record: Mapped[str]
    visit: Mapped[int]
    sequence: Mapped[int]
    level: Mapped[int]
    reasons: Mapped[list[str]] = mapped_column(ARRAY(String))
    words: Mapped[bytes | None] = mapped_column(LargeBinary)
    channel: Mapped[str]
    reviewed_at: Mapped[datetime]
    received_at: Mapped[datetime]
    digest: Mapped[str]


class WindowCall(Model):
    """A service that its window's evaluator is to ask about: one row when it is accepted, one when it is finished (C4).

    Good for some minutes, and gone within a day.
    """

    __tablename__ = "window_calls"
    __table_args__ = (
        UniqueConstraint("served_on", "programme", "record", "visit", "state"),
        Index("ix_window_calls_window", "programme", "window", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    programme: Mapped[str]
    window: Mapped[str]
    served_on: Mapped[date]
    record: Mapped[str]
    visit: Mapped[int]
    state: Mapped[str]
    called_at: Mapped[datetime]


class RatingCorrection(Model):
    """Whom a review really rates, as the overseer found: both values are kept, the newest holds."""

    __tablename__ = "rating_corrections"
    __table_args__ = (Index("ix_rating_corrections_record", "programme", "record", "visit", "sequence"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    programme: Mapped[str]
    record: Mapped[str]
    visit: Mapped[int]
    sequence: Mapped[int]
    staff_before: Mapped[str | None]
    staff_after: Mapped[str | None]
    window_before: Mapped[str | None]
    window_after: Mapped[str | None]
    reason: Mapped[str]
    corrected_at: Mapped[datetime]
    corrected_by: Mapped[str]


class Complaint(Model):
    """A complaint that 12345 handed over (ZB 13). Words and phone are encrypted; it is no rating and counts as none.

    `matter` is the service that it is about, where it names one.
    """

    __tablename__ = "complaints"

    programme: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)
    department: Mapped[str]
    matter: Mapped[str | None]
    reviewer: Mapped[int | None]
    words: Mapped[bytes] = mapped_column(LargeBinary)
    phone: Mapped[bytes | None] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]


class Import(Model):
    """A file that is being taken in, or was: by its content, not its name.

    Up to `stored_row` the rows are in; up to `settled_row` so are the bad reviews among
    them, which have transactions of their own. Both are written in the transaction of
    what they tell of.
    """

    __tablename__ = "imports"
    __table_args__ = (UniqueConstraint("digest", "kind"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    digest: Mapped[str]
    kind: Mapped[str]
    given_by: Mapped[str]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    stored_row: Mapped[int]
    settled_row: Mapped[int]
    added: Mapped[int]
    known: Mapped[int]
    opened: Mapped[int]


class ImportRefusal(Model):
    """A refused row of an import. The reason may quote the row, so it is encrypted."""

    __tablename__ = "import_refusals"

    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id"), primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True)
    reason: Mapped[bytes] = mapped_column(LargeBinary)
