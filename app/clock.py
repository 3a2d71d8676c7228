"""The only place that reads a clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = text("select clock_timestamp()")


class Clock(Protocol):
    """Tells the moment at which a transaction decides."""

    def now(self, connection: Connection) -> datetime:
        """Return the present moment, aware, in UTC."""

    def of(self, database_moment: datetime) -> datetime:
        """Return the present moment, given what the database's clock has just said."""


class DatabaseClock:
    """The clock of the database server: one for all processes and machines."""

    def now(self, connection: Connection) -> datetime:
        """Return the server's wall clock, not the start of the transaction."""
        moment: datetime = connection.execute(NOW).scalar_one()
        return moment.astimezone(UTC)

    def of(self, database_moment: datetime) -> datetime:
        """Return what the database said."""
        return database_moment.astimezone(UTC)


class VirtualClock:
    """A clock that stands still until it is set; for the demo and for tests."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self, connection: Connection) -> datetime:
        """Return the set moment."""
        return self.moment

    def of(self, database_moment: datetime) -> datetime:
        """Return the set moment."""
        return self.moment

    def set(self, moment: datetime) -> None:
        """Move the clock, forwards or backwards."""
        self.moment = moment.astimezone(UTC)
