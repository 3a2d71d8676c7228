"""Human steps through the service layer by two processes, beside the same rows written bare by eight connections."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from statistics import mean, median
from typing import Any

import psycopg
from flask import Flask
from psycopg.conninfo import make_conninfo
from psycopg.types.json import Jsonb
from sqlalchemy import event, make_url, text

from app.cases.acting import submit_task
from app.clock import DatabaseClock
from app.db import db, unit_of_work
from app.edge import perform
from app.engine.definition import FormField
from app.identity.actor import Actor, Role
from app.programmes.bundle import SHIPPED, read_bundle
from bench.forks import acknowledge, acknowledged, run_all
from bench.world import RATED, analyse, copy_case, open_one

PROCESSES = 2
CONNECTIONS = 8
# A clear matter from forwarding to the report; each entry with the department that does it.
STEPS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("forward", "xs-lead-prefecture", {"department": RATED}),
    ("verify", RATED, {"truth": "true", "responsibility": "unit", "handling": "clear"}),
    ("rectify_clear", RATED, {}),
    ("answer", RATED, {"outcome": "answered"}),
    ("report", RATED, {}),
)
SAMPLES = {"string": "如实填写", "long": 1, "boolean": False, "date": "2025-04-02"}


def filled(form: tuple[FormField, ...], entered: dict[str, Any]) -> dict[str, Any]:
    """Return what was entered, with every other required field filled in."""
    return {each.id: next(iter(each.choices), SAMPLES.get(each.type)) for each in form if each.required} | entered


def measure(app: Flask, folder: Path, turns: int = 5, cases: int = 120) -> dict[str, float]:
    """Return steps a second and statements a step of the service, and the raw rate of the same rows; measured by turns."""
    with unit_of_work() as session:
        now = DatabaseClock().now(session.connection())
    pattern = open_one("xs", "steps", now)
    keys, bare = copy_case(pattern, cases * turns + 10), copy_case(pattern, cases * 5 * turns)
    analyse(app)
    walk(keys[-10:], folder / "warm")
    found = [_turn(app, folder, turn, keys[turn:-10:turns], bare[turn::turns]) for turn in range(turns)]
    counted = [json.loads(line)["statements"] for path in folder.glob("steps-*") for line in acknowledged(path)]
    return {
        "steps_per_second": median(ours for ours, _ in found),
        "raw_per_second": median(raw for _, raw in found),
        "ratio": round(median(ours / raw for ours, raw in found), 3),
        "sql_per_step": round(mean(counted), 2),
    }


def _turn(app: Flask, folder: Path, turn: int, cases: list[int], bare: list[int]) -> tuple[float, float]:
    """Measure the service and then the bare rows once."""
    name = f"steps-{turn}"
    works = [partial(walk, cases[part::PROCESSES], folder / f"{name}-{part}") for part in range(PROCESSES)]
    return rate(app, folder, name, works), measure_raw(app, folder, f"raw-{turn}", bare)


def rate(app: Flask, folder: Path, name: str, works: list[Callable[[], None]]) -> float:
    """Run children at once; return what they did a second, from the first start to the last end."""
    db.session.remove()
    run_all(app, works)
    told = [json.loads(line) for path in folder.glob(f"{name}-*") for line in acknowledged(path)]
    seconds = max(each["until"] for each in told) - min(each["from"] for each in told)
    return round(sum(each["done"] for each in told) / seconds, 1)


def walk(cases: Iterable[int], path: Path) -> None:
    """Take every case through all steps, as its departments' heads; tell times and statements."""
    forms = {name: read_bundle(SHIPPED / "xs").program.definition.nodes[name].form for name, _, _ in STEPS}
    counter, clock, done = Statements(), DatabaseClock(), 0
    event.listen(db.engine, "before_cursor_execute", counter)
    began = time.monotonic()
    for case in cases:
        for element, department, entered in STEPS:
            actor, body = Actor("handler", Role.HEAD, "xs", department), filled(forms[element], entered)
            perform(case, actor, clock, lambda step, e=element, a=actor, b=body: submit_task(step, e, a, b))  # type: ignore[misc]
            done += 1
    told = {"from": began, "until": time.monotonic(), "done": done, "statements": counter.total / done}
    event.remove(db.engine, "before_cursor_execute", counter)
    acknowledge(path, json.dumps(told))


class Statements:
    """Counts statements as the server gets them: one that is sent for several rows counts once a row."""

    def __init__(self) -> None:
        self.total = 0

    def __call__(self, _c: Any, _cursor: Any, _statement: str, parameters: Any, _context: Any, many: bool) -> None:
        self.total += len(parameters) if many else 1


RAW = (
    "select * from instances where case_id = %(case)s for update",
    "update tasks set status = 'done', ended_at = now(), ended_by = 'handler' where case_id = %(case)s",
    "insert into tasks (case_id, programme, element, act, round, lane, department, owner, status, opened_at, due_at) "
    "values (%(case)s, 'xs', 'verify', 'verify', 1, 'department', 'rated', 'handler', 'open', now(), now()) returning id",
    "insert into deadlines (case_id, element, timer, round, status, rule, extensions, began_at, due_at, last_day, "
    "is_provisional, calendar_version, moments, fired) "
    "values (%(case)s, 'verify', 'verify_limit', 1, 'running', %(rule)s, '[]', now(), now(), now(), false, 1, %(moments)s, 0)",
    "update deadlines set status = 'met', ended_at = now(), moments = '[]' where case_id = %(case)s and timer = 'forward_limit'",
    "insert into task_forms (task_id, case_id, element, round, body, entered_at, entered_by) "
    "select id, case_id, element, round, %(form)s, now(), 'handler' from tasks where case_id = %(case)s and element = 'verify' "
    "order by id desc limit 1",
    "insert into audit_entries (stream, seq, occurred_at, actor, act, payload, digest) "
    "values ('raw:' || %(case)s, 1, now(), 'handler', 'complete', %(payload)s, repeat('0', 64))",
    "update instances set revision = revision + 1, moved_at = now(), variables = %(variables)s, state = %(state)s, "
    "audit_seq = audit_seq + 1, audit_digest = repeat('1', 64) where case_id = %(case)s",
)


def measure_raw(app: Flask, folder: Path, name: str, cases: list[int]) -> float:
    """Return the transactions a second of eight bare connections that write the rows of a step."""
    with unit_of_work() as session:
        row = session.execute(text("select variables, state from instances where case_id = :case"), {"case": cases[0]}).one()
    url = make_url(app.extensions["bihuan"]["config"].owner_url).set(drivername="postgresql")
    address = make_conninfo(url.render_as_string(hide_password=False))
    values = {"variables": row.variables, "state": row.state, "rule": {"limit": "1wd", "since": "2026-11-23T01:00:00+00:00"}}
    values |= {"moments": [["overdue", "2026-11-25T16:00:00+00:00"]] * 4, "payload": {"round": 1}}
    given: dict[str, Any] = {name: Jsonb(value) for name, value in values.items()}
    given["form"] = bytes(30) + json.dumps({"department": RATED}).encode()  # as long as what is sealed, at no cost
    works = [partial(_raw, address, cases[i::CONNECTIONS], given, folder / f"{name}-{i}") for i in range(CONNECTIONS)]
    return rate(app, folder, name, works)


def _raw(address: str, cases: list[int], values: dict[str, Any], path: Path) -> None:
    with psycopg.connect(address) as connection:
        began = time.monotonic()
        for case in cases:
            for statement in RAW:
                connection.execute(statement, {"case": case} | values, prepare=True)
            connection.commit()
        told = {"from": began, "until": time.monotonic(), "done": len(cases), "pid": os.getpid()}
    acknowledge(path, json.dumps(told))
