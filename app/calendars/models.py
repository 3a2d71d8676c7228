"""Loaded notices and the days they name. Rows are only ever added: a newer notice stands before an older one."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model, append_only


@append_only
class CalendarNotice(Model):
    """One loading of one authority's arrangement for one year; its id is the calendar's version."""

    __tablename__ = "calendar_notices"
    __table_args__ = (
        CheckConstraint(
            "known_from between make_date(year::int, 1, 1) and make_date(year::int, 12, 31)", name="known_from_in_year"
        ),
        CheckConstraint("digest ~ '^[0-9a-f]{64}$'", name="digest_is_sha256"),
        Index("ix_calendar_notices_layer_year", "layer", "year", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    layer: Mapped[str] = mapped_column(Text)
    area: Mapped[str] = mapped_column(Text)
    year: Mapped[int]
    known_from: Mapped[date]
    source: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text)
    loaded_at: Mapped[datetime]
    loaded_by: Mapped[str] = mapped_column(Text)


@append_only
class CalendarDay(Model):
    """A day that a notice names."""

    __tablename__ = "calendar_days"

    notice_id: Mapped[int] = mapped_column(ForeignKey("calendar_notices.id"), primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    is_off: Mapped[bool]
    name: Mapped[str] = mapped_column(Text)
