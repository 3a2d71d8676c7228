"""K5: the database server is killed again and again while people, clock and worker work; nobody lends a hand."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from queue import Queue
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import text
from waiting import until

from app import create_app
from app.cli import run_install
from app.config import Config
from app.db import db, unit_of_work
from app.installation import DATABASE
from app.jobs.clock import CLOCK_LOCK
from app.postgres import Server
from bench.forks import acknowledged
from bench.steps import STEPS
from bench.web import signed_in
from bench.world import OPENED, copy_case, open_one, people
from chaos.crashing import Person, asked, free_port, kill, running, stop_at_once
from chaos.judge import find_halves

CRASHES = int(os.environ.get("BIHUAN_CRASHES", "3"))
PEOPLE = 4
CASES = 30  # a round that people work on, and as many that only fall due
DUE = "select count(*) from instances where due_at <= clock_timestamp()"
BORN = "select pg_postmaster_start_time()"
LAST = "select max(id) from procrastinate_jobs"
WORKED = "select max(beat_at) > %s from job_beats"
HOLDERS = f"select count(*) from pg_locks where locktype = 'advisory' and objid = {CLOCK_LOCK} and granted"
# The clock that ticks, and those that wait for their turn.
CLOCKS = f"""
select count(*) from pg_stat_activity where query like 'select pg_try_advisory_lock%%'
or pid in (select pid from pg_locks where locktype = 'advisory' and objid = {CLOCK_LOCK} and granted)
"""
ALARM = "update instances set due_at = :due where case_id = any(:cases)"
FIRED = "select count(*) from firings where case_id = any(%s)"


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application on a durable embedded server of its own."""
    instance = tmp_path_factory.mktemp("machine")
    app = create_app(Config(instance=instance))
    with app.app_context():
        run_install()
        people("xs")
        yield app
        db.session.remove()
        db.engine.dispose()
    Server(instance).stop()


@pytest.fixture
def server(machine: Flask) -> Server:
    return Server(machine.extensions["bihuan"]["config"].instance)


@dataclass
class Scene:
    """Who works where, and on what."""

    server: Server
    acks: list[Path]
    cases: Queue[int]
    pattern: int
    working: list[Future[None]] = field(default_factory=list)

    def more(self) -> list[int]:
        """Bring more cases, due already, to people; return as many that nothing is due of, and that nobody touches."""
        db.session.remove()
        db.engine.dispose()
        made = copy_case(self.pattern, 2 * CASES)
        fall_due(made[:CASES])
        for case in made[:CASES]:
            self.cases.put(case)
        return made[CASES:]

    def done_since(self, moment: float) -> int:
        """Return how much was acknowledged since then; whoever was told something wrong is heard here."""
        for each in self.working:
            if each.done():
                each.result()
        return sum(float(line.split()[0]) > moment for path in self.acks for line in acknowledged(path))

    def survive(self, crash: Callable[[Server], None]) -> float:
        """Crash the server in the middle of work; return after how many seconds people, clock and worker had gone on.

        What the worker must fire falls due after the crash, and comes first: what was due before might have been fired
        in time, or have a hundred others before it.
        """
        waiting = self.more()
        began = time.monotonic()
        until(lambda: self.done_since(began) > PEOPLE)
        crash(self.server)
        crashed = time.monotonic()
        until(lambda: self.done_since(crashed) > 2 * PEOPLE)
        db.engine.dispose()
        fall_due(waiting, OPENED - timedelta(days=1))
        until(lambda: asked(self.server, FIRED, waiting))
        return time.monotonic() - crashed


@pytest.mark.clause("L1", "L2")
def test_a_server_that_is_killed_again_and_again_loses_nothing_and_comes_back_by_itself(
    machine: Flask, server: Server, tmp_path: Path
) -> None:
    tokens = {department: signed_in(department, f"k5-{department}") for department in {each for _, each, _ in STEPS}}
    acks, is_over, port = [tmp_path / f"acks-{number}" for number in range(PEOPLE)], Event(), free_port()
    scene, crew = Scene(server, acks, Queue(), never_due()), [Person(port, tokens, path) for path in acks]
    begun, serving = datetime.now(UTC), running(Path(machine.instance_path), tmp_path / "log", "run-all", "--port", str(port))
    with serving as process, ThreadPoolExecutor(PEOPLE) as threads:
        until(lambda: asked(server, WORKED, begun))  # clock and worker have come up
        scene.working = [threads.submit(each.work, scene.cases, is_over) for each in crew]
        try:
            took = [scene.survive(crash) for crash in islice(cycle([kill, stop_at_once]), CRASHES)]
            until(lambda: asked(server, DUE) == 0)
        finally:
            is_over.set()
        for each in scene.working:
            each.result()
        assert process.poll() is None
    heard = {what: sum(each.heard[what] for each in crew) for each in crew for what in each.heard}
    print(f"back after {[round(each, 1) for each in took]} s; heard {heard}")
    assert set(heard) <= {201, 503, "nothing"}
    db.engine.dispose()
    assert find_halves() == []
    judge(acks)


def never_due() -> int:
    """Return a case that was opened long ago, and of which nothing falls due: the pattern of others."""
    case_id = open_one("xs", "pattern")
    fall_due([case_id], None)
    return case_id


def fall_due(cases: list[int], due: datetime | None = OPENED) -> None:
    """Let the clock find these cases due, or never."""
    with unit_of_work() as session:
        session.execute(text(ALARM), {"cases": cases, "due": due})


def judge(acks: list[Path]) -> None:
    """Whatever was acknowledged is there, and nothing is there twice."""
    query = "select stream, payload ->> 'element', count(*) from audit_entries where act = 'complete' group by 1, 2"
    with unit_of_work() as session:
        done = {(stream, element): times for stream, element, times in session.execute(text(query))}
    told = [tuple(line.split()[1:]) for path in acks for line in acknowledged(path)]
    assert {done.get((f"case:K-{case}", element)) for case, element in told} == {1}
    assert set(done.values()) == {1}


def is_born_since(server: Server, born: datetime) -> bool:
    """Whether a newer server answers than one that began then."""
    return bool((asked(server, BORN) or born) > born)


def is_asked_since(server: Server, last: int | None) -> bool:
    """Whether the clock has asked for a job after the one of this number."""
    return bool((asked(server, LAST) or 0) > (last or 0))


@pytest.mark.clause("L2")
def test_clock_and_worker_alone_bring_the_server_back_and_one_clock_of_two_goes_on_ticking(
    machine: Flask, server: Server, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        start = [running(Path(machine.instance_path), tmp_path / "log", name) for name in ("clock", "clock", "worker")]
        begun, processes = datetime.now(UTC), [stack.enter_context(each) for each in start]
        until(lambda: asked(server, CLOCKS) == 2)
        until(lambda: asked(server, WORKED, begun))
        for crash in (kill, stop_at_once):
            until(lambda: asked(server, HOLDERS) == 1)
            born = asked(server, BORN)
            crash(server)
            until(partial(is_born_since, server, born))
            at, last = datetime.now(UTC), asked(server, LAST)
            until(lambda: asked(server, HOLDERS) == 1)
            until(partial(is_asked_since, server, last))
            until(partial(asked, server, WORKED, at))
        assert [each.poll() for each in processes] == [None] * 3
        processes[-1].terminate()
        assert processes[-1].wait() == 0


@pytest.mark.clause("L1", "L2")
def test_clock_and_worker_wait_for_a_database_that_is_away_when_they_start(
    machine: Flask, server: Server, tmp_path: Path
) -> None:
    db.session.remove()
    db.engine.dispose()
    away = {"DATABASE_URL": server.url(DATABASE)}  # a server that somebody else runs: nobody here starts it
    server.stop()
    with ExitStack() as stack:
        log = tmp_path / "log"
        start = [running(Path(machine.instance_path), log, name, **away) for name in ("clock", "worker")]
        begun, processes = datetime.now(UTC), [stack.enter_context(each) for each in start]
        until(lambda: log.read_text().count("waits_for_database") > 2)
        server.start()
        until(lambda: asked(server, HOLDERS) == 1)
        until(lambda: asked(server, WORKED, begun))
        assert [each.poll() for each in processes] == [None] * 2
