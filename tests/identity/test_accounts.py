"""Accounts: who makes and changes them, and that nobody helps themselves to rights."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.clock import VirtualClock
from app.db import db, unit_of_work
from app.identity.accounts import (
    NewAccount,
    Post,
    add_account,
    change_own_password,
    change_post,
    create_account,
    disable_account,
    enable_account,
    list_accounts,
    reset_password,
)
from app.identity.actor import ADMINISTRATORS, Actor, Role
from app.identity.errors import (
    AccountInvalid,
    AccountNotFound,
    LoginTaken,
    NotSignedIn,
    NotYourOwn,
    PasswordGuessable,
    PasswordTooShort,
    SignInDelayed,
    SignInRefused,
)
from app.identity.models import Account
from app.identity.passwords import hash_password, require_good_password, verify_password
from app.identity.rights import RightMissing
from app.identity.sessions import authenticate, sign_in
from identity.conftest import AT, AUDIT, HASH, PASSWORD, SECURITY, SYSTEM, Make

NEW = NewAccount("gc-realty-1", "王小明", Role.HANDLER, "gc", "gc-realty", "gc-realty-s1")
LEADER = Post(Role.LEADER, "gc", "gc-office")
NEXT = "another horse battery"


def test_a_password_is_known_by_its_hash_alone() -> None:
    stored = hash_password("correct horse")
    assert stored.startswith("$argon2id$")
    assert verify_password(stored, "correct horse")
    assert not verify_password(stored, "wrong horse")
    assert not verify_password("-", "correct horse")
    assert not verify_password(stored, "x" * 1_000_000)


def test_a_short_or_endless_password_is_refused() -> None:
    for password in ("123456abc", "长" * 201):
        with pytest.raises(PasswordTooShort):
            require_good_password(password, "li")
    require_good_password("长九个汉字的密码也可", "li")


@pytest.mark.parametrize("password", ["Password123", "1234567890", "aaaaaaaaaaaa", "XX-zhang.san-XX", "Admin@12345"])
def test_what_is_guessed_first_is_refused(password: str) -> None:
    with pytest.raises(PasswordGuessable):
        require_good_password(password, "Zhang.San")


@pytest.mark.clause("P2")
def test_an_account_is_stored_and_recorded_without_name_or_password(database: Flask) -> None:
    with unit_of_work():
        key = create_account(NEW, "$hash", "admin", AT)
    account = db.session.get_one(Account, key)
    assert account.actor() == Actor(str(key), Role.HANDLER, "gc", "gc-realty", "gc-realty-s1", "gc-realty-1", "王小明")
    assert account.is_active
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.stream == "identity")).one()
    assert (entry.actor, entry.act) == ("admin", "create_account")
    assert entry.payload == {"account": key, "role": "handler", "department": "gc-realty"}


def test_a_login_belongs_to_one_account(database: Flask) -> None:
    with unit_of_work():
        create_account(NEW, "$hash", "admin", AT)
    with pytest.raises(LoginTaken), unit_of_work():
        create_account(NEW, "$other", "admin", AT)
    assert db.session.scalars(select(Account.password_hash)).all() == ["$hash"]


@pytest.mark.parametrize(
    "new",
    [
        NewAccount("a", "甲", Role.SYSTEM, "gc", "d"),
        NewAccount("a", "甲", Role.SECURITY_ADMIN, "gc", ""),
        NewAccount("a", "甲", Role.HANDLER, "gc", ""),
        NewAccount("a", "甲", Role.HEAD, "", "d"),
        NewAccount("a", "甲", Role.WINDOW, "gc", "d"),
    ],
)
def test_a_post_whose_parts_do_not_fit_is_refused(database: Flask, new: NewAccount) -> None:
    with pytest.raises(AccountInvalid):
        create_account(new, HASH, "admin", AT)


def test_the_security_administrator_makes_changes_and_closes_accounts(database: Flask) -> None:
    with unit_of_work():
        add_account(SECURITY, NEW, PASSWORD, AT)
        token = sign_in(NEW.login, PASSWORD, "here", AT).token
    with unit_of_work():
        change_post(SECURITY, NEW.login, LEADER, AT)
    with pytest.raises(NotSignedIn):
        authenticate(token, VirtualClock(AT))
    with unit_of_work():
        assert authenticate(sign_in(NEW.login, PASSWORD, "here", AT).token, VirtualClock(AT)).role is Role.LEADER
        disable_account(SECURITY, NEW.login, AT)
    with pytest.raises(SignInRefused), unit_of_work():
        sign_in(NEW.login, PASSWORD, "here", AT)
    with unit_of_work():
        enable_account(SECURITY, NEW.login, AT)
        reset_password(SECURITY, NEW.login, NEXT, AT)
        assert sign_in(NEW.login, NEXT, "here", AT)
    acts = db.session.scalars(select(AuditEntry.act).where(AuditEntry.actor == SECURITY.id)).all()
    assert acts == ["create_account", "change_post", "disable_account", "enable_account", "change_password"]
    assert [account.login for account in list_accounts(AUDIT)] == [NEW.login]


Verb = Callable[[Actor], object]
VERBS: list[Verb] = [
    lambda actor: add_account(actor, NEW, PASSWORD, AT),
    lambda actor: change_post(actor, "li", LEADER, AT),
    lambda actor: disable_account(actor, "li", AT),
    lambda actor: enable_account(actor, "li", AT),
    lambda actor: reset_password(actor, "li", NEXT, AT),
]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("actor", [SYSTEM, AUDIT, Actor("1", Role.HEAD, "xs", "rated")])
def test_nobody_else_touches_accounts(make_account: Make, verb: Verb, actor: Actor) -> None:
    make_account()
    with pytest.raises(RightMissing):
        verb(actor)


@pytest.mark.parametrize("verb", VERBS[1:])
def test_an_account_that_is_not_there_is_told_so(database: Flask, verb: Verb) -> None:
    with pytest.raises(AccountNotFound):
        verb(SECURITY)


def test_the_security_administrator_has_no_way_to_their_own_rights(make_account: Make) -> None:
    me = make_account("sec", Role.SECURITY_ADMIN)
    with pytest.raises(NotYourOwn):
        change_post(me, "sec", LEADER, AT)
    with pytest.raises(NotYourOwn):
        disable_account(me, "sec", AT)


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
def test_administrators_are_made_and_changed_at_the_command_line_alone(make_account: Make, role: Role) -> None:
    make_account("other", role)
    make_account("li")
    for verb in (
        lambda: add_account(SECURITY, NewAccount("new", "甲", role, "", ""), PASSWORD, AT),
        lambda: change_post(SECURITY, "li", Post(role, "", ""), AT),
        lambda: change_post(SECURITY, "other", LEADER, AT),
        lambda: reset_password(SECURITY, "other", NEXT, AT),
        lambda: enable_account(SECURITY, "other", AT),
    ):
        with pytest.raises(NotYourOwn):
            verb()
    disable_account(SECURITY, "other", AT)


def test_people_change_their_own_password_knowing_the_old_one(make_account: Make) -> None:
    me = make_account()
    with unit_of_work():
        token = sign_in("li", PASSWORD, "here", AT).token
    with pytest.raises(PasswordTooShort), unit_of_work():
        change_own_password(me, PASSWORD, "short", AT)
    with unit_of_work():
        change_own_password(me, PASSWORD, NEXT, AT)
    with pytest.raises(NotSignedIn):
        authenticate(token, VirtualClock(AT))
    with unit_of_work():
        assert sign_in("li", NEXT, "here", AT)


def test_an_unlocked_screen_is_no_place_to_guess_the_password(make_account: Make) -> None:
    me = make_account()
    for _ in range(5):
        with pytest.raises(SignInRefused), unit_of_work():
            change_own_password(me, "wrong", NEXT, AT)
    with pytest.raises(SignInDelayed), unit_of_work():
        change_own_password(me, PASSWORD, NEXT, AT)
