"""Service records and reviews, partitioned by the month of the service."""

from __future__ import annotations

from datetime import date, datetime
from enum import IntEnum

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Identity, Index, LargeBinary, String, text
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
    state: Mapped[str]
    received_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    reviewer: Mapped[int | None]
    imported_at: Mapped[datetime]


class Review(Model):
    """One review of one service; sequence 1 is the review, 2 its later addition (追评). Never changes."""

    __tablename__ = "reviews"
    __table_args__ = (
        CheckConstraint("level between 1 and 5", name="level"),
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
    reasons: Mapped[list[str]] = mapped_column(ARRAY(String))
    words: Mapped[bytes | None] = mapped_column(LargeBinary)
    channel: Mapped[str]
    department: Mapped[str]
    staff: Mapped[str | None]
    reviewer: Mapped[int | None]
    is_anonymous: Mapped[bool]
    is_default: Mapped[bool]
    is_late: Mapped[bool]
    reviewed_at: Mapped[datetime]
    received_at: Mapped[datetime]


class Complaint(Model):
    """A complaint that 12345 handed over (ZB 13). Words and phone are encrypted; it is no rating and counts as none."""

    __tablename__ = "complaints"

    programme: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(primary_key=True)
    department: Mapped[str]
    words: Mapped[bytes] = mapped_column(LargeBinary)
    phone: Mapped[bytes | None] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]
