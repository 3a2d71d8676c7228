"""Requests of reviewers about their data, and what was deleted."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model
from app.identity.sealed import SealedJson, SealedText

# Kinds of deletion: the texts of a case, the person of a reviewer.
TEXTS, PERSON = "texts", "person"


class DataRequest(Model):
    """Somebody asks to see, correct or delete what is known of them. `granted` NULL means not answered yet.

    `wish` holds the new name and phone of a correction, `result` the reason of a refusal; both encrypted.
    """

    __tablename__ = "data_requests"
    __table_args__ = (
        CheckConstraint("kind in ('see', 'correct', 'delete')", name="kind"),
        Index("ix_data_requests_open", "programme", "due_on", postgresql_where=text("answered_at is null")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    programme: Mapped[str]
    reviewer: Mapped[int] = mapped_column(ForeignKey("reviewers.id"), index=True)
    kind: Mapped[str]
    wish: Mapped[dict[str, str] | None] = mapped_column(SealedJson("data_requests.wish"))
    received_at: Mapped[datetime]
    received_by: Mapped[str]
    due_on: Mapped[date]
    granted: Mapped[bool | None]
    result: Mapped[str | None] = mapped_column(SealedText("data_requests.result"))
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]


class Deletion(Model):
    """What was deleted for good: the texts of a case or the person of a reviewer, by its key."""

    __tablename__ = "deletions"

    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    deleted_at: Mapped[datetime]
    why: Mapped[str]
