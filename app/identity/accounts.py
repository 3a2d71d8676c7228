"""Making accounts and checking passwords (argon2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy.dialects.postgresql import insert

from app.audit.record import Act, record
from app.db import db
from app.errors import Conflict, Invalid
from app.identity.actor import Role
from app.identity.models import Account

SHORTEST_PASSWORD = 8
STREAM = "identity"

_hasher = PasswordHasher()


class LoginTaken(Conflict):
    """Somebody has this login already."""

    code = "login_taken"


class PasswordTooShort(Invalid):
    """The password is easily guessed."""

    code = "password_too_short"


@dataclass(frozen=True)
class NewAccount:
    """Who is to sign in, and as what."""

    login: str
    name: str
    role: Role
    programme: str
    department: str
    staff: str | None = None


def create_account(new: NewAccount, password_hash: str, by: str, at: datetime) -> int:
    """Store an account and record who made it; return its id.

    Raises:
        LoginTaken: the login is in use.
    """
    values = {
        "login": new.login, "name": new.name, "password_hash": password_hash, "role": new.role.value,
        "programme": new.programme, "department": new.department, "staff": new.staff, "created_at": at,
    }  # fmt: skip
    statement = insert(Account).values(**values).on_conflict_do_nothing(index_elements=["login"]).returning(Account.id)
    key = db.session.scalar(statement)
    if key is None:
        raise LoginTaken(f"登录名 {new.login} 已有人使用。")
    record(STREAM, Act(by, "create_account", {"account": key, "role": new.role.value, "department": new.department}), at)
    return key


def hash_password(password: str) -> str:
    """Return what is stored of a password; takes about 0.1 s on purpose.

    Raises:
        PasswordTooShort: fewer than eight characters.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise PasswordTooShort(f"密码至少 {SHORTEST_PASSWORD} 个字符。")
    return _hasher.hash(password)


def verify_password(password_hash: str, password: str) -> bool:
    """Return whether this is the password; a hash that makes no sense fits none."""
    try:
        return _hasher.verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False
