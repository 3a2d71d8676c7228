"""What all tests share: an empty, real PostgreSQL, a still clock, and no network beyond this machine."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import make_url, select, text

from app import create_app
from app.cases.models import Case
from app.cli import run_install
from app.clock import VirtualClock
from app.config import Config
from app.db import db, unit_of_work
from app.events import publish
from app.identity.vault import Vault, load_vault
from app.installation import owner_engine
from app.intake.events import BadReviewReceived
from app.postgres import OWNER, Server

STILL = datetime(2025, 4, 1, 1, 0, tzinfo=UTC)  # a Tuesday, 09:00 in China
KEPT = {"alembic_version", "calendar_notices", "calendar_days", "programmes", "programme_versions"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a database: they run once more on Debian's PostgreSQL."""
    for item in items:
        if "installed_app" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.database)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that leaves this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def admin_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server on which tests may make databases: DATABASE_URL's, or an embedded one."""
    if os.environ.get("DATABASE_URL"):
        yield os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://", 1)
        return
    server = Server(tmp_path_factory.mktemp("pg"), durable=False)
    server.start()
    yield server.url("postgres", OWNER)
    server.stop()


@pytest.fixture(scope="session")
def installed_app(admin_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application on a freshly migrated database of its own, one for each test process."""
    name = f"bihuan_test_{os.getpid()}"
    admin = owner_engine(admin_url).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"create database {name}"))
    url = make_url(admin_url).set(database=name).render_as_string(hide_password=False)
    config = Config(instance=Path(tmp_path_factory.mktemp("instance")), database_url=url, owner_url=url)
    app = create_app(config, VirtualClock(STILL))
    with app.app_context():
        run_install()
    yield app
    with app.app_context():
        db.engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))


@pytest.fixture
def database(installed_app: Flask) -> Iterator[Flask]:
    """An application context on an empty database, with calendars and programmes loaded."""
    yield from _on_empty_database(installed_app)


@pytest.fixture(scope="module")
def shared_database(installed_app: Flask) -> Iterator[Flask]:
    """The same, for the tests of a module that share what is stored in it."""
    yield from _on_empty_database(installed_app)


def _on_empty_database(app: Flask) -> Iterator[Flask]:
    app.extensions["bihuan"]["clock"].set(STILL)
    with app.app_context():
        yield app
        db.session.remove()
        _empty(app)


def _empty(app: Flask) -> None:
    """Empty what a test may have filled, and forget its seals and its files."""
    config: Config = app.extensions["bihuan"]["config"]
    config.seal_file.unlink(missing_ok=True)
    rmtree(config.file_folder, ignore_errors=True)
    url = config.owner_url
    tables = [table.name for table in db.metadata.sorted_tables if table.name not in KEPT]
    with owner_engine(url).begin() as connection:
        connection.execute(text(f"truncate {', '.join(tables)} restart identity cascade"))


@pytest.fixture
def clock(database: Flask) -> VirtualClock:
    """The still clock of the application under test."""
    found: VirtualClock = database.extensions["bihuan"]["clock"]
    return found


@pytest.fixture
def vault(database: Flask) -> Vault:
    """The keys of reviewers' data."""
    return load_vault(database.extensions["bihuan"]["config"].key_file)


@pytest.fixture
def make_review(database: Flask, clock: VirtualClock) -> Callable[[str], int]:
    """Return a factory of bad reviews; each opens a case, whose key is returned."""
    numbers = count(1)

    def make(programme: str) -> int:
        record = f"T{next(numbers):06d}"
        event = BadReviewReceived(
            review=1,
            programme=programme,
            served_on=date(2025, 4, 1),
            record=record,
            visit=1,
            sequence=1,
            department="rated",
            staff=None,
            channel="qr",
            reviewer=None,
            is_anonymous=False,
            received_at=clock.moment,
        )
        with unit_of_work() as session:
            publish(event)
            return int(session.scalar(select(Case.id).where(Case.record == record)) or 0)

    return make
