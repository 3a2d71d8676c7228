"""How the site is served: alike by every command, and with connections that stay open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import text

from app import create_app, serving
from app.config import ROOT, Config, load_config
from app.db import db
from app.demo.accounts import SAMPLES, accounts_of, offered, superior_of
from app.demo.places import towns
from app.identity.actor import Role
from app.installation import DEMO_MARK, owner_engine
from bench.web import Client, served, signed_in


@contextmanager
def another(config: Config) -> Iterator[Flask]:
    """Make the application with other settings; its connections are closed again."""
    app = create_app(config)
    yield app
    with app.app_context():
        db.engine.dispose()


def test_one_place_says_how_gunicorn_is_started() -> None:
    sources = (path for folder in ("app", "bench", "tests") for path in (ROOT / folder).rglob("*.py"))
    starting = {path.name for path in sources if '"gunicorn"' in path.read_text(encoding="utf-8")}
    assert starting == {"serving.py", "test_serving.py"}


def test_the_demos_database_is_served_in_the_demo_alone(database: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    config = database.extensions["bihuan"]["config"]
    monkeypatch.setattr(serving, "load_config", lambda: config)
    serving.on_starting(None)
    with owner_engine(config.owner_url).begin() as connection:
        connection.execute(text(f"create table {DEMO_MARK} (made_at timestamptz)"))
    try:
        with pytest.raises(SystemExit, match="密码公开"):
            serving.on_starting(None)
        monkeypatch.setattr(serving, "load_config", lambda: replace(config, is_demo=True))
        serving.on_starting(None)
    finally:
        with owner_engine(config.owner_url).begin() as connection:
            connection.execute(text(f"drop table {DEMO_MARK}"))


def test_accounts_are_offered_at_the_door_in_the_demo_alone(database: Flask) -> None:
    assert "示范账号" not in database.test_client().get("/sign-in").text
    config = replace(database.extensions["bihuan"]["config"], is_demo=True)
    with another(config) as demo:
        said = demo.test_client().get("/sign-in").text
    assert "示范账号" in said
    assert all(f'value="{login}"' in said for _, login in SAMPLES)
    there = {account.login: account for town in towns() for account in accounts_of(town, superior_of(town))}
    found = {login: there[login] for _, accounts in offered().items() for _, login in accounts}
    posts = {Role.HANDLER, Role.HEAD, Role.WINDOW, Role.LEADER, Role.AUDITOR, Role.PROCESS_OWNER}
    for town in towns():
        assert posts <= {account.role for account in found.values() if account.programme == town.programme}, town.programme
    assert all(f'value="{login}"' in said for login in found)


def test_a_connection_is_kept_for_the_next_request(database: Flask) -> None:
    token = signed_in("rated", "kept")
    with served(database) as port, closing(Client(port)) as client:
        assert [client.get("/inbox/counts", token)["open"] for _ in range(3)] == [0, 0, 0]


def test_who_asks_a_proxy_of_ones_own_is_counted_by_itself_and_no_header_is_believed_without(database: Flask) -> None:
    config = database.extensions["bihuan"]["config"]
    wrong, limit = "/r/nonsense.x", range(20)

    def guess(app: Flask, claimed: str) -> int:
        return app.test_client().get(wrong, headers={"X-Forwarded-For": claimed}).status_code

    assert {guess(database, f"203.0.113.{n}") for n in limit} == {404}
    assert guess(database, "203.0.113.99") == 429
    with another(replace(config, proxies=1)) as behind:
        assert {guess(behind, f"203.0.113.{n}, 198.51.100.1") for n in limit} == {404}
        assert guess(behind, "203.0.113.99, 198.51.100.1") == 429
        assert guess(behind, "198.51.100.2") == 404


def test_a_wrong_setting_stops_the_start_and_says_how_to_mend_it() -> None:
    assert load_config({"BIHUAN_PROXIES": "2"}).proxies == 2
    for wrong in ("yes", "-1", "10", "１"):
        with pytest.raises(SystemExit, match="BIHUAN_PROXIES 应为 0 到 9"):
            load_config({"BIHUAN_PROXIES": wrong})
