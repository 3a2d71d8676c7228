"""Columns that seal themselves, and a new key that reaches every one of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cases.conftest import Driver, city, handling, make_case
from flask import Flask
from sqlalchemy import LargeBinary, Table, create_engine, select, text

from app.cases.models import TaskForm
from app.db import db, unit_of_work
from app.identity.keys import KeyInUse, add_key, drop_keys
from app.identity.rotation import Encrypted, keys_in_use
from app.identity.sealed import KeysNotGiven, SealedJson, SealedText
from app.identity.vault import CiphertextBroken, load_vault, make_key
from app.wiring import encrypted_columns
from identity.conftest import AT

__all__ = ["city", "make_case"]

# Bytes that are no ciphertext: digests of random tokens, and the diagrams and rules of programmes, which are public.
PLAIN = {
    ("sessions", "digest"),
    ("tokens", "digest"),
    ("programme_versions", "diagram"),
    ("programme_versions", "rules"),
}


@pytest.mark.clause("P1")
def test_what_is_typed_into_a_form_is_in_no_table_in_plain(make_case: Callable[..., Driver]) -> None:
    case = handling(make_case)
    case.do("verify", person="欧阳甲乙", responsibility="person")
    stored = db.session.scalars(text("select encode(body, 'escape') from task_forms")).all()
    assert stored
    assert not [body for body in stored if "欧阳" in body or "person" in body]
    db.session.expire_all()
    bodies = db.session.scalars(select(TaskForm.body).where(TaskForm.element == "verify")).all()
    assert bodies[0]["person"] == "欧阳甲乙"


def test_a_value_opens_in_its_own_column_alone(make_case: Callable[..., Driver]) -> None:
    handling(make_case)
    with unit_of_work() as session:
        session.execute(text("insert into hops (case_id, number, department, sent_at, sent_by, duty_clause) "
                             "select case_id, 9, 'd', now(), 'x', body from task_forms limit 1"))  # fmt: skip
    with pytest.raises(CiphertextBroken):
        db.session.execute(select(db.metadata.tables["hops"])).all()


def test_an_engine_that_was_told_no_keys_seals_nothing() -> None:
    dialect = create_engine("postgresql+psycopg://").dialect
    for sealed in (SealedText("a.b"), SealedJson("a.b")):
        with pytest.raises(KeysNotGiven):
            sealed.process_bind_param("甲", dialect)
        assert sealed.process_bind_param(None, dialect) is None
        assert sealed.process_result_value(None, dialect) is None


def test_every_column_of_bytes_is_reached_by_a_new_key_or_declared_plain() -> None:
    def is_bytes(table: Table, name: str) -> bool:
        return isinstance(table.c[name].type, LargeBinary | SealedText | SealedJson)

    stored = {
        (table.name, column.name) for table in db.metadata.sorted_tables for column in table.c if is_bytes(table, column.name)
    }
    reached = {(column.table.name, column.column) for column in encrypted_columns()}
    assert stored - reached == PLAIN
    assert reached <= stored
    assert len(reached) == len(encrypted_columns())


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "keys" / "reviewers.json"
    make_key(path)
    return path


def test_a_new_key_seals_at_once_and_the_old_one_still_opens(key_file: Path) -> None:
    before = load_vault(key_file)
    old = before.seal("甲", "a.b")
    assert add_key(key_file, AT) == 2
    after = load_vault(key_file)
    assert set(after.keys) == {1, 2}
    assert after.index_key == before.index_key
    assert after.open(old, "a.b") == "甲"
    assert int.from_bytes(after.seal("甲", "a.b")[:2]) == 2
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert {each.name for each in key_file.parent.iterdir()} == {"reviewers.json", "reviewers.lock"}


def test_an_old_key_is_dropped_a_day_after_the_new_one_came_and_the_newest_never(key_file: Path) -> None:
    with pytest.raises(KeyInUse):
        drop_keys(key_file, {1}, AT)
    add_key(key_file, AT)
    for numbers, now in (({1}, AT + timedelta(hours=24) - timedelta(seconds=1)), ({2}, AT + timedelta(days=9))):
        with pytest.raises(KeyInUse):
            drop_keys(key_file, numbers, now)
    drop_keys(key_file, {1}, AT + timedelta(hours=24))
    assert set(load_vault(key_file).keys) == {2}


def test_a_key_file_is_never_half_written(key_file: Path) -> None:
    key_file.with_suffix(".fresh").write_text("left by a process that was killed")
    add_key(key_file, AT)
    assert set(json.loads(key_file.read_text())["keys"]) == {"1", "2"}


@pytest.fixture
def kept_keys(database: Flask) -> Iterator[Path]:
    """The key file of the application; what a test does to it is undone, for the others share it."""
    path: Path = database.extensions["bihuan"]["config"].key_file
    before = path.read_text()
    yield path
    path.write_text(before)


def used() -> set[int]:
    with unit_of_work():
        return keys_in_use(encrypted_columns())


def test_rotating_reaches_every_value_and_retiring_drops_what_nothing_uses(
    kept_keys: Path, database: Flask, make_case: Callable[..., Driver]
) -> None:
    case = handling(make_case)
    case.do("verify")
    run = database.test_cli_runner().invoke
    assert used() == {1}
    told = run(args=["identity", "rotate-key"])
    assert (told.exit_code, "第 2 号密钥" in told.output) == (0, True)
    assert used() == {2}
    refused = run(args=["identity", "rotate-key", "--retire"])
    assert (refused.exit_code, "满一天" in refused.output + refused.stderr) == (2, True)
    case.at("2025-04-02T12:00")
    assert "停用：1" in run(args=["identity", "rotate-key", "--retire"]).output
    assert set(load_vault(kept_keys).keys) == {2}
    db.session.expire_all()
    assert db.session.scalars(select(TaskForm.body)).all()
    case.do("rectify_clear")


def test_a_key_that_something_still_uses_stays(kept_keys: Path, database: Flask, make_case: Callable[..., Driver]) -> None:
    case = handling(make_case)
    add_key(kept_keys, AT)
    case.at("2025-04-09T12:00")
    assert used() == {1}
    told = database.test_cli_runner().invoke(args=["identity", "rotate-key", "--retire"])
    assert "停用：无；仍在使用：1、2" in told.output


def test_columns_say_their_key(database: Flask) -> None:
    keys = {(column.table.name, column.column): column.key for column in encrypted_columns()}
    assert keys["task_forms", "body"] == ("task_id",)
    assert keys["reviews", "words"] == ("served_on", "programme", "record", "visit", "sequence")
    assert all(isinstance(column, Encrypted) for column in encrypted_columns())
