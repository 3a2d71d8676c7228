"""People who look at pages: a client with the session's cookie, sending as a browser does."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from api.conftest import As, as_  # noqa: F401  a fixture
from cases.conftest import RATED, city, make_case  # noqa: F401  fixtures
from flask import Flask
from flask.testing import FlaskClient
from intake.conftest import catalogue, take  # noqa: F401  fixtures
from revisits.conftest import month  # noqa: F401  a fixture
from werkzeug.test import TestResponse

from app.identity.actor import Role
from app.pages.guard import COOKIE


@dataclass
class Visitor:
    """A browser with one cookie; forms are sent as a page of ours sends them."""

    client: FlaskClient

    def get(self, path: str, **args: str) -> TestResponse:
        return self.client.get(path, query_string=args or None, headers={"Accept": "text/html"})

    def post(self, path: str, site: str | None = "same-origin", **form: Any) -> TestResponse:
        headers = {"Sec-Fetch-Site": site} if site else {}
        return self.client.post(path, data=form, headers=headers | {"Accept": "text/html"})


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(database: Flask, as_: As) -> Visit:  # noqa: F811
    """Return a factory of visitors who are signed in, by post."""

    def visitor(role: Role = Role.HANDLER, department: str = RATED, **more: Any) -> Visitor:
        client = database.test_client()
        client.set_cookie(COOKIE, str(as_(role, department, **more).token))
        return Visitor(client)

    return visitor


def text_of(answer: TestResponse) -> str:
    """Return what a page says, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))
