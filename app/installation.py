"""Making the database ready: server, roles, tables, grants, first data. Safe to repeat."""

from __future__ import annotations

import contextlib
import re
import secrets
from collections.abc import Callable
from pathlib import Path

import psycopg
from flask import Flask
from flask_migrate import upgrade
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.errors import DuplicateObject, UniqueViolation
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from app.config import ROOT, Config
from app.db import APP_ROLE, APPEND_ONLY
from app.errors import Unavailable
from app.postgres import OWNER, Server

DATABASE = "bihuan"
# The table that marks the demo's own database.
DEMO_MARK = "demo_city"
# Any constant will do, as long as all installers use the same.
INSTALL_LOCK = 7_230_114
# Nobody waits for ever: a server that does not answer, a row somebody holds, a statement gone astray and a transaction
# left open are given up, and whoever asked hears 503 and tries again (K7). People's acts take milliseconds.
CONNECT_SECONDS = 5
PATIENCE = {"lock_timeout": "5s", "statement_timeout": "60s", "idle_in_transaction_session_timeout": "60s"}
# A connection may die without either side being told. Both ask after a while, so that what it held is free within a minute;
# after a pipeline, which psycopg ends with a Flush, PostgreSQL does not count how long a transaction is idle.
SERVER_ASKS = {"tcp_keepalives_idle": "30s", "tcp_keepalives_interval": "10s", "tcp_keepalives_count": "3"}
CLIENT_ASKS = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000}


def database_urls(config: Config) -> tuple[str, str]:
    """Return the service's URL and the owner's; the embedded server is started for it."""
    if config.database_url is not None:
        return config.database_url, config.owner_url or config.database_url
    server = Server(config.instance)
    server.start()
    app_url, owner_url = server.url(DATABASE, APP_ROLE), server.url(DATABASE)
    return app_url.replace(make_url(app_url).password or "-", _app_password(server.home), 1), owner_url


def conninfo(config: Config) -> str:
    """Return the libpq connection string of the service, acting as the app's role and waiting for nothing for ever."""
    app_url, owner_url = database_urls(config)
    plain = make_url(app_url).set(drivername="postgresql").render_as_string(hide_password=False)
    settings = PATIENCE | SERVER_ASKS | ({"role": APP_ROLE} if app_url == owner_url else {})
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    return make_conninfo(plain, options=options, connect_timeout=CONNECT_SECONDS, **CLIENT_ASKS)


def holds_demo(config: Config) -> bool:
    """Whether the database is one that `flask demo` filled: the password of all its accounts is printed for everybody."""
    with psycopg.connect(conninfo(config)) as connection:
        return connection.execute("select to_regclass(%s)", [DEMO_MARK]).fetchone() != (None,)


def _app_password(home: Path) -> str:
    path = home / "app-password"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(24))
    return path.read_text()


def create_database(config: Config) -> None:
    """Create the embedded server's database and the app's role; nothing for DATABASE_URL but the role."""
    app_url, owner_url = database_urls(config)
    if config.is_embedded:
        with psycopg.connect(Server(config.instance).conninfo(), autocommit=True) as connection:
            connection.execute("select pg_advisory_lock(%s)", [INSTALL_LOCK])
            if connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone() is None:
                connection.execute(sql.SQL("create database {} owner {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))
            _create_role(connection, make_url(app_url).password)
    else:
        with owner_engine(owner_url).begin() as connection:
            connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": INSTALL_LOCK})
            driver = connection.connection.driver_connection
            if driver is None:
                raise Unavailable("数据库连接已断开，请重试。")
            _create_role(driver, None)


def _create_role(connection: psycopg.Connection, password: str | None) -> None:
    """Create the app's role unless it is there.

    A role belongs to the whole server, the lock above to one database: whoever installs
    another database at this moment may be first, and that is as good.
    """
    role = sql.Identifier(APP_ROLE)
    if connection.execute("select 1 from pg_roles where rolname = %s", [APP_ROLE]).fetchone() is None:
        _unless_somebody_did(connection, sql.SQL("create role {}").format(role))
    if password is not None:
        connection.execute(sql.SQL("alter role {} login password {}").format(role, sql.Literal(password)))
    if connection.execute("select not pg_has_role(current_user, %s, 'member')", [APP_ROLE]).fetchone() == (True,):
        _unless_somebody_did(connection, sql.SQL("grant {} to current_user").format(role))


def _unless_somebody_did(connection: psycopg.Connection, statement: sql.Composed) -> None:
    with contextlib.suppress(DuplicateObject, UniqueViolation), connection.transaction():
        connection.execute(statement)


def owner_engine(url: str) -> Engine:
    """Return an engine that logs in as the owner and keeps no connections."""
    return create_engine(url, poolclass=NullPool)


def install(app: Flask, config: Config, seed: Callable[[], None]) -> None:
    """Bring database, tables, grants and first data to the state this code needs.

    Raises:
        Unavailable: no server, no space, no right to write.
    """
    create_database(config)
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        with owner_engine(database_urls(config)[1]).begin() as connection:
            for statement in grants():
                connection.execute(text(statement))
        seed()


def grants() -> list[str]:
    """Return what the app's role may do: all in most tables, only add in the append-only ones."""
    closed = sorted(table for table in APPEND_ONLY if re.fullmatch(r"[a-z_]+", table))
    return [
        f"grant usage on schema public to {APP_ROLE}",
        f"grant select, insert, update, delete on all tables in schema public to {APP_ROLE}",
        f"grant usage, select on all sequences in schema public to {APP_ROLE}",
        f"grant execute on all functions in schema public to {APP_ROLE}",
        *(f"revoke update, delete, truncate on {table} from {APP_ROLE}" for table in closed),
        f"revoke insert, update, delete, truncate on alembic_version from {APP_ROLE}",
    ]
