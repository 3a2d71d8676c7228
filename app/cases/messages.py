"""What people are told about cases: the messages of the outbox that are for them, and up to where they have seen them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert

from app.cases.models import Case, MessageMark
from app.cases.visibility import not_rated
from app.db import db, table_of
from app.identity.actor import Actor
from app.outbox import OutboxMessage

MARKS = table_of(MessageMark)
# What was told longer ago is new to nobody, whoever came to the department since.
NEW_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Message:
    """What was told of a case; `level` is that of the ladder, None when nothing is late."""

    id: int
    number: str
    text: str
    level: str | None
    told_at: datetime
    is_new: bool


def list_messages(actor: Actor, now: datetime, before: int | None, limit: int) -> list[Message]:
    """Return what the actor or their department was told, newest first; `before` is the last one seen.

    Out of business hours nobody is told anything; whoever is rated themselves hears nothing of it (P3).
    """
    query = _told(actor, now, OutboxMessage)
    if before is not None:
        query = query.where(OutboxMessage.id < before)
    mark, found = _mark(actor), db.session.scalars(query.order_by(OutboxMessage.id.desc()).limit(limit))
    return [_message(each, each.id > mark and each.not_before > now - NEW_FOR) for each in found]


def _message(row: OutboxMessage, is_new: bool) -> Message:
    return Message(row.id, row.body["case"], row.body["text"], row.body.get("level"), row.not_before, is_new)


def count_new(actor: Actor, now: datetime) -> int:
    """Return how many messages of the last days came since the actor marked them as seen."""
    new = (OutboxMessage.id > _mark(actor), OutboxMessage.not_before > now - NEW_FOR)
    return db.session.scalar(_told(actor, now, func.count()).where(*new)) or 0


def mark_seen(actor: Actor, message: int) -> None:
    """Note that the actor has seen what there was up to a message; an earlier one than before changes nothing."""
    statement = insert(MARKS).values(account=int(actor.id), seen=message)
    newest = func.greatest(MARKS.c.seen, statement.excluded.seen)
    db.session.execute(statement.on_conflict_do_update(index_elements=["account"], set_={"seen": newest}))


def _mark(actor: Actor) -> int:
    return db.session.scalar(select(MessageMark.seen).where(MessageMark.account == int(actor.id))) or 0


def _told(actor: Actor, now: datetime, *columns: Any) -> Select[Any]:
    mine = OutboxMessage.recipient.in_((actor.login, actor.department))
    return (
        select(*columns)
        .select_from(OutboxMessage)
        .join(Case, Case.number == OutboxMessage.body["case"].astext)
        .where(OutboxMessage.programme == actor.programme, mine, OutboxMessage.not_before <= now, *not_rated(actor))
    )
