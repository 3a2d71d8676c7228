"""What is sent and makes no sense is refused in one shape, in Chinese, and never breaks anything (W4, W13-W15)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cases.conftest import RATED, Driver, handling
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, inspect, select

from api.conftest import ROOT, As, Caller
from app.cases.models import Case, CoHandler, Extension, Hop, Task
from app.db import db
from app.identity.actor import Role

Make = Callable[..., Driver]
INJECTIONS = [
    "' or 1=1 --",
    "%",
    "_",
    "\\",
    "'; drop table cases; --",
    "XS-2025-%",
    "1e400",
    "../../etc/passwd",
    "${7*7}",
    "\u202egnp",
]


def shape(answer: Any) -> None:
    """Every refusal has a stable code and a Chinese sentence, and nothing of the inside."""
    assert set(answer.json) <= {"code", "message", "details"}
    assert answer.json["code"].isascii()
    assert not answer.json["message"].isascii()
    assert not any(word in answer.text for word in ("Traceback", "psycopg", "sqlalchemy", "SELECT", "select "))


@pytest.mark.parametrize("text", INJECTIONS)
def test_what_looks_like_a_language_is_only_text(make_case: Make, as_: As, text: str) -> None:
    case = handling(make_case, "xs")
    caller = as_(Role.HANDLER, RATED)
    for path in (f"/cases/{text}", f"/cases?record={text}", f"/cases/{case.case.number}/tasks/{text}", f"/draws/{text}"):
        answer = caller.get(path.replace("%", "%25").replace("#", "%23"))
        assert answer.status_code in {200, 404, 409}
        assert answer.status_code != 200 or answer.json == {"items": [], "next": None}
    answer = caller.post(f"/cases/{case.case.number}/extension", {"reason": text, "explained": text})
    assert answer.status_code in {201, 409}
    assert db.session.scalar(select(func.count()).select_from(Case)) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"department": "a\x00b"}, 422),
        ({"department": "\ud800"}, 422),
        ({"department": 2**63}, 422),
        ({"department": None}, 422),
        ({"department": ["other-department"]}, 422),
        ({"department": ""}, 422),
        ({"department": "x" * 201}, 422),
        ({"department": "other-department", "status": "ended"}, 422),
        ({}, 422),
        ([], 422),
        ("text", 422),
        (None, 422),
        (True, 422),
    ],
)
def test_a_body_that_makes_no_sense_is_refused_and_nothing_is_stored(make_case: Make, as_: As, body: Any, status: int) -> None:
    case = handling(make_case, "xs")
    answer = as_(Role.HANDLER, RATED).post(f"/cases/{case.case.number}/co-handlers", body)
    assert answer.status_code == status
    shape(answer)
    assert db.session.scalar(select(func.count()).select_from(CoHandler)) == 0


@pytest.mark.parametrize(
    "raw", [b"{", b'{"department": NaN}', b'{"department": 1e400}', b"\xff\xfe", b'{"a":' * 100_000, b"[" * 1000 + b"]" * 1000]
)
def test_what_is_no_json_is_refused(make_case: Make, as_: As, raw: bytes) -> None:
    case = handling(make_case, "xs")
    caller = as_(Role.HANDLER, RATED)
    answer = caller.client.post(
        f"{ROOT}/cases/{case.case.number}/co-handlers", data=raw, content_type="application/json",
        headers={"Authorization": f"Bearer {caller.token}"},
    )  # fmt: skip
    assert answer.status_code in {400, 422}
    shape(answer)


BAD_PAGES = (
    "limit=0", "limit=-1", "limit=1e400", "limit=201", "limit=true", "cursor=x", "cursor=W10=", "cursor=W251bGxd",
    "cursor=WzkyMjMzNzIwMzY4NTQ3NzU4MDhd", "status=gone",
)  # fmt: skip


@pytest.mark.parametrize("query", BAD_PAGES)
def test_a_page_that_is_none_is_refused(city: None, as_: As, query: str) -> None:
    answer = as_(Role.HANDLER, RATED).get(f"/cases?{query}")
    assert answer.status_code == 422
    shape(answer)


def test_columns_of_a_case_cannot_be_set_from_outside(make_case: Make, as_: As) -> None:
    case = handling(make_case, "xs")
    number, caller = case.case.number, as_(Role.HEAD, RATED)
    before = [dict(row._mapping) for row in db.session.execute(select(Case.__table__))]
    columns = {column.key: 1 for model in (Case, Task, Hop, Extension) for column in inspect(model).columns}
    bodies = {
        "extension": {"reason": "r", "explained": "e"}, "bounce": {"duty_clause": "c"},
        "co-handlers": {"department": "other-department"},
        "contribution": {"words": "w"}, "appeals": {"matter": "m", "reasons": "r", "opinion": "o"}, "evidence": {"words": "w"},
        "contact-tries": {"element": "verify", "method": "phone"}, "reveal": {"purpose": "p"}, "referral": {"words": "w"},
    }  # fmt: skip
    for path, body in bodies.items():
        answer = caller.post(f"/cases/{number}/{path}", columns | body)
        assert answer.status_code in {403, 422}
        shape(answer)
    assert before == [dict(row._mapping) for row in db.session.execute(select(Case.__table__))]


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=300)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS)
def test_every_text_comes_back_as_it_was_sent(database: Flask, make_case: Make, as_: As, text: str) -> None:
    case = handling(make_case, "xs")
    caller = as_(Role.HEAD, RATED)
    answer = caller.post(f"/cases/{case.case.number}/appeals", {"matter": text, "reasons": text, "opinion": "同意"})
    assert answer.status_code == 201
    (appeal,) = caller.get(f"/cases/{case.case.number}/appeals").json
    assert appeal["matter"] == appeal["reasons"] == text


def test_errors_have_one_shape_also_where_there_is_no_route(nobody: Caller) -> None:
    for method, path in (("GET", "/nowhere"), ("PATCH", "/cases"), ("GET", "/cases"), ("POST", "/session")):
        answer = nobody.send(method, path)
        assert answer.status_code in {401, 404, 405, 415, 422}
        shape(answer)


def test_an_unexpected_error_tells_nothing(city: None, as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret table")

    monkeypatch.setattr("app.api.inbox.list_inbox", broken)
    answer = as_(Role.HANDLER, RATED).get("/inbox")
    assert (answer.status_code, answer.json["code"]) == (500, "internal")
    shape(answer)
