"""Accounts and their passwords."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.db import db, unit_of_work
from app.identity.accounts import LoginTaken, NewAccount, PasswordTooShort, create_account, hash_password, verify_password
from app.identity.actor import Actor, Role
from app.identity.models import Account

AT = datetime(2025, 4, 1, 1, tzinfo=UTC)
NEW = NewAccount("gc-realty-1", "王小明", Role.HANDLER, "gc", "gc-realty", "gc-realty-s1")


def test_a_password_is_known_by_its_hash_alone() -> None:
    stored = hash_password("correct horse")
    assert stored.startswith("$argon2id$")
    assert verify_password(stored, "correct horse")
    assert not verify_password(stored, "wrong horse")
    assert not verify_password("-", "correct horse")


def test_a_short_password_is_refused() -> None:
    with pytest.raises(PasswordTooShort):
        hash_password("1234567")


@pytest.mark.clause("P2")
def test_an_account_is_stored_and_recorded_without_name_or_password(database: Flask) -> None:
    with unit_of_work():
        key = create_account(NEW, "$hash", "admin", AT)
    account = db.session.get_one(Account, key)
    assert account.actor() == Actor(str(key), Role.HANDLER, "gc", "gc-realty", "gc-realty-s1")
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
