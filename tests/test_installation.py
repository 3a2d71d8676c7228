"""Installing where others install at the same moment: roles belong to the whole server, not to one database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import psycopg
import pytest

from app.config import Config
from app.db import APP_ROLE
from app.installation import create_database
from app.postgres import Server


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that has no role of ours yet."""
    found = Server(tmp_path_factory.mktemp("instance"), durable=False)
    found.start()
    yield found
    found.stop()


def waits_for_a_lock(connection: psycopg.Connection, database: str) -> bool:
    query = "select count(*) from pg_stat_activity where datname = %s and wait_event_type = 'Lock'"
    return connection.execute(query, [database]).fetchone() == (1,)


def test_two_databases_of_one_server_are_installed_at_once(server: Server, tmp_path: Path) -> None:
    """The other installer's role is made but not committed, so that ours is not seen and collides."""
    with psycopg.connect(server.conninfo(), autocommit=True) as watcher, psycopg.connect(server.conninfo()) as other:
        watcher.execute("create database second")
        other.execute(f"create role {APP_ROLE}")
        url = server.url("second")
        failed: list[Exception] = []
        installing = Thread(target=_install, args=(Config(tmp_path, url, url), failed))
        installing.start()
        while installing.is_alive() and not waits_for_a_lock(watcher, "second"):
            installing.join(0.02)
        other.commit()
        installing.join()
        assert not failed
        assert watcher.execute("select count(*) from pg_roles where rolname = %s", [APP_ROLE]).fetchone() == (1,)


def _install(config: Config, failed: list[Exception]) -> None:
    try:
        create_database(config)
    except Exception as error:
        failed.append(error)
