"""The clock: ticks, and does nothing else. Any number may be started; the one that holds the lock ticks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg
import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from app.errors import Unavailable
from app.installation import conninfo
from app.jobs.queue import EVERY, RETRY_SECONDS, ask_for, clock_connector, make_queue

CLOCK_LOCK = 7_230_115
# How often a clock looks whether the lock is free, or still its own.
LOOK_SECONDS = 5
log = structlog.get_logger()


def run_clock(app: Flask) -> None:
    """Tick for ever while the lock is ours; another clock takes over when this one dies.

    The lock goes with its connection, and so does the ticking: whoever lost the database
    stops, and asks for the lock anew.
    """
    while True:
        try:
            _tick_while_ours(app)
        except (psycopg.OperationalError, Unavailable) as error:
            log.warning("clock_stands_still", error=type(error).__name__)
            time.sleep(RETRY_SECONDS)


def _tick_while_ours(app: Flask) -> None:
    """Wait for the lock, and tick until its connection is lost.

    Raises:
        OperationalError: it is lost, or cannot be made.
        Unavailable: the embedded server does not come up.
    """
    with psycopg.connect(conninfo(app.extensions["bihuan"]["config"]), autocommit=True) as connection:
        while not _is_ours(connection):
            time.sleep(LOOK_SECONDS)
        with _ticking(app):
            log.info("clock_ticks")
            while True:
                _watch(connection)


def _is_ours(connection: psycopg.Connection) -> bool:
    row = connection.execute("select pg_try_advisory_lock(%s)", [CLOCK_LOCK]).fetchone()
    return bool(row and row[0])


@contextmanager
def _ticking(app: Flask) -> Iterator[None]:
    queue = make_queue(app, clock_connector(app.extensions["bihuan"]["config"]))
    scheduler = BackgroundScheduler(timezone=UTC)
    with queue.open():
        for kind, seconds in EVERY.items():
            # The first tick comes at once: after a stop there may be days to catch up on.
            scheduler.add_job(
                ask_for, "interval", [queue, kind], seconds=seconds, next_run_time=datetime.now(UTC), max_instances=1
            )
        scheduler.start()
        try:
            yield
        finally:
            scheduler.shutdown()


def _watch(connection: psycopg.Connection) -> None:
    """Look for some seconds whether the connection is there: a server that goes is noticed at once, a silent one by asking."""
    for _ in connection.notifies(timeout=LOOK_SECONDS):
        pass  # Nobody notifies the clock; what counts is that reading fails.
    connection.execute("select 1")
