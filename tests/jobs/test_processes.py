"""Real clocks and workers, in processes of their own, and killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import psycopg
import pytest
from cases.conftest import Driver
from chaos.judge import count_of, find_halves
from flask import Flask
from sqlalchemy import make_url, text
from waiting import until

from app.calendars import load
from app.config import ROOT
from app.db import unit_of_work
from app.jobs import clock as clock_module
from app.jobs.queue import EVERY, ask_for, clock_connector, make_queue
from bench.world import copy_case

Start = Callable[[str, str], subprocess.Popen[bytes]]


@pytest.fixture
def owner(database: Flask) -> Iterator[psycopg.Connection]:
    url = make_url(database.extensions["bihuan"]["config"].owner_url).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        yield connection
        connection.execute("truncate procrastinate_jobs cascade")


@pytest.fixture
def start(database: Flask, owner: psycopg.Connection) -> Iterator[Start]:
    """Return a starter of `flask clock` and `flask worker` on this database; all are gone at the end."""
    running: list[subprocess.Popen[bytes]] = []
    config = database.extensions["bihuan"]["config"]

    def run(command: str, name: str) -> subprocess.Popen[bytes]:
        env = {**os.environ, "DATABASE_URL": config.owner_url, "BIHUAN_INSTANCE": str(config.instance), "PGAPPNAME": name}
        words = [sys.executable, "-m", "flask", "--app", "wsgi", command]
        running.append(subprocess.Popen(words, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        return running[-1]

    yield run
    for each in running:
        each.kill()
        each.wait()
    until(lambda: not names(owner, "application_name like 'clock-%' or application_name like 'worker-%'"))


def names(owner: psycopg.Connection, condition: str) -> list[str]:
    return [row[0] for row in owner.execute(f"select application_name from pg_stat_activity where {condition}")]


def ticking(owner: psycopg.Connection) -> str | None:
    """Return which clock holds the lock."""
    held = f"pid in (select pid from pg_locks where locktype = 'advisory' and objid = {clock_module.CLOCK_LOCK} and granted)"
    return next(iter(names(owner, held)), None)


def jobs(owner: psycopg.Connection) -> int:
    row = owner.execute("select count(*) from procrastinate_jobs").fetchone()
    return row[0] if row else 0


def test_only_one_of_two_clocks_ticks_and_the_other_takes_over_when_it_is_killed(start: Start, owner: psycopg.Connection) -> None:
    first = start("clock", "clock-1")
    assert until(lambda: ticking(owner)) == "clock-1"
    start("clock", "clock-2")
    until(lambda: jobs(owner) == len(EVERY))  # one of each kind
    until(lambda: names(owner, "application_name = 'clock-2' and query like '%advisory%'"))
    assert ticking(owner) == "clock-1"
    owner.execute("truncate procrastinate_jobs cascade")
    first.send_signal(signal.SIGKILL)
    assert first.wait() == -signal.SIGKILL
    until(lambda: ticking(owner) == "clock-2")
    until(lambda: jobs(owner) == len(EVERY))


@pytest.mark.clause("L2")
def test_a_worker_killed_in_the_middle_of_a_job_loses_nothing(
    database: Flask, make_case: Callable[..., Driver], start: Start, owner: psycopg.Connection
) -> None:
    case = make_case("xs")
    copies = copy_case(case.case_id, 600)
    with unit_of_work() as session:
        session.execute(text("update instances set due_at = null where case_id = :case"), {"case": case.case_id})
    queue = make_queue(database, clock_connector(database.extensions["bihuan"]["config"]))
    with queue.open():
        ask_for(queue, "fire_due")
        ask_for(queue, "fire_due")  # is there already
        assert jobs(owner) == 1
        worker = start("worker", "worker-1")
        until(lambda: count_of("select count(*) from firings"))
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        assert 0 < count_of("select count(distinct case_id) from firings") < len(copies)
        ask_for(queue, "fire_due")  # the next tick
        start("worker", "worker-2")
        until(lambda: count_of("select count(distinct case_id) from firings") == len(copies))
        until(lambda: count_of("select count(*) from job_beats"))
    levels = "select count(*) from (select deadline_id, level from firings group by 1, 2 having count(*) > 1) twice"
    assert count_of(levels) == 0
    assert find_halves() == []


def test_a_notice_can_be_loaded_while_a_clock_ticks() -> None:
    assert load._LOAD_LOCK != clock_module.CLOCK_LOCK
