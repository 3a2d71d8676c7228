"""The clock: ticks, and does nothing else. Any number may be started; the one that holds the lock ticks."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import psycopg
import structlog
from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask

from app.installation import conninfo
from app.jobs.queue import EVERY, ask_for, clock_connector, make_queue

CLOCK_LOCK = 7_230_115
RETRY_SECONDS = 5
log = structlog.get_logger()


def run_clock(app: Flask) -> None:
    """Tick for ever once the lock is ours; another clock takes over when this one dies."""
    config = app.extensions["bihuan"]["config"]
    with psycopg.connect(conninfo(config), autocommit=True) as connection:
        while not _is_ours(connection):
            time.sleep(RETRY_SECONDS)
        log.info("clock_ticks")
        _tick(app, connection)


def _is_ours(connection: psycopg.Connection) -> bool:
    row = connection.execute("select pg_try_advisory_lock(%s)", [CLOCK_LOCK]).fetchone()
    return bool(row and row[0])


def _tick(app: Flask, connection: psycopg.Connection) -> None:
    queue = make_queue(app, clock_connector(app.extensions["bihuan"]["config"]))
    scheduler = BlockingScheduler(timezone=UTC)
    with queue.open():
        for kind, seconds in EVERY.items():
            # The first tick comes at once: after a stop there may be days to catch up on.
            scheduler.add_job(
                ask_for, "interval", [queue, kind], seconds=seconds, next_run_time=datetime.now(UTC), max_instances=1
            )
        scheduler.add_job(_keep, "interval", [connection], seconds=RETRY_SECONDS)
        scheduler.start()


def _keep(connection: psycopg.Connection) -> None:
    """Touch the connection that holds the lock; when it is gone another clock may tick, so this one stops."""
    connection.execute("select 1")
