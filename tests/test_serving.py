"""How the site is served: alike by every command, and with connections that stay open."""

from __future__ import annotations

from contextlib import closing

from flask import Flask

from app.config import ROOT
from bench.web import Client, served, signed_in


def test_one_place_says_how_gunicorn_is_started() -> None:
    sources = (path for folder in ("app", "bench", "tests") for path in (ROOT / folder).rglob("*.py"))
    starting = {path.name for path in sources if '"gunicorn"' in path.read_text(encoding="utf-8")}
    assert starting == {"serving.py", "test_serving.py"}


def test_a_connection_is_kept_for_the_next_request(database: Flask) -> None:
    token = signed_in("rated", "kept")
    with served(database) as port, closing(Client(port)) as client:
        assert [client.get("/inbox/counts", token)["open"] for _ in range(3)] == [0, 0, 0]
