"""Coming in by the door: tokens, what one may do, and that guessing is slowed down for all processes together."""

from __future__ import annotations

from collections.abc import Callable

from cases.conftest import RATED, Driver, handling
from flask import Flask
from identity.conftest import PASSWORD, Make, make_account  # noqa: F401  a fixture

from api.conftest import As, Caller
from app.clock import VirtualClock
from app.identity.actor import Role


def test_a_token_opens_the_door_until_one_leaves(nobody: Caller, make_account: Make) -> None:  # noqa: F811
    make_account("li")
    entered = nobody.post("/session", {"login": "li", "password": PASSWORD})
    assert entered.status_code == 201
    caller = Caller(nobody.client, entered.json["token"])
    me = caller.get("/session").json
    assert (me["login"], me["role"]) == ("li", "handler")
    assert "submit_task" in me["rights"]
    assert "edit_accounts" not in me["rights"]
    assert caller.send("DELETE", "/session").status_code == 204
    assert caller.get("/session").status_code == 401


def test_wrong_and_unknown_are_told_alike_and_delayed_after_five(nobody: Caller, make_account: Make) -> None:  # noqa: F811
    make_account("li")
    wrong = nobody.post("/session", {"login": "li", "password": "wrong"})
    unknown = nobody.post("/session", {"login": "nobody", "password": "wrong"})
    assert (wrong.status_code, wrong.json) == (unknown.status_code, unknown.json) == (401, wrong.json)
    for _ in range(4):
        nobody.post("/session", {"login": "li", "password": "wrong"})
    delayed = nobody.post("/session", {"login": "li", "password": PASSWORD})
    assert (delayed.status_code, delayed.json["code"]) == (429, "sign_in_delayed")
    assert int(delayed.headers["Retry-After"]) > 0


def test_one_address_knocks_only_so_often(nobody: Caller, clock: VirtualClock) -> None:
    answers = {nobody.post("/session", {"login": f"l{n}"}).status_code for n in range(61)}
    assert answers == {422, 429}


def test_nobody_collects_reviewers_by_looking_at_one_after_the_other(make_case: Callable[..., Driver], as_: As) -> None:
    case = handling(make_case, "xs")
    caller = as_(Role.HANDLER, RATED)
    answers = [caller.post(f"/cases/{case.case.number}/reveal", {"purpose": "回电"}) for _ in range(61)]
    assert {answer.status_code for answer in answers[:60]} == {404}  # it came without a name
    assert (answers[60].status_code, answers[60].json["code"]) == (429, "too_many_requests")


def test_who_shows_no_token_or_a_wrong_one_is_sent_to_sign_in(nobody: Caller) -> None:
    for token in (None, "wrong", "bht_wrong", "x" * 10_000):
        answer = Caller(nobody.client, token).get("/inbox")
        assert (answer.status_code, answer.json["code"]) == (401, "not_signed_in")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_the_security_administrator_makes_accounts_and_tokens_and_sees_no_case(city: None, as_: As, nobody: Caller) -> None:
    admin = as_(Role.SECURITY_ADMIN)
    new = {"login": "han.mei", "name": "韩梅", "role": "handler", "programme": "xs", "department": "rated-department"}
    assert admin.post("/accounts", new | {"password": "a long enough one"}).status_code == 201
    assert nobody.post("/session", {"login": "han.mei", "password": "a long enough one"}).status_code == 201
    token = admin.post("/tokens", {
        "name": "办件系统", "programme": "xs", "department": "rated-department", "scopes": ["send_records"],
        "expires_at": "2026-01-01T00:00:00+08:00",
    })  # fmt: skip
    system = Caller(nobody.client, token.json["token"])
    assert system.post("/records", {"rows": [{}]}).status_code == 200
    assert system.post("/reviews", {"rows": [{}]}).status_code == 403
    assert admin.send("DELETE", f"/tokens/{admin.get('/tokens').json[0]['id']}").status_code == 204
    assert system.post("/records", {"rows": [{}]}).status_code == 401
    assert admin.get("/cases").status_code == 403


def test_a_substitute_acts_for_who_is_on_leave_and_under_the_own_name(database: Flask, city: None, as_: As) -> None:
    away, stand_in = as_(Role.HANDLER, login="away", name="甲"), as_(Role.HANDLER, login="there", name="乙")
    appointed = away.post("/substitutes", {"login": "there", "from_on": "2025-04-01", "until_on": "2025-04-03"})
    assert appointed.status_code == 201
    assert stand_in.get("/session", X_On_Behalf_Of="away").json["login"] == "there"
    refused = stand_in.get("/session", X_On_Behalf_Of="somebody")
    assert refused.status_code == 404


def test_a_system_stands_in_for_nobody(city: None, as_system: As) -> None:
    refused = as_system("read_cases").get("/cases", X_On_Behalf_Of="xs.rated-department.head")
    assert (refused.status_code, refused.json["code"]) == (404, "substitution_not_found")
