"""Acts that may be sent twice and happen once: a key, claimed in the act's own transaction.

A key belongs to one account and one route. A twin that comes while the first one runs
waits for it, and then gets the stored reply; replies hold no personal data and are kept
for seven days.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Executable, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model, db, table_of
from app.errors import Invalid

KEPT = timedelta(days=7)


class IdempotencyKey(Model):
    """One act that was done under a key, and what was answered."""

    __tablename__ = "idempotency_keys"

    account: Mapped[str] = mapped_column(primary_key=True)
    route: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    reply: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    claimed_at: Mapped[datetime]


class KeyReused(Invalid):
    """The key was used for another body."""

    code = "idempotency_key_reused"


class AlreadyDone(Exception):
    """The act was done before; `reply` is what was answered then. Not an error: raised to leave the transaction."""

    def __init__(self, reply: dict[str, Any]) -> None:
        super().__init__()
        self.reply = reply


KEYS = table_of(IdempotencyKey)
CLAIM = insert(KEYS).on_conflict_do_nothing().returning(KEYS.c.key)
STORED = select(KEYS.c.digest, KEYS.c.reply).where(
    KEYS.c.account == bindparam("account"), KEYS.c.route == bindparam("route"), KEYS.c.key == bindparam("key")
)
KEEP = (
    update(KEYS)
    .where(KEYS.c.account == bindparam("of_account"), KEYS.c.route == bindparam("of_route"), KEYS.c.key == bindparam("of_key"))
    .values(reply=bindparam("told"))
)


@dataclass(frozen=True)
class Once:
    """One request that carries a key: who sends what where."""

    account: str
    route: str
    key: str
    digest: str

    def claim(self, now: datetime) -> None:
        """Claim the key in this transaction; a twin waits here until the first one has ended.

        Raises:
            AlreadyDone: it was done before, with this body.
            KeyReused: it was done before, with another body.
        """
        row = self._row() | {"digest": self.digest, "reply": None, "claimed_at": now}
        if not db.session.connection().execute(CLAIM, row).first():
            self.require_new()

    def require_new(self) -> None:
        """Go on when nothing was done under this key.

        Raises:
            AlreadyDone, KeyReused: as for `claim`.
        """
        stored = db.session.connection().execute(STORED, self._row()).first()
        if stored and stored.digest != self.digest:
            raise KeyReused("这个幂等键已用于另一份内容。重试请原样发送，新的操作请换一个键。")
        if stored:
            raise AlreadyDone(stored.reply or {})

    def _row(self) -> dict[str, str]:
        return {"account": self.account, "route": self.route, "key": self.key}

    def keeping(self, reply: dict[str, Any]) -> tuple[Executable, dict[str, Any]]:
        """Return the statement, and its parameters, that stores the reply."""
        return KEEP, {"of_account": self.account, "of_route": self.route, "of_key": self.key, "told": reply}


def digest_of(body: object, key: bytes) -> str:
    """Return what tells one body from another, whatever the order of its keys; without the key nothing can be guessed back."""
    written = json.dumps(body, sort_keys=True, ensure_ascii=False, default=str)
    return hmac.new(key, written.encode(), "sha256").hexdigest()


def forget_old_keys(now: datetime) -> int:
    """Delete keys that are older than seven days; return how many."""
    gone = db.session.execute(delete(KEYS).where(KEYS.c.claimed_at < now - KEPT).execution_options(preserve_rowcount=True))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a CursorResult
