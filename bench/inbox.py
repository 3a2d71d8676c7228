"""Inboxes of a hundred departments over HTTP: among as many cases as there are open tasks, and among ten times as many."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import quantiles
from typing import Any

from flask import Flask
from sqlalchemy import insert, select, text

from app.cases.models import Case
from app.clock import DatabaseClock
from app.db import db, table_of, unit_of_work
from app.identity.vault import Vault, load_vault
from app.intake.models import Review, ServiceRecord
from app.intake.reviews import words_place
from bench.forks import acknowledge, acknowledged, run_all
from bench.web import Client, served, signed_in
from bench.world import OPENED, RATED, analyse, copying, open_one

OPEN, CASES, DEPARTMENTS = 100_000, 1_000_000, 100
# Each department has a twentieth less than the one before it: from some 5,000 open tasks down to 30.
SHRINKING = 0.95
PEOPLE = 2
LATER_PAGES = 4
# The server keeps the plan of a statement once a connection has asked ten times; the site has eight, and works for months.
WARM, ROUNDS = 4, 8

DEPARTMENT = f"'d' || floor(ln(1 - ids.share * (1 - power({SHRINKING}, {DEPARTMENTS}))) / ln({SHRINKING}))"
# A key each, and a number between 0 and 1 that says which department's; neighbours belong to different ones.
KEYS = """
select nextval(pg_get_serial_sequence('cases', 'id')) as id, (n * 7919::bigint % :count + 0.5) / :count as share
from generate_series(1, :count) n
"""
# Due within sixty days, in no order.
DUE = "now() + interval '60 days' * ((ids.id * 31) % 997) / 997"
# What is open is about services of the last two months, in no order; limits are no longer.
SERVED = "current_date - (ids.id * 31 % 60)::int"
WORDS = "等了四十分钟，窗口没有人。"
OVER = {"status": "'ended'", "ended_at": "now()", "closed_at": "now()", "outcome": "'answered'"}


def measure(app: Flask, folder: Path) -> dict[str, Any]:
    """Return the 95th percentile in milliseconds at both sizes, of first and of later pages."""
    with unit_of_work() as session:
        pattern = open_one("xs", "inbox", DatabaseClock().now(session.connection()))
    read = {f"d{number}": signed_in(f"d{number}", f"head-{number}") for number in range(0, DEPARTMENTS, 4)}
    fill_open(pattern, OPEN)
    fill_words(load_vault(app.extensions["bihuan"]["config"].key_file))
    few = ask(app, folder, "few", list(read.values()))
    fill_closed(pattern, CASES - OPEN)
    many = ask(app, folder, "many", list(read.values()))
    return {"p95_ms": max(many.values()), "open_tasks": OPEN, f"at_{OPEN}": few, f"at_{CASES}": many}


def fill_open(pattern: int, count: int) -> None:
    """Add cases with one open task each, spread over the departments."""
    task = {"department": DEPARTMENT, "owner": DEPARTMENT, "due_at": DUE}
    _fill(pattern, count, [("cases", {"served_on": SERVED}), ("instances", {}), ("tasks", task), ("deadlines", {"due_at": DUE})])


def fill_words(vault: Vault) -> None:
    """Add what the cases are about: a service each, and a bad review with words."""
    with unit_of_work() as session:
        columns = (Case.served_on, Case.programme, Case.record, Case.visit, Case.sequence)
        keys = [dict(row) for row in session.execute(select(*columns)).mappings()]
        service = {
            "item": "0001", "department": RATED, "channel": "qr", "applicant_kind": "person", "certificate_kind": "id",
            "state": "finished", "received_at": OPENED, "imported_at": OPENED,
        }  # fmt: skip
        services = [{name: value for name, value in key.items() if name != "sequence"} | service for key in keys]
        session.execute(insert(table_of(ServiceRecord)), services)
        said = {
            "level": 1, "reasons": ["201"], "channel": "qr", "department": RATED, "is_anonymous": True, "is_default": False,
            "is_late": False, "reviewed_at": OPENED, "received_at": OPENED,
        }  # fmt: skip
        session.execute(insert(table_of(Review)), [key | said | {"words": vault.seal(WORDS, words_place(key))} for key in keys])


def fill_closed(pattern: int, count: int) -> None:
    """Add cases that are over, with what the departments did on them: two tasks each."""
    done = {"status": "'done'", "ended_at": "now()", "department": DEPARTMENT, "owner": DEPARTMENT, "due_at": DUE}
    instance = {"status": "'ended'", "due_at": "null", "state": "'[]'", "variables": "'{}'"}
    _fill(pattern, count, [("cases", OVER), ("instances", instance), ("tasks", done), ("tasks", done)])


def _fill(pattern: int, count: int, tables: list[tuple[str, dict[str, str]]]) -> None:
    with unit_of_work() as session:
        session.execute(text(f"create temp table ids on commit drop as {KEYS}"), {"count": count})
        for table, changed in tables:
            session.execute(text(copying(table, **changed)), {"case": pattern})


def ask(app: Flask, folder: Path, name: str, tokens: Sequence[str]) -> dict[str, float]:
    """Return the 95th percentile of first and later pages of the API, and of the page people see, asked for by two at once."""
    analyse(app)
    with served(app) as port:
        db.session.remove()
        works = [partial(read, port, tokens, folder / f"{name}-{number}") for number in range(PEOPLE)]
        run_all(app, works)
    told = [json.loads(line) for path in folder.glob(f"{name}-*") for line in acknowledged(path)]
    return {kind: percentile([each for one in told for each in one[kind]]) for kind in ("first", "later", "seen")}


def percentile(seconds: list[float]) -> float:
    return round(quantiles(seconds, n=20)[-1] * 1000, 1)


def read(port: int, tokens: Sequence[str], path: Path) -> None:
    """Open the inbox of one department after another, and turn some pages; the first rounds warm up."""
    client, taken = Client(port), dict[str, list[float]](first=[], later=[], seen=[])
    for turn in range(ROUNDS):
        for token in tokens:
            seconds = pages(client, token)
            began = time.monotonic()
            client.show("/inbox", token)
            if turn >= WARM:
                taken["seen"].append(time.monotonic() - began)
                taken["first"] += seconds[:1]
                taken["later"] += seconds[1:]
    acknowledge(path, json.dumps(taken))


def pages(client: Client, token: str) -> list[float]:
    """Return how long the first page and some later ones took."""
    seconds, following = [], ""
    for _ in range(1 + LATER_PAGES):
        began = time.monotonic()
        page = client.get(f"/inbox?limit=50{following}", token)
        seconds.append(time.monotonic() - began)
        if not page["items"]:
            raise RuntimeError("an inbox is empty")
        if page["next"] is None:
            break
        following = f"&cursor={page['next']}"
    return seconds
