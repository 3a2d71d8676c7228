"""A database with the first notices, and notices to load."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.calendars.notice import Notice
from app.calendars.seed import seed_calendars
from app.db import db, unit_of_work
from app.deadlines.calendar import Day

AT = datetime(2025, 4, 1, 1, 0, tzinfo=UTC)
MakeNotice = Callable[..., Notice]


@pytest.fixture
def seeded(database: Flask) -> Flask:
    """The first notices are committed; loading them again changes nothing."""
    with unit_of_work() as session:
        seed_calendars(session, loaded_by="test", loaded_at=AT)
    return database


@pytest.fixture
def session(seeded: Flask) -> Iterator[Session]:
    """A session whose work is undone at the end."""
    yield db.session()
    db.session.rollback()


@pytest.fixture
def make_notice() -> MakeNotice:
    """Return a factory of notices: 2026 with one typhoon day, unless told otherwise."""

    def make(**overrides: object) -> Notice:
        typhoon = Day(date(2026, 9, 9), True, "台风停工")
        said = {"layer": "xs", "area": "西双版纳", "year": 2026, "source": "测试", "days": (typhoon,)} | overrides
        return Notice(**({"known_from": date(said["year"], 1, 1)} | said))  # type: ignore[arg-type, call-overload]  # a factory takes anything

    return make


@pytest.fixture
def bundles(tmp_path: Path) -> Path:
    """Two programmes: one on the national layer, one with 西双版纳's above it."""
    for code, layers in (("gc", '["national"]'), ("xs", '["national", "xs"]')):
        (tmp_path / "bpmn" / code).mkdir(parents=True)
        (tmp_path / "bpmn" / code / "programme.toml").write_text(f"calendar = {layers}\n")
    return tmp_path / "bpmn"
