"""What is to leave the house: rows written inside the act's transaction, sent by a job afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model, db, table_of


class OutboxMessage(Model):
    """One message to one recipient. The key makes a repeated act harmless."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_waiting", "not_before", postgresql_where=text("sent_at is null")),
        Index("ix_outbox_recipient", "programme", "recipient", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    programme: Mapped[str]
    kind: Mapped[str]
    recipient: Mapped[str]
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime]
    not_before: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")


SEND = insert(table_of(OutboxMessage)).inline().on_conflict_do_nothing(index_elements=["key"])


def send_later(messages: list[dict[str, Any]]) -> None:
    """Put messages into the outbox, in this transaction; a known key is left as it is.

    Each dict holds key, programme, kind, recipient, body, created_at and not_before
    (the first instant of business hours for messages to people).
    """
    if messages:
        db.session.connection().execute(SEND, messages)
