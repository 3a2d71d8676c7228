"""Procrastinate: PostgreSQL as the broker. One job per kind and tick; rows of the domain are the truth."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import procrastinate
import psycopg
import structlog
from flask import Flask
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status

from app.clock import Clock
from app.config import Config
from app.errors import Unavailable
from app.identity.vault import load_vault
from app.installation import conninfo
from app.jobs import work

# Kind of job → seconds between two ticks of the clock.
EVERY = {
    "fire_due": 5, "send_outbox": 10, "index_words": 10, "draw": 60, "sweep": 300, "tidy": 300, "defaults": 3600, "seal": 3600,
    "files": 3600, "forget": 86400,
}  # fmt: skip
STALLED_AFTER = 60
# One connection is kept: of several that died with the server each would be tried first, and waited after ever longer.
POOL: dict[str, Any] = {"min_size": 1, "max_size": 4, "timeout": 5}
# A worker hears of jobs at once, but not of those that came while its connection was away: for these it looks.
LOOK_SECONDS = 2
# How soon a clock or worker that lost the database tries again.
RETRY_SECONDS = 1
log = structlog.get_logger()


def make_queue(app: Flask, connector: procrastinate.BaseConnector) -> procrastinate.App:
    """Return the queue with one task a kind; tasks run in this application's context."""
    queue = procrastinate.App(connector=connector)
    for kind, job in _jobs(app).items():
        queue.task(name=kind, queueing_lock=kind, pass_context=False)(partial(_run, app, kind, job))
    queue.task(name="tidy", queueing_lock="tidy")(partial(_tidy, queue))
    return queue


def worker_connector(config: Config) -> procrastinate.PsycopgConnector:
    """Return the connections of a worker; the embedded server is started for each that is made anew."""
    return procrastinate.PsycopgConnector(conninfo=partial(conninfo, config), **POOL)


def clock_connector(config: Config) -> procrastinate.SyncPsycopgConnector:
    """Return the connections of a clock, made in the same way."""
    return procrastinate.SyncPsycopgConnector(conninfo=partial(conninfo, config), **POOL)


def run_worker(app: Flask) -> None:
    """Work jobs off until told to stop, and begin anew whenever the database was away.

    A worker of the library ends when it cannot reach the database, in an orderly way or by
    raising, and sometimes only after a job it had begun. What it was at is asked for again
    by the next tick.
    """
    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(_work(app))


async def _work(app: Flask) -> None:
    this = cast("asyncio.Task[None]", asyncio.current_task())
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, this.cancel)
    # Asked, not only caught: a worker that is told to stop while the database is away raises what it could not do there.
    while not this.cancelling():
        queue = make_queue(app, worker_connector(app.extensions["bihuan"]["config"]))
        try:
            async with queue.open_async():
                await queue.run_worker_async(
                    concurrency=1, name="worker", fetch_job_polling_interval=LOOK_SECONDS, install_signal_handlers=False
                )
        except (ConnectorException, psycopg.OperationalError, Unavailable) as error:
            log.warning("worker_stands_still", error=type(error).__name__)
        await asyncio.sleep(RETRY_SECONDS)


def _jobs(app: Flask) -> dict[str, Callable[[], Any]]:
    state = app.extensions["bihuan"]
    config: Config = state["config"]
    clock: Clock = state["clock"]
    return {
        "fire_due": lambda: work.fire_due(clock),
        "send_outbox": lambda: work.send_outbox(clock, work.log_message),
        "index_words": lambda: work.index_words(load_vault(config.key_file)),
        "draw": lambda: work.draw(clock, load_vault(config.key_file)),
        "seal": lambda: work.seal_streams(clock, config.seal_file),
        "sweep": lambda: work.sweep(clock),
        "files": lambda: work.clear_files(clock, config.file_folder),
        "defaults": lambda: work.give_defaults(clock),
        "forget": lambda: work.forget(clock),
    }


def _run(app: Flask, kind: str, job: Callable[[], Any]) -> None:
    with app.app_context():
        job()
        work.beat(app.extensions["bihuan"]["clock"], kind)


async def _tidy(queue: procrastinate.App) -> None:
    """Close jobs whose worker died, and forget old ones. Nothing is lost: the next tick asks for the same work."""
    manager = queue.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
        await manager.finish_job(job, status=Status.FAILED, delete_job=True)
    await manager.delete_old_jobs(nb_hours=24, include_failed=True)


def ask_for(queue: procrastinate.App, kind: str) -> None:
    """Put one job of a kind in the queue unless one waits already."""
    try:
        queue.configure_task(kind, queueing_lock=kind).defer()
    except AlreadyEnqueued:
        return
