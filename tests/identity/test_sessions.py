"""Signing in and out: what is told, what is stored, and when a session is over."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import event, func, select, update

from app.audit.models import AuditEntry
from app.clock import VirtualClock
from app.db import db, unit_of_work
from app.errors import AppError
from app.identity import sessions
from app.identity.actor import Actor, Role
from app.identity.errors import NotSignedIn, SignInDelayed, SignInRefused
from app.identity.models import Account, SignedInSession, SignInCount
from app.identity.passwords import NOBODY, verify_password
from app.identity.sessions import SignedIn, authenticate, end_sessions, sign_in, sign_out, tidy_sessions
from identity.conftest import AT, PASSWORD, Make

HERE, ELSEWHERE = "10.0.0.1", "10.0.0.2"
MINUTE = timedelta(minutes=1)


def enter(login: str = "li", password: str = PASSWORD, source: str = HERE, now: datetime = AT) -> SignedIn:
    with unit_of_work():
        return sign_in(login, password, source, now)


def who(token: str, now: datetime = AT) -> Actor:
    with unit_of_work():
        return authenticate(token, VirtualClock(now))


def fail(times: int, login: str = "li", source: str = HERE, now: datetime = AT) -> None:
    for _ in range(times):
        with pytest.raises(SignInRefused):
            enter(login, "wrong", source, now)


def test_who_signs_in_is_known_by_the_token_until_they_sign_out(make_account: Make) -> None:
    actor = make_account(staff="s7")
    signed = enter()
    assert who(signed.token) == actor
    assert (actor.login, actor.name, actor.staff) == ("li", "李雷", "s7")
    with unit_of_work():
        sign_out(signed.token, AT)
        sign_out(signed.token, AT)
    with pytest.raises(NotSignedIn):
        who(signed.token)


def test_the_database_holds_no_token(make_account: Make) -> None:
    make_account()
    token = enter().token
    assert len(token) >= 43
    assert db.session.scalars(select(SignedInSession.digest)).one() not in {token.encode(), token}


@pytest.mark.parametrize(("login", "password"), [("nobody", PASSWORD), ("li", "wrong"), ("gone", PASSWORD)])
def test_unknown_wrong_and_disabled_are_told_alike(make_account: Make, login: str, password: str) -> None:
    make_account()
    make_account("gone")
    with unit_of_work() as session:
        session.execute(update(Account).where(Account.login == "gone").values(is_active=False))
    with pytest.raises(SignInRefused) as refused:
        enter(login, password)
    assert refused.value.as_dict() == {"code": "sign_in_refused", "message": "登录名或密码不对，或账号已停用。"}


def test_a_password_is_compared_even_where_there_is_no_account(make_account: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    monkeypatch.setattr(sessions, "verify_password", lambda stored, given: bool(compared.append(stored)))
    make_account()
    fail(1)
    fail(1, "nobody")
    assert len(compared) == 2
    assert all(stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$") for stored in compared)


def test_failures_are_kept_and_recorded_although_the_act_is_refused(make_account: Make) -> None:
    actor = make_account()
    fail(1)
    fail(1, "nobody")
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "sign_in_failed").order_by(AuditEntry.id)).all()
    assert [entry.payload for entry in entries] == [
        {"account": int(actor.id), "source": HERE},
        {"account": None, "source": HERE},
    ]
    assert "nobody" not in str([row.login for row in db.session.scalars(select(SignInCount))])


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare passwords at no cost, for tests that guess a hundred times."""
    monkeypatch.setattr(sessions, "verify_password", lambda _stored, given: given == PASSWORD)


@pytest.mark.usefixtures("quick")
def test_from_the_fifth_failure_on_each_try_waits_twice_as_long(make_account: Make) -> None:
    make_account()
    fail(5)
    with pytest.raises(SignInDelayed) as delayed:
        enter(now=AT + timedelta(seconds=29))
    assert delayed.value.details == {"retry_after": 2}
    fail(1, now=AT + timedelta(seconds=30))
    with pytest.raises(SignInDelayed):
        enter(now=AT + timedelta(seconds=89))
    assert enter(now=AT + timedelta(seconds=90)).token
    fail(4, now=AT + 2 * MINUTE)


@pytest.mark.usefixtures("quick")
def test_a_delay_is_never_longer_than_a_quarter_of_an_hour_and_an_hour_forgets(make_account: Make) -> None:
    make_account()
    now = AT
    fail(5)
    for _ in range(7):
        now += timedelta(minutes=15)
        fail(1, now=now)
    with pytest.raises(SignInDelayed) as delayed:
        enter(now=now)
    assert delayed.value.details["retry_after"] == 15 * 60 + 1
    fail(4, now=now + timedelta(minutes=61))


@pytest.mark.usefixtures("quick")
def test_strangers_failures_do_not_lock_somebody_out_at_home(make_account: Make) -> None:
    make_account()
    enter()
    for number in range(25):
        fail(4, source=f"192.0.2.{number}", now=AT + MINUTE)
    with pytest.raises(SignInDelayed):
        enter(source="192.0.2.99", now=AT + MINUTE)
    assert enter(now=AT + MINUTE).token


@pytest.mark.usefixtures("quick")
def test_a_source_that_tries_many_logins_is_held_up(make_account: Make) -> None:
    make_account()
    for number in range(25):
        fail(4, f"guess-{number}")
    with pytest.raises(SignInDelayed):
        enter()
    assert enter(source=ELSEWHERE).token


def test_a_hundred_wrong_passwords_at_one_moment_are_five_looked_at(database: Flask, make_account: Make) -> None:
    make_account()
    gate, seen = Barrier(16), []

    def guess() -> None:
        with database.app_context():
            gate.wait()
            try:
                enter(password="wrong")
            except AppError as error:
                seen.append(error.code)

    threads = [Thread(target=guess) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (seen.count("sign_in_refused"), seen.count("sign_in_delayed")) == (5, 11)


@pytest.mark.parametrize(("role", "minutes"), [(Role.HANDLER, 30), (Role.SECURITY_ADMIN, 15)])
def test_a_session_is_over_when_nobody_is_there(make_account: Make, role: Role, minutes: int) -> None:
    make_account(role=role)
    token = enter().token
    late = AT + timedelta(minutes=minutes)
    assert who(token, late - timedelta(seconds=1)).role is role
    assert who(token, late + timedelta(minutes=minutes) - timedelta(seconds=2))
    with pytest.raises(NotSignedIn):
        who(token, late + timedelta(minutes=3 * minutes))


def test_a_session_ends_after_twelve_hours_however_busy(make_account: Make) -> None:
    make_account()
    signed = enter()
    now = AT
    while now < AT + timedelta(hours=12) - 20 * MINUTE:
        now += 20 * MINUTE
        who(signed.token, now)
    assert signed.expires_at == AT + timedelta(hours=12)
    with pytest.raises(NotSignedIn):
        who(signed.token, signed.expires_at)


def test_a_request_is_one_statement_and_writes_nothing(database: Flask, make_account: Make) -> None:
    make_account()
    token = enter().token
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    who(token, AT + timedelta(seconds=59))
    assert [each.split()[0] for each in statements] == ["SELECT"]
    who(token, AT + MINUTE)
    event.remove(db.engine, "before_cursor_execute", note)
    assert [each.split()[0] for each in statements] == ["SELECT", "SELECT", "UPDATE"]


def test_a_changed_role_counts_from_the_next_request_on_and_a_disabled_account_is_out(make_account: Make) -> None:
    make_account()
    token = enter().token
    with unit_of_work() as session:
        session.execute(update(Account).values(role="leader"))
    assert who(token).role is Role.LEADER
    with unit_of_work() as session:
        session.execute(update(Account).values(is_active=False))
    with pytest.raises(NotSignedIn):
        who(token)


def test_all_sessions_of_an_account_end_at_once_and_those_of_others_stay(make_account: Make) -> None:
    mine = make_account()
    make_account("han")
    tokens = [enter().token, enter(source=ELSEWHERE).token]
    other = enter("han").token
    with unit_of_work():
        end_sessions(int(mine.id), AT)
    for token in tokens:
        with pytest.raises(NotSignedIn):
            who(token)
    assert who(other).login == "han"


def test_what_is_over_is_forgotten(make_account: Make) -> None:
    make_account()
    enter()
    fail(1, "nobody")
    with unit_of_work():
        tidy_sessions(AT + timedelta(hours=12))
    assert db.session.scalar(select(func.count()).select_from(SignedInSession)) == 0
    assert [row.succeeded_at for row in db.session.scalars(select(SignInCount))] == [AT]


def test_nobodys_hash_takes_as_long_as_somebodys() -> None:
    assert not PasswordHasher().check_needs_rehash(NOBODY)
    assert not verify_password(NOBODY, PASSWORD)
