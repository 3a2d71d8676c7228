"""Everything due at once while workers are killed: nothing lost, nothing doubled; without locks it shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from app.installation import owner_engine
from bench.storm import GUARDS, storm
from bench.world import people

COLUMNS = {"firings": "deadline_id, position", "audit_entries": "stream, seq"}


@pytest.fixture
def unguarded(database: Flask) -> Iterator[Flask]:
    """A database whose guards may be dropped; they stand again afterwards."""
    yield database
    with owner_engine(database.extensions["bihuan"]["config"].owner_url).begin() as connection:
        for table, guard in GUARDS:
            connection.execute(text(f"truncate {table} cascade"))
            connection.execute(text(f"alter table {table} add constraint {guard} primary key ({COLUMNS[table]})"))


@pytest.mark.clause("L2")
def test_a_storm_of_deadlines_under_kill_9_loses_none_and_doubles_none(database: Flask, tmp_path: Path) -> None:
    people("xs")
    found = storm(database, tmp_path / "acks", cases=200, kills=2)
    assert (found.fired, found.lost, found.doubled, found.kills) == (200, 0, 0, 2)


def test_the_same_storm_without_row_locks_is_found_to_double(unguarded: Flask, tmp_path: Path) -> None:
    people("xs")
    assert storm(unguarded, tmp_path / "acks", cases=60, kills=0, locked=False).doubled > 0
