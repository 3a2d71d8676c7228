"""The database: models' base, column types, and the one place that commits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import psycopg
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Connection, DateTime, Insert, MetaData, Table, Update, bindparam, insert, update
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import DeclarativeBase, Session, registry
from sqlalchemy.types import TypeDecorator

from app.errors import RecordedRefusal

APP_ROLE = "bihuan_app"

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: refuses naive values, comes back in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a moment that does not say its offset."""
        if value is not None and value.tzinfo is None:
            raise ValueError("naive datetime")
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the instant in UTC, whatever zone the session has."""
        return value.astimezone(UTC) if value is not None else None


class Base(DeclarativeBase):
    """What all tables share: names of constraints that migrations can rely on."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMES),
        type_annotation_map={datetime: UtcDateTime(), int: BigInteger()},
    )


# What was read stays readable after its transaction: a session is gone then anyway, so nothing in it can grow stale.
db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model

# Tables in which the app's role may INSERT and SELECT, and no more (design §5).
APPEND_ONLY: set[str] = set()


def append_only(model: type[Any]) -> type[Any]:
    """Mark a model's table as one that the service can only add to."""
    APPEND_ONLY.add(model.__tablename__)
    return model


def table_of(model: type[Any]) -> Table:
    """Return a model's table, for statements that go round the ORM."""
    return cast(Table, model.__table__)


@cache
def update_by(table: Table, keys: tuple[str, ...], columns: tuple[str, ...]) -> Update:
    """Return the update of these columns in the row of these keys, with parameters `key_…` and `new_…`.

    Made once and kept: building a statement costs more than running it.
    """
    matches = [table.c[name] == bindparam(f"key_{name}") for name in keys]
    return update(table).where(*matches).values({name: bindparam(f"new_{name}", type_=table.c[name].type) for name in columns})


@cache
def insert_into(table: Table) -> Insert:
    """Return the insert into a table that asks for nothing back; made once and kept."""
    return insert(table).inline()


def is_away(error: BaseException) -> bool:
    """Whether the database is away or busy, or gave the connection up: the act itself is sound, and may be tried again."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, (OperationalError, InterfaceError, NoConnection))


@contextmanager
def bare_connection() -> Iterator[psycopg.Connection[Any]]:
    """Hand out the driver's own connection of this transaction.

    What goes wrong on it is raised as SQLAlchemy's errors are, so that a database that is
    away or busy is told from a fault of ours in one way everywhere.
    """
    driver = cast(psycopg.Connection[Any], db.session.connection().connection.driver_connection)
    try:
        yield driver
    except psycopg.Error as error:
        raise DBAPIError.instance(None, None, error, psycopg.Error, connection_invalidated=driver.closed) from error


@contextmanager
def pipelined() -> Iterator[Connection]:
    """Send the statements inside together, in one round trip to the server; none of them may return rows."""
    with bare_connection() as driver, driver.pipeline():
        yield db.session.connection()


@contextmanager
def apart() -> Iterator[Connection]:
    """Run statements in a short transaction of their own, beside the act's: for counts that must stand whatever becomes of it."""
    with db.engine.begin() as connection:
        yield connection


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """Run one act: everything is committed at its end, or nothing.

    Opened at the edges only. On any exception all is rolled back and raised again. The one
    exception is a `RecordedRefusal`: what it recorded must outlive it.
    """
    session = db.session
    try:
        yield session()
        session.commit()
    except RecordedRefusal:
        session.commit()
        raise
    except BaseException:
        session.rollback()
        raise
    finally:
        session.remove()


@contextmanager
def looking() -> Iterator[Session]:
    """Run single statements that need not fit together, each a transaction of its own: BEGIN and COMMIT are not sent.

    Opened at the edges only, as `unit_of_work`; what was read before without one is left.
    """
    db.session.remove()
    with unit_of_work() as session:
        session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        yield session
