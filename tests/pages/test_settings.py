"""What one sets for oneself: the password, and an end of all of one's sessions."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import update

from app.db import unit_of_work
from app.identity.actor import Role
from app.identity.models import Account
from app.identity.passwords import hash_password
from pages.conftest import Visit, Visitor, text_of

OLD, NEW = "old-and-long-enough", "new-and-long-enough"


@pytest.fixture
def me(database: Flask, visit: Visit) -> Visitor:
    mine = visit(Role.CLERK, login="me")
    with unit_of_work() as session:
        session.execute(update(Account).values(password_hash=hash_password(OLD)))
    return mine


def test_a_password_is_changed_and_every_session_ends(me: Visitor, visit: Visit) -> None:
    elsewhere = visit(Role.CLERK, login="me")
    assert "登录名 me" in text_of(me.get("/settings"))
    answer = me.post("/settings/password", old=OLD, new=NEW, again=NEW)
    assert answer.location == "/sign-in?done=password"
    assert "密码已改" in text_of(me.get(answer.location))
    for each in (me, elsewhere):
        assert each.get("/settings").location == "/sign-in?next=/settings"
    assert me.post("/sign-in", login="me", password=OLD).status_code == 401
    assert me.post("/sign-in", login="me", password=NEW).status_code == 302


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"old": "wrong"}, "原密码不对"),
        ({"again": "other"}, "两次填的新密码不一样"),
        ({"new": "x", "again": "x"}, "密码"),
    ],
)
def test_what_is_wrong_says_why_and_changes_nothing(me: Visitor, change: dict[str, str], why: str) -> None:
    answer = me.post("/settings/password", **{"old": OLD, "new": NEW, "again": NEW} | change)
    assert answer.status_code in {401, 422}
    assert why in answer.text
    for secret in (OLD, NEW):
        assert secret not in answer.text
    assert me.get("/settings").status_code == 200


def test_all_sessions_end_at_once(me: Visitor, visit: Visit) -> None:
    elsewhere = visit(Role.CLERK, login="me")
    assert me.post("/settings/sessions/end").location == "/sign-in?done=sessions"
    for each in (me, elsewhere):
        assert each.get("/settings").status_code == 302


def test_every_role_finds_it_in_the_bar(visit: Visit) -> None:
    for role in (Role.HANDLER, Role.CLERK, Role.AUDIT_ADMIN, Role.LEADER):
        assert 'href="/settings"' in visit(role).get("/settings").text
