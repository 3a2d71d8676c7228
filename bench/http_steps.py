"""Whole HTTP steps by two web processes, beside the same rows written bare by eight connections."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import mean, median
from typing import Any

from flask import Flask
from sqlalchemy import event

from app.clock import DatabaseClock
from app.db import db, unit_of_work
from app.programmes.bundle import SHIPPED, read_bundle
from bench.forks import acknowledge
from bench.steps import CONNECTIONS, STEPS, filled, measure_raw, rate
from bench.web import API, Client, served, signed_in
from bench.world import analyse, copy_case, open_one

Tokens = dict[str, str]


def measure(app: Flask, folder: Path, turns: int = 5, cases: int = 120) -> dict[str, float]:
    """Return steps a second over HTTP, the raw rate of the same rows, both by turns, and statements in an act's transaction."""
    with unit_of_work() as session:
        now = DatabaseClock().now(session.connection())
    pattern = open_one("xs", "http-steps", now)
    keys, bare = copy_case(pattern, cases * (turns + 1) + 10), copy_case(pattern, cases * 5 * turns)
    analyse(app)
    tokens = {department: signed_in(department, f"http-{department}") for department in {each for _, each, _ in STEPS}}
    counted = count_statements(app, keys[-10:], tokens)
    with served(app) as port:
        send(app, folder, "warm", port, keys[-10 - cases : -10], tokens)
        found = []
        for turn in range(turns):
            ours = send(app, folder, f"http-{turn}", port, keys[turn : -10 - cases : turns], tokens)
            found.append((ours, measure_raw(app, folder, f"http-raw-{turn}", bare[turn::turns])))
    return {
        "steps_per_second": median(ours for ours, _ in found),
        "raw_per_second": median(raw for _, raw in found),
        "ratio": round(median(ours / raw for ours, raw in found), 3),
        "sql_per_step": counted,
    }


def send(app: Flask, folder: Path, name: str, port: int, cases: Sequence[int], tokens: Tokens) -> float:
    """Return the steps a second of eight people at once, each with a connection and cases of their own."""
    works = [partial(walk, port, cases[i::CONNECTIONS], tokens, folder / f"{name}-{i}") for i in range(CONNECTIONS)]
    return rate(app, folder, name, works)


def walk(port: int, cases: Sequence[int], tokens: Tokens, path: Path) -> None:
    """Take every case through all steps."""
    bodies, client, done = _bodies(), Client(port), 0
    began = time.monotonic()
    for case in cases:
        for element, department, _ in STEPS:
            client.post(_path(case, element), tokens[department], bodies[element], key=f"{case}-{element}")
            done += 1
    acknowledge(path, json.dumps({"from": began, "until": time.monotonic(), "done": done}))


def _bodies() -> dict[str, Any]:
    nodes = read_bundle(SHIPPED / "xs").program.definition.nodes
    return {name: {"form": filled(nodes[name].form, entered)} for name, _, entered in STEPS}


def _path(case: int, element: str) -> str:
    return f"/cases/K-{case}/tasks/{element}/submission"


def count_statements(app: Flask, cases: Sequence[int], tokens: Tokens) -> float:
    """Return how many statements stand between BEGIN and COMMIT of an act's transaction, on the average."""
    client, bodies, counter = app.test_client(), _bodies(), Transactions()
    for what in ("begin", "before_cursor_execute"):
        event.listen(db.engine, what, getattr(counter, what))
    for case in cases:
        for element, department, _ in STEPS:
            headers = {"Authorization": f"Bearer {tokens[department]}", "Idempotency-Key": f"{case}-{element}"}
            answer = client.post(API + _path(case, element), json=bodies[element], headers=headers)
            if answer.status_code != 201:
                raise RuntimeError(answer.text)
            counter.acts.append(counter.statements)
    for what in ("begin", "before_cursor_execute"):
        event.remove(db.engine, what, getattr(counter, what))
    return round(mean(counter.acts), 2)


class Transactions:
    """Counts the statements of a transaction as the server gets them; the last one of a request is the act's."""

    def __init__(self) -> None:
        self.acts: list[int] = []
        self.statements = 0

    def begin(self, _connection: Any) -> None:
        self.statements = 0

    def before_cursor_execute(self, _c: Any, _cursor: Any, _statement: str, parameters: Any, _context: Any, many: bool) -> None:
        self.statements += len(parameters) if many else 1
