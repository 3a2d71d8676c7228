"""W3: every route × every role × whose object, as `matrix.toml` declares it; driven by the URL map, so no route is left out."""

from __future__ import annotations

import json
import re
import secrets
import tomllib
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from identity.test_rights import MATRIX
from test_system import PUBLIC
from werkzeug.test import TestResponse

from api.conftest import ROOT, Caller
from api.world import WHOSE, World, build
from app.identity.actor import Role
from app.identity.tokens import PREFIX

DECLARED = tomllib.loads(Path(__file__).with_name("matrix.toml").read_text("utf-8"))
ROUTES: dict[str, dict[str, Any]] = DECLARED["routes"]
THEIRS: dict[str, dict[str, list[str] | str]] = DECLARED["theirs"]
# What a department's system may be given, written out once more.
GRANTABLE = set("send_records send_reviews read_catalogue read_progress take_complaint read_cases read_deadlines".split())
NOT_SIGNED_IN = {"nobody": None, "a session's token that is none": secrets.token_urlsafe(32), "no system's": PREFIX + "x" * 43}
# Everybody who asks: eleven roles, a system whose token has every right but the one, and three who are not let in.
ASKING = [*(role.value for role in Role), "system without the scope", *NOT_SIGNED_IN]
FEWEST_CELLS = 2950


@pytest.fixture(scope="module")
def world(shared_database: Flask, tmp_path_factory: pytest.TempPathFactory) -> World:
    """One world for all cells: acts use up what is made anew for each, and the rest stays whose it is."""
    return build(shared_database, tmp_path_factory.mktemp("world"))


def whose_are(route: str, world: World) -> list[str]:
    """Return whose objects there are for a route; only one's own where it is about none."""
    about = ROUTES[route].get("about")
    named = bool(about) and "lists" not in ROUTES[route]
    return [whose for whose in WHOSE if whose == "own" or (named and whose in world.objects[str(about)])]


def is_theirs(route: str, asking: str, whose: str) -> bool:
    """Whether an object is the asking role's."""
    roles = THEIRS.get(whose, {}).get(ROUTES[route].get("about", ""), [])
    return whose == "own" or roles == "*" or asking in roles


def has_right(asking: str, right: str) -> bool:
    """Whether a role has a right, by the matrix that stands apart from the service's own."""
    if asking == Role.SYSTEM:
        return right in GRANTABLE
    return asking in set(Role) and right in MATRIX[Role(asking)].split()


def caller(world: World, route: str, asking: str) -> Caller:
    client = world.app.test_client()
    if asking in NOT_SIGNED_IN or route not in ROUTES:
        return Caller(client, NOT_SIGNED_IN.get(asking))
    right = ROUTES[route]["right"]
    if asking == Role.SYSTEM:
        return Caller(client, world.token(*({right} & GRANTABLE or GRANTABLE)))
    if asking == "system without the scope":
        return Caller(client, world.token(*GRANTABLE - {right}))
    overseer = ROUTES[route].get("by") == "overseer" and asking in {Role.HANDLER, Role.HEAD}
    return Caller(client, world.session(Role(asking), overseer=overseer))


def ask(world: World, route: str, asking: str, whose: str) -> tuple[TestResponse, str]:
    """Send one request; return the answer, and its text without what was sent."""
    row = ROUTES[route]
    about = row.get("about") if whose in whose_are(route, world) else None
    found = {} if about is None or "lists" in row else world.object(about, whose)
    named = found | row.get("with", {})
    method, path = route.split(" ")
    path = re.sub(r"<(\w+)>", lambda match: str(named[match[1]]), path)
    words = {name: str(value) for name, value in found.items()}
    words |= {"fresh": secrets.token_hex(4), "password": secrets.token_hex(8), "me": f"xs.rated-department.{asking}"}
    answer = caller(world, route, asking).send(method, f"{path}?{row.get('query', '')}", written(row.get("body"), words))
    text = json.dumps(answer.json, ensure_ascii=False) if answer.text else ""
    for value in found.values():
        text = re.sub(rf"(?<!\w){re.escape(str(value))}(?!\w)", "…", text, flags=re.ASCII)
    return answer, text


def written(body: Any, words: dict[str, str]) -> Any:
    """Return a body with its placeholders filled in."""
    if isinstance(body, dict):
        return {name: written(value, words) for name, value in body.items()}
    return body.format_map(words) if isinstance(body, str) and body.startswith("{") else body


def code_of(answer: TestResponse) -> str | None:
    return answer.json["code"] if answer.status_code >= 400 else None


def test_every_route_has_its_row_and_every_row_its_route(installed_app: Flask) -> None:
    views, found = installed_app.view_functions, {}
    for rule in installed_app.url_map.iter_rules():
        if rule.endpoint not in PUBLIC and rule.rule.startswith(ROOT):
            path = re.sub(r"<[^>]*?(\w+)>", r"<\1>", rule.rule.removeprefix(ROOT))
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                found[f"{method} {path}"] = views[rule.endpoint].right.value  # type: ignore[attr-defined]
    assert found == {route: row["right"] for route, row in ROUTES.items()}


# Before the acts of the cells below, which move the case on.
@pytest.mark.parametrize("route", [route for route, row in ROUTES.items() if "lists" in row])
def test_a_list_shows_ones_own_and_nothing_else(world: World, route: str) -> None:
    about, shown = ROUTES[route]["about"], False
    (name,) = world.objects[about]["none"]
    mine = {whose: world.object(about, whose)[name] for whose in ("own", *world.objects[about])}
    for asking in ASKING:
        if not has_right(asking, ROUTES[route]["right"]):
            continue
        answer, _ = ask(world, route, asking, "own")
        listed = names_in(answer.json, ROUTES[route]["lists"])
        for whose, value in mine.items():
            assert value not in listed or is_theirs(route, asking, whose), f"{route}, {asking} is shown {whose}"
            shown = shown or (whose == "own" and value in listed)
    assert shown, f"{route} shows nobody anything"


def names_in(answer: Any, where: str) -> set[Any]:
    outer, _, inner = where.partition("[].")
    return {each[inner] for each in (answer[outer] if outer else answer)}


@pytest.mark.clause("P1")
@pytest.mark.parametrize("route", ROUTES)
def test_every_cell_of_a_route_is_as_declared(world: World, route: str) -> None:
    for asking in ASKING:
        foreign = set()
        for whose in whose_are(route, world):
            answer, text = ask(world, route, asking, whose)
            cell, code = f"{route}, {asking}, {whose}: {answer.status_code} {answer.text[:200]}", code_of(answer)
            if asking in NOT_SIGNED_IN:
                assert (answer.status_code, code) == (401, "not_signed_in"), cell
            elif not has_right(asking, ROUTES[route]["right"]):
                assert (answer.status_code, code) == (403, "right_missing"), cell
            elif is_theirs(route, asking, whose):
                assert answer.status_code not in {401, 404, 405, 500}, cell
                assert code != "right_missing", cell
            else:
                assert answer.status_code == 404, cell
                foreign.add(text)
        assert len(foreign) <= 1, f"{route}, {asking}: what is another's and what is not there are told apart: {foreign}"


def test_the_matrix_is_as_large_as_it_is_said_to_be(world: World) -> None:
    cells = sum(len(whose_are(route, world)) * len(ASKING) for route in ROUTES)
    print(f"{len(ROUTES)} routes, {len(ASKING)} who ask, {cells} cells")
    assert cells >= FEWEST_CELLS
