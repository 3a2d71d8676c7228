"""K1 for every act of the API: killed at every statement and commit, sent again under its key, and done exactly once.

What an act does is counted: as many new rows in every table as when nobody disturbs it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from api.conftest import Caller
from api.test_rights_matrix import ROUTES
from api.world import World, build
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from app.audit.seal import verify_database
from app.db import db, unit_of_work
from chaos.api_acts import ACTS, Request
from chaos.judge import find_halves
from chaos.killing import die, until_one_survives

# Done as often as they are sent, and recorded each time: looks, and answers that hold a secret. Beside each, what a client
# hears that sends it again after it was done.
EACH_TIME = {
    "DELETE /session": 401,
    "PUT /session/password": 401,
    "POST /accounts": 409,
    "PUT /accounts/<login>/password": 200,
    "POST /tokens": 201,
    "POST /cases/<number>/reveal": 200,
    "POST /data-requests/<request>/held": 404,
}
# Many transactions, of which each stands when the next one is killed.
IN_PIECES = {
    "POST /records",
    "POST /reviews",
    "POST /complaints",
    "POST /handovers",
    "POST /catalogue/<programme>/departments/<code>/successor",
}
# Counts of requests are no acts, and whoever was signed in may be signed out by what they do.
NOT_COUNTED = {"rate_counts", "sessions"}


@pytest.fixture(scope="module")
def world(shared_database: Flask, tmp_path_factory: pytest.TempPathFactory) -> World:
    return build(shared_database, tmp_path_factory.mktemp("world"))


def counts() -> Counter[str]:
    """Return how many rows there are in every table."""
    tables = sorted(set(db.metadata.tables) - NOT_COUNTED)
    union = " union all ".join(f"select '{table}', count(*) from {table}" for table in tables)
    with unit_of_work() as session:
        return Counter({name: number for name, number in session.execute(text(union))})


def added(before: Counter[str]) -> dict[str, int]:
    after = counts()
    return {name: after[name] - before[name] for name in after if after[name] != before[name]}


def send(caller: Caller, route: str, request: Request) -> TestResponse:
    method, path = route.split(" ")
    path = re.sub(r"<(\w+)>", lambda match: str(request.named[match[1]]), path)
    return caller.send(method, path, request.body, Idempotency_Key=request.key)


def test_every_route_that_changes_something_is_killed() -> None:
    assert set(ACTS) == {route for route in ROUTES if not route.startswith("GET ")}


@pytest.mark.clause("L1")
@pytest.mark.parametrize("route", ACTS)
def test_an_act_of_the_api_is_done_once_wherever_it_is_killed(world: World, tmp_path: Path, route: str) -> None:
    undisturbed = ACTS[route](world)
    caller, before = undisturbed.caller(world), counts()
    answer = send(caller, route, undisturbed)
    assert answer.status_code < 300, answer.text
    whole = added(before)
    request = ACTS[route](world)
    caller, before = request.caller(world), counts()

    def ask() -> str:
        told = send(caller, route, request)
        return json.dumps([told.status_code, told.text])

    def attempt(point: int, told: Path) -> int:
        end = die(world.app, told, ask, point)
        assert find_halves() == []
        judge(route, added(before), whole)
        return end

    points = until_one_survives(world.app, tmp_path, attempt)
    status, _ = json.loads((tmp_path / f"told-{points + 1}").read_text())
    assert status < 300 or status == EACH_TIME.get(route)
    assert added(before) == whole or route in EACH_TIME
    with unit_of_work():
        assert verify_database(world.app.extensions["bihuan"]["config"].seal_file) == []


def judge(route: str, done: dict[str, int], whole: dict[str, int]) -> None:
    """Nothing was done, or all of it; of acts that are many transactions a part, and never more than all."""
    if route in EACH_TIME:
        return
    assert done in ({}, whole) or (route in IN_PIECES and all(done[name] <= whole.get(name, 0) for name in done)), route
