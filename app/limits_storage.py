"""Counts of the rate limiter in PostgreSQL, so that all processes and machines share them.

A storage for the `limits` library that Flask-Limiter stands on; its address is
`postgresql-bihuan://`. The table is UNLOGGED: counts are worth nothing after a crash, and
cost no write-ahead log.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from limits.storage import Storage
from sqlalchemy import Delete, case, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model, apart, table_of

URI = "postgresql-bihuan://"


class RateCount(Model):
    """How often something was asked for in one window of a limit."""

    __tablename__ = "rate_counts"
    __table_args__ = ({"prefixes": ["UNLOGGED"]},)

    key: Mapped[str] = mapped_column(primary_key=True)
    amount: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(index=True)


COUNTS = table_of(RateCount)
# The one clock that all processes share. A virtual clock is of no use here: requests come in real time.
NOW = func.clock_timestamp()


class PostgresStorage(Storage):
    """Fixed windows, counted by one atomic statement each, in a transaction of its own."""

    STORAGE_SCHEME = ["postgresql-bihuan"]  # noqa: RUF012  the library declares it so

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        """What goes wrong when the database is away."""
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, and return the count of the present window; an old window begins anew."""
        until = NOW + timedelta(seconds=expiry)
        is_over = COUNTS.c.expires_at <= NOW
        fresh = insert(COUNTS).values(key=key, amount=amount, expires_at=until)
        values = {
            "amount": case((is_over, amount), else_=COUNTS.c.amount + amount),
            "expires_at": case((is_over, until), else_=COUNTS.c.expires_at),
        }
        statement = fresh.on_conflict_do_update(index_elements=["key"], set_=values).returning(COUNTS.c.amount)
        with apart() as connection:
            return int(connection.execute(statement).scalar_one())

    def get(self, key: str) -> int:
        """Return the count of the present window."""
        with apart() as connection:
            return connection.execute(select(COUNTS.c.amount).where(COUNTS.c.key == key, COUNTS.c.expires_at > NOW)).scalar() or 0

    def get_expiry(self, key: str) -> float:
        """Return when the present window ends, in seconds since 1970; the present when there is none."""
        ends = select(COUNTS.c.expires_at).where(COUNTS.c.key == key).scalar_subquery()
        with apart() as connection:
            return float(connection.execute(select(func.extract("epoch", func.greatest(ends, NOW)))).scalar_one())

    def check(self) -> bool:
        """Whether the database answers."""
        try:
            with apart() as connection:
                return bool(connection.execute(select(1)).scalar())
        except SQLAlchemyError:
            return False

    def reset(self) -> int | None:
        """Forget all counts; return how many there were."""
        return self._forget(delete(COUNTS))

    def clear(self, key: str) -> None:
        """Forget one count."""
        self._forget(delete(COUNTS).where(COUNTS.c.key == key))

    def tidy(self) -> None:
        """Forget the counts of windows that are over."""
        self._forget(delete(COUNTS).where(COUNTS.c.expires_at <= NOW))

    def _forget(self, statement: Delete) -> int:
        with apart() as connection:
            return len(connection.execute(statement.returning(COUNTS.c.key)).all())
