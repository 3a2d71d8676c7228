"""A worker that is told to stop, while the database is away."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from flask import Flask
from procrastinate.exceptions import ConnectorException

from app.jobs import queue


class FakeQueue:
    """A queue whose worker is told to stop, and cannot sign off: it raises that, and no longer that it was told."""

    opened = 0

    @asynccontextmanager
    async def open_async(self) -> AsyncIterator[None]:
        self.opened += 1
        yield

    async def run_worker_async(self, **_: object) -> None:
        assert self.opened == 1, "it went on working"
        os.kill(os.getpid(), signal.SIGTERM)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise ConnectorException from None


def test_a_worker_stops_when_it_is_told_to_even_if_the_database_is_away(database: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeQueue()
    monkeypatch.setattr(queue, "make_queue", lambda *_: fake)
    queue.run_worker(database)
    assert fake.opened == 1
