"""The first administrators, from the command line; passwords never on it."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.clock import VirtualClock
from app.db import db, unit_of_work
from app.identity.actor import ADMINISTRATORS, Role
from app.identity.errors import NotSignedIn
from app.identity.models import Account
from app.identity.sessions import authenticate, sign_in
from identity.conftest import AT, PASSWORD, Make

CREATE = ["accounts", "create", "root", "--name", "王安", "--role"]


def run(app: Flask, *args: str, typed: str = PASSWORD) -> tuple[int, str]:
    told = app.test_cli_runner().invoke(args=list(args), input=f"{typed}\n")
    return told.exit_code, told.output + told.stderr


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
def test_an_administrator_is_made_with_a_password_from_standard_input(database: Flask, role: Role) -> None:
    assert run(database, *CREATE, role.value) == (0, "已开立 root。\n")
    with unit_of_work():
        actor = authenticate(sign_in("root", PASSWORD, "here", AT).token, VirtualClock(AT))
    assert (actor.role, actor.programme, actor.department) == (role, "", "")
    (made,) = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "create_account"))
    assert made.actor.startswith("命令行")


def test_a_bad_password_or_post_is_told_and_nothing_is_stored(database: Flask) -> None:
    assert run(database, *CREATE, "security_admin", typed="short")[0] == 2
    assert run(database, *CREATE, "security_admin", "--programme", "xs")[0] == 2
    assert run(database, *CREATE, "handler")[0] == 2
    assert run(database, *CREATE, "system")[0] == 2
    assert not db.session.scalars(select(Account)).all()


def test_a_lost_password_is_set_anew_and_sessions_end(database: Flask, make_account: Make) -> None:
    make_account()
    with unit_of_work():
        token = sign_in("li", PASSWORD, "here", AT).token
    assert run(database, "accounts", "password", "li", typed="quite another one")[0] == 0
    with pytest.raises(NotSignedIn):
        authenticate(token, VirtualClock(AT))
    with unit_of_work():
        assert sign_in("li", "quite another one", "here", AT)
    assert run(database, "accounts", "password", "nobody")[0] == 2
