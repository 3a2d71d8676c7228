"""Seals, in the database and in the file outside it; and writers that take turns."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier, Event

import pytest
from cases.conftest import Driver
from chaos.judge import count_of
from flask import Flask
from sqlalchemy import func, select, text

from app.audit.models import AuditEntry, Seal
from app.audit.record import Act, find_head, record
from app.audit.seal import entries, seal, verify_database
from app.config import ROOT
from app.db import db, unit_of_work
from app.installation import owner_engine

AT = datetime(2025, 4, 1, 2, tzinfo=UTC)
Make = Callable[..., Driver]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "seals" / "seals.jsonl"


def seal_now(file: Path) -> dict[str, object]:
    with unit_of_work():
        return seal(file, AT)


def problems(file: Path) -> list[str]:
    with unit_of_work():
        return [each.problem for each in verify_database(file)]


def as_owner(app: Flask, statement: str) -> None:
    with owner_engine(app.extensions["bihuan"]["config"].owner_url).begin() as connection:
        connection.execute(text(statement))


@pytest.mark.clause("P2")
def test_a_walked_case_is_sealed_and_verifies_in_the_database_and_by_the_one_file(
    make_case: Make, file: Path, tmp_path: Path
) -> None:
    case = make_case("xs")
    seal_now(file)
    case.do("forward")
    case.do("verify")
    seal_now(file)
    assert problems(file) == []
    export = tmp_path / "export.jsonl"
    with unit_of_work():
        export.write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in entries()), "utf-8")
    command = [sys.executable, "-I", "-S", str(ROOT / "app/audit/chain.py"), str(export), str(file)]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "核验通过\n")


@pytest.mark.clause("P2")
@pytest.mark.parametrize("tampering", [
    "update audit_entries set payload = '{}' where act = 'complete'",
    "update audit_entries set occurred_at = occurred_at - interval '1 microsecond' where seq = 2",
    "delete from audit_entries where id = (select max(id) from audit_entries)",
    "delete from audit_entries where stream like 'case:%'",
    "update seals set root = repeat('0', 64)",
])  # fmt: skip
def test_what_the_owner_of_the_database_changes_is_found(database: Flask, make_case: Make, file: Path, tampering: str) -> None:
    make_case("xs").do("forward")
    make_case("xs")
    seal_now(file)
    assert problems(file) == []
    as_owner(database, tampering)
    assert problems(file) != []


def test_a_seal_that_only_the_database_knows_is_found(make_case: Make, file: Path) -> None:
    make_case("xs")
    seal_now(file)
    file.write_text("")
    assert problems(file) == ["数据库里的封存与库外文件不一致"]


def test_a_seal_that_only_the_file_knows_still_holds(make_case: Make, file: Path) -> None:
    make_case("xs")

    def die() -> None:
        with unit_of_work():
            seal(file, AT)
            raise ZeroDivisionError  # The process dies after the line was written.

    with pytest.raises(ZeroDivisionError):
        die()
    assert problems(file) == []
    assert count_of("select count(*) from seals") == 0


@pytest.mark.clause("P2")
def test_writers_of_one_stream_take_turns(database: Flask) -> None:
    barrier = Barrier(4)

    def write(name: int) -> None:
        with database.app_context():
            barrier.wait()
            for number in range(10):
                with unit_of_work():
                    record("identity", Act(str(name), "look", {"n": number}), AT)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(4)))
    with unit_of_work() as session:
        assert find_head("identity").seq == 40
        numbers = session.scalars(select(AuditEntry.seq).where(AuditEntry.stream == "identity").order_by(AuditEntry.id))
        assert list(numbers) == list(range(1, 41))


@pytest.mark.clause("P2")
def test_a_seal_waits_for_a_writer_that_is_not_done_and_then_contains_it(database: Flask, file: Path) -> None:
    written, go_on = Event(), Event()

    def write() -> None:
        with database.app_context(), unit_of_work():
            record("identity", Act("甲", "look"), AT)
            written.set()
            go_on.wait(30)

    def take() -> dict[str, object]:
        with database.app_context():
            return seal_now(file)

    with ThreadPoolExecutor(2) as threads:
        writing = threads.submit(write)
        assert written.wait(30)
        sealing = threads.submit(take)
        while not count_of("select count(*) from pg_locks where locktype = 'advisory' and objid = 7233 and not granted"):
            assert not sealing.done()
        go_on.set()
        writing.result(30)
        line = sealing.result(30)
    assert (line["streams"], line["up_to"]) == (1, db.session.scalar(select(func.max(AuditEntry.id))))
    db.session.remove()
    assert problems(file) == []


def test_the_seal_of_an_empty_log_holds(database: Flask, file: Path) -> None:
    assert seal_now(file)["streams"] == 0
    assert problems(file) == []
    with unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(Seal)) == 1
