"""A whole machine that works: the site, clock, worker and an embedded server that gets killed, and people who ask it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from queue import Empty, Queue
from threading import Event
from typing import Any

import psycopg
from postgres.test_embedded import postmaster

from app.config import ROOT
from app.installation import DATABASE
from app.postgres import Server
from app.programmes.bundle import SHIPPED, read_bundle
from bench.forks import acknowledge
from bench.steps import STEPS, filled
from bench.web import API


@contextmanager
def running(instance: Path, log: Path, *words: str, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command of `flask` on the embedded server of an instance, unless `settings` say otherwise, as long as needed."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
    env |= {"BIHUAN_INSTANCE": str(instance)}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    with (
        log.open("ab") as out,
        subprocess.Popen(command, cwd=ROOT, env=env | settings, stdout=out, stderr=out) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def kill(server: Server) -> None:
    """Kill the server as the kernel does when memory runs out."""
    os.kill(postmaster(server), signal.SIGKILL)


def stop_at_once(server: Server) -> None:
    """Stop the server as `pg_ctl stop -m immediate` does, without waiting: another may be up before this one is gone."""
    os.kill(postmaster(server), signal.SIGQUIT)


def asked(server: Server, query: str, *values: object) -> Any:
    """Return what a query says, or None while the server is away: whoever looks does not start it."""
    try:
        with psycopg.connect(server.conninfo(DATABASE), autocommit=True) as connection:
            row = connection.execute(query, values).fetchone()  # type: ignore[arg-type]  # text of our own
            return row and row[0]
    except psycopg.OperationalError:
        return None


class Person:
    """Takes cases through all their steps; sends again, with the same key, whatever was not done or not answered."""

    def __init__(self, port: int, tokens: dict[str, str], told: Path) -> None:
        self._address, self._tokens, self._told = ("127.0.0.1", port), tokens, told
        self._line = HTTPConnection(*self._address, timeout=60)
        nodes = read_bundle(SHIPPED / "xs").program.definition.nodes
        self._bodies = {name: json.dumps({"form": filled(nodes[name].form, entered)}) for name, _, entered in STEPS}
        self.heard: Counter[int | str] = Counter()

    def work(self, cases: Queue[int], is_over: Event) -> None:
        """Take case after case until it is over."""
        with closing(self._line):
            self._work(cases, is_over)

    def _work(self, cases: Queue[int], is_over: Event) -> None:
        while not is_over.is_set():
            try:
                case = cases.get(timeout=0.1)
            except Empty:
                continue
            for element, department, _ in STEPS:
                while not is_over.is_set() and (pause := self._send(case, element, self._tokens[department])) is not None:
                    is_over.wait(pause)

    def _send(self, case: int, element: str, token: str) -> float | None:
        """Do one step and acknowledge it; return for how long to wait before another try, or None when it is done."""
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"{case}-{element}", "Content-Type": "application/json"}
        try:
            self._line.request("POST", f"{API}/cases/K-{case}/tasks/{element}/submission", self._bodies[element], headers)
            answer = self._line.getresponse()
            text = answer.read().decode()
        except (OSError, HTTPException):
            self._line.close()
            self.heard["nothing"] += 1
            return 0.1
        self.heard[answer.status] += 1
        if answer.status == 503:
            return float(answer.headers["Retry-After"])
        if answer.status != 201:
            raise AssertionError(f"{case} {element}: {answer.status} {text}")
        acknowledge(self._told, f"{time.monotonic()} {case} {element}")
        return None
