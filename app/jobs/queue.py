"""Procrastinate: PostgreSQL as the broker. One job per kind and tick; rows of the domain are the truth."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import procrastinate
from flask import Flask
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Status

from app.clock import Clock
from app.config import Config
from app.identity.vault import load_vault
from app.installation import conninfo
from app.jobs import work

# Kind of job → seconds between two ticks of the clock.
EVERY = {"fire_due": 5, "send_outbox": 10, "draw": 60, "defaults": 3600, "seal": 3600, "sweep": 300, "forget": 86400, "tidy": 300}
STALLED_AFTER = 60


def make_queue(app: Flask, connector: procrastinate.BaseConnector) -> procrastinate.App:
    """Return the queue with one task a kind; tasks run in this application's context."""
    queue = procrastinate.App(connector=connector)
    for kind, job in _jobs(app).items():
        queue.task(name=kind, queueing_lock=kind, pass_context=False)(partial(_run, app, kind, job))
    queue.task(name="tidy", queueing_lock="tidy")(partial(_tidy, queue))
    return queue


def worker_connector(config: Config) -> procrastinate.PsycopgConnector:
    """Return the connections of a worker."""
    return procrastinate.PsycopgConnector(conninfo=conninfo(config))


def clock_connector(config: Config) -> procrastinate.SyncPsycopgConnector:
    """Return the connections of a clock."""
    return procrastinate.SyncPsycopgConnector(conninfo=conninfo(config))


def _jobs(app: Flask) -> dict[str, Callable[[], Any]]:
    state = app.extensions["bihuan"]
    config: Config = state["config"]
    clock: Clock = state["clock"]
    return {
        "fire_due": lambda: work.fire_due(clock),
        "send_outbox": lambda: work.send_outbox(clock, work.log_message),
        "draw": lambda: work.draw(clock, load_vault(config.key_file)),
        "seal": lambda: work.seal_streams(clock, config.seal_file),
        "sweep": lambda: work.sweep(clock),
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
