"""10,000 requests made up from the API's own description, spread over the roles: no fault, no answer that is not described.

Every request is one of three kinds: as described, against the description, or valid but for
one value. Three of four name an object that exists. The seed is fixed; `BIHUAN_FUZZ=10`
sends ten times as many, and others every time.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import schemathesis
from cases.conftest import FORMS, filled
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from intake.conftest import bad_review, record
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.garbage import HEADERS, VALUES
from api.test_rights_matrix import ASKING, NOT_SIGNED_IN, ROUTES, caller, has_right, written
from api.world import WHOSE, World, build

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
TIMES = int(os.environ.get("BIHUAN_FUZZ", "1"))
# A route that is closed to a role answers before it reads anything.
OPEN, CLOSED = 28 * TIMES, 3 * TIMES
PUBLIC = {"POST /session": {"right": None, "body": {"login": "somebody", "password": "wrong horse battery"}}}
FUZZED = ROUTES | PUBLIC


def often(asking: str, route: str) -> int:
    """Return how many requests of a role to a route there are to be."""
    right = FUZZED[route]["right"]
    return OPEN if has_right(asking, right) or (right is None and asking == "nobody") else CLOSED


def planned(asking: str) -> int:
    """Return how many requests of a role there are to be."""
    return sum(often(asking, route) for route in FUZZED)


def test_ten_thousand_requests_are_spread_over_the_roles() -> None:
    total = sum(map(planned, ASKING))
    print(f"{total} requests: { ({asking: planned(asking) for asking in ASKING}) }")
    assert total >= 10_000 * TIMES


@pytest.mark.parametrize("asking", ASKING)
def test_whatever_is_sent_is_answered_as_described(database: Flask, tmp_path: Path, asking: str) -> None:
    world = build(database, tmp_path)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", database)
    sent = 0
    for each in schema.get_all_operations():
        operation = each.ok()
        route = f"{operation.method.upper()} {operation.path.removeprefix('/api/v1').replace('{', '<').replace('}', '>')}"
        if route in FUZZED:
            sent += send_many(world, asking, route, operation)
    assert sent >= planned(asking)


def send_many(world: World, asking: str, route: str, operation: Any) -> int:
    """Send what is made up for one route, and look at every answer; return how many there were."""
    sent, who = [0], [caller(world, route, asking)]

    @settings(
        max_examples=often(asking, route), derandomize=TIMES == 1, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=requests(world, route, operation), headers=HEADERS)
    def send(case: Case, headers: dict[str, str]) -> None:
        token = who[0].token
        signed = headers | ({"Authorization": f"Bearer {token}"} if token else {})
        case.headers = None
        answer = case.call(headers=signed)
        sent[0] += 1
        case.validate_response(answer, checks=CHECKS, headers=signed)
        if answer.status_code == 401 and asking not in NOT_SIGNED_IN:
            who[0] = caller(world, route, asking)

    send()
    return sent[0]


@st.composite
def requests(draw: Callable[..., Any], world: World, route: str, operation: Any) -> Case:
    """Make up a request of a route."""
    mode = draw(st.sampled_from([*GenerationMode, None]))
    case: Case = draw(operation.as_strategy(generation_mode=mode or GenerationMode.POSITIVE))
    if draw(st.integers(0, 3)):
        named = real(draw, world, route)
        case.path_parameters = {name: named.get(name, value) for name, value in (case.path_parameters or {}).items()}
    if mode is None:
        row = FUZZED[route]
        case.body = one_wrong(draw, valid_body(draw, world, route)) if "body" in row else case.body
        case.query = as_query(one_wrong(draw, dict(parse_qsl(row["query"])))) if "query" in row else case.query
    return case


def as_query(values: dict[str, Any]) -> dict[str, str]:
    """Return values as a query can hold them at all."""
    return {name: str(value).encode("utf-8", "replace").decode() for name, value in values.items()}


def real(draw: Callable[..., Any], world: World, route: str) -> dict[str, Any]:
    """Return path parameters that name something which exists, of whomever it may be."""
    row = FUZZED[route]
    about = row.get("about")
    known = [whose for whose in WHOSE if about in world.objects and (whose == "own" or whose in world.objects[about])]
    named = dict(world.object(about, draw(st.sampled_from(known)))) if about else {}
    elements = sorted(world.cases["own"].open_tasks()) or ["verify"]
    return named | row.get("with", {}) | ({"element": draw(st.sampled_from(elements))} if "<element>" in route else {})


def valid_body(draw: Callable[..., Any], world: World, route: str) -> Any:
    """Return a body that a route accepts."""
    if route in {"POST /records", "POST /reviews"}:
        row = record(projectNo="R-own") if route == "POST /records" else bad_review(projectNo="R-own")
        return {"rows": [row | {"programme": "xs"}]}
    if route.endswith("/submission"):
        found: list[dict[str, Any]] = []
        tasks = sorted(world.cases["own"].open_tasks())
        element = draw(st.sampled_from(tasks)) if tasks else "verify"
        world.cases["own"].act(lambda step: found.append(filled(step.node(element).form, FORMS.get(element, {}))))
        return {"form": found[0]}
    words = {"fresh": "new", "password": "correct horse staple", "me": "xs.rated-department.handler"}
    about = FUZZED[route].get("about")
    words |= {name: str(value) for name, value in (world.object(about, "own") if about else {}).items()}
    return written(FUZZED[route]["body"], words)


def one_wrong(draw: Callable[..., Any], valid: dict[str, Any]) -> dict[str, Any]:
    """Return the same with one value, somewhere inside, replaced by anything."""
    changed = json.loads(json.dumps(valid))
    inner = changed
    while True:
        name = draw(st.sampled_from(sorted(inner) if isinstance(inner, dict) else range(len(inner))))
        deeper = inner[name]
        if not isinstance(deeper, dict | list) or not deeper or draw(st.integers(0, 4)) == 0:
            inner[name] = draw(VALUES)
            return changed
        inner = deeper
