"""K7: no connection is to be had, or somebody sits on a row: a request is told so soon, and succeeds when it comes again."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection, HTTPResponse

import psycopg
import pytest
from cases.conftest import RATED, Driver, handling
from flask import Flask
from psycopg import sql
from sqlalchemy import make_url, text

from app.db import APP_ROLE, db, unit_of_work
from app.installation import CONNECT_SECONDS, PATIENCE
from bench.web import API, served, signed_in
from chaos.judge import count_of, find_halves

CLIENTS, LIMIT = 50, 10
Make = Callable[..., Driver]


def plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture
def few(database: Flask) -> Iterator[str]:
    """Let the app's role log in, but no more than ten times at once; return its URL."""
    url, password, role = database.extensions["bihuan"]["config"].owner_url, secrets.token_hex(8), sql.Identifier(APP_ROLE)
    with psycopg.connect(plain(url), autocommit=True) as owner:
        limited = sql.SQL("alter role {} login password {} connection limit {}")
        owner.execute(limited.format(role, sql.Literal(password), sql.Literal(LIMIT)))
        yield make_url(url).set(username=APP_ROLE, password=password).render_as_string(hide_password=False)
        owner.execute(sql.SQL("alter role {} nologin password null connection limit -1").format(role))


def ask_help(port: int, number: str, token: str) -> HTTPResponse:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": "once"}
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("POST", f"{API}/cases/{number}/co-handlers", json.dumps({"department": "other-department"}), headers)
        answer = connection.getresponse()
        answer.read()
        return answer


def test_without_a_connection_left_a_request_is_told_to_come_again_and_then_succeeds(
    database: Flask, few: str, make_case: Make
) -> None:
    numbers = [handling(make_case, "xs").case.number for _ in range(CLIENTS)]
    token = signed_in(RATED, "k7")
    # Before the site starts: it comes up although it cannot ask the database anything.
    hogs = [psycopg.connect(plain(few)) for _ in range(LIMIT)]
    with served(database, few) as port, ThreadPoolExecutor(CLIENTS) as clients:
        told = list(clients.map(lambda number: ask_help(port, number, token), numbers))
        assert {answer.status for answer in told} == {503}
        assert all(int(answer.headers["Retry-After"]) > 0 for answer in told)
        hogs.pop().close()
        left = numbers
        while left:
            again = list(clients.map(lambda number: ask_help(port, number, token).status, left))
            assert set(again) <= {201, 503}
            left = [number for number, status in zip(left, again, strict=True) if status == 503]
        for hog in hogs:
            hog.close()
    assert count_of("select count(*) from co_handlers") == CLIENTS
    assert count_of("select count(*) from audit_entries where act = 'ask_for_help'") == CLIENTS
    assert find_halves() == []


def test_a_row_that_somebody_sits_on_is_given_up_and_free_again_afterwards(database: Flask, make_case: Make) -> None:
    case = handling(make_case, "xs")
    token = signed_in(RATED, "k7")
    with served(database) as port:
        with psycopg.connect(plain(database.extensions["bihuan"]["config"].owner_url)) as hog:
            hog.execute("select 1 from instances where case_id = %s for update", [case.case_id])
            assert ask_help(port, case.case.number, token).status == 503
        assert ask_help(port, case.case.number, token).status == 201


def test_no_connection_of_the_service_waits_for_ever(database: Flask) -> None:
    with unit_of_work() as session:
        found = {name: session.scalar(text("select current_setting(:name)"), {"name": name}) for name in PATIENCE}
        driver = session.connection().connection.driver_connection
        assert driver is not None
        assert driver.info.get_parameters()["connect_timeout"] == str(CONNECT_SECONDS)
    assert found == PATIENCE | {"statement_timeout": "1min", "idle_in_transaction_session_timeout": "1min"}
    assert db.engine.pool.timeout() <= 2  # type: ignore[attr-defined]  # of the queueing pool
