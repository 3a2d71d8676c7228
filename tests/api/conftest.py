"""Clients that are signed in as somebody."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from cases.conftest import BEGINNING, city, make_case  # noqa: F401  fixtures
from flask import Flask
from flask.testing import FlaskClient
from intake.conftest import catalogue, take  # noqa: F401  fixtures
from sqlalchemy import insert, select
from werkzeug.test import TestResponse

from app.clock import VirtualClock
from app.db import unit_of_work
from app.identity.actor import ADMINISTRATORS, Role
from app.identity.models import Account, SignedInSession, Token
from app.identity.sessions import ABSOLUTE, digest
from app.identity.tokens import PREFIX

ROOT = "/api/v1"


@dataclass
class Caller:
    """Sends requests with one token."""

    client: FlaskClient
    token: str | None
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        sent = {name.replace("_", "-"): value for name, value in headers.items()} | self.headers
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        # Written here, in ASCII: Flask's own writer cannot write what is no text, and that must be sent too.
        data = None if body is None else json.dumps(body)
        return self.client.open(ROOT + path, method=method, data=data, content_type="application/json", headers=sent)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.send("POST", path, body, **headers)


As = Callable[..., Caller]


@pytest.fixture
def nobody(database: Flask) -> Caller:
    """A caller without a token."""
    return Caller(database.test_client(), None)


@pytest.fixture
def as_(database: Flask, clock: VirtualClock) -> As:
    """Return a factory of callers: by post, made where there is no such account yet."""

    def caller(role: Role = Role.HANDLER, department: str = "rated-department", programme: str = "xs", **more: Any) -> Caller:
        account = _account(role, *(("", "") if role in ADMINISTRATORS else (programme, department)), more)
        return Caller(database.test_client(), open_session(account, clock))

    return caller


def _account(role: Role, programme: str, department: str, more: dict[str, Any]) -> int:
    with unit_of_work() as session:
        wanted = {"role": role.value, "programme": programme, "department": department} | more
        found = session.scalar(select(Account.id).filter_by(**wanted).order_by(Account.id))
        if found is not None:
            return found
        row = {"login": f"{programme}.{department}.{role}.{secrets.token_hex(3)}", "name": "李雷", "password_hash": "-"}
        row |= {"is_active": True, "created_at": BEGINNING, "staff": None} | wanted
        return int(session.scalar(insert(Account).values(**row).returning(Account.id)) or 0)


def open_session(account: int, clock: VirtualClock) -> str:
    """Sign an account in without its password."""
    token = secrets.token_urlsafe(32)
    row = {"digest": digest(token), "account_id": account, "created_at": clock.moment, "seen_at": clock.moment}
    with unit_of_work() as session:
        session.execute(insert(SignedInSession), row | {"expires_at": clock.moment + ABSOLUTE})
    return token


@pytest.fixture
def as_system(database: Flask, clock: VirtualClock) -> As:
    """Return a factory of department systems with scopes."""

    def caller(*scopes: str, department: str = "rated", programme: str = "zb") -> Caller:
        token = PREFIX + secrets.token_urlsafe(32)
        row = {"digest": digest(token), "name": "办件系统", "programme": programme, "department": department}
        row |= {"scopes": list(scopes), "issued_at": clock.moment, "issued_by": "test", "expires_at": clock.moment + ABSOLUTE}
        with unit_of_work() as session:
            session.execute(insert(Token), row)
        return Caller(database.test_client(), token)

    return caller
