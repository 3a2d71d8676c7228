"""Accounts and the three administrators, valid by default."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask

from app.db import db, unit_of_work
from app.identity.accounts import NewAccount, create_account
from app.identity.actor import Actor, Role
from app.identity.models import Account
from app.identity.passwords import hash_password

AT = datetime(2025, 4, 1, 1, tzinfo=UTC)
PASSWORD = "correct horse battery"
HASH = hash_password(PASSWORD)
SECURITY = Actor("900", Role.SECURITY_ADMIN, "", "", login="security")
AUDIT = Actor("901", Role.AUDIT_ADMIN, "", "", login="audit")
SYSTEM = Actor("902", Role.SYSTEM_ADMIN, "", "", login="system")

Make = Callable[..., Actor]


@pytest.fixture
def make_account(database: Flask) -> Make:
    """Return a factory of accounts that all have the same password."""

    def make(login: str = "li", role: Role = Role.HANDLER, department: str = "rated", **more: str) -> Actor:
        is_admin = role.value.endswith("_admin")
        new = NewAccount(login, "李雷", role, "" if is_admin else "xs", "" if is_admin else department, **more)
        with unit_of_work():
            key = create_account(new, HASH, "test", AT)
            return db.session.get_one(Account, key).actor()

    return make
