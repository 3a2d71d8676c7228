"""Coming in and going out: sessions that live in the database, so that they end everywhere at once."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, insert, select, update

from app.audit.record import Act, record
from app.clock import Clock
from app.db import db, table_of
from app.identity import attempts
from app.identity.actor import ADMINISTRATORS, Actor, Role
from app.identity.errors import NotSignedIn, SignInRefused
from app.identity.models import Account, SignedInSession
from app.identity.passwords import NOBODY, verify_password

STREAM = "identity"
# Whoever leaves the desk is signed out; administrators sooner (W10).
IDLE = timedelta(minutes=30)
IDLE_ADMINISTRATORS = timedelta(minutes=15)
# A working day and the way home: nobody stays signed in over night.
ABSOLUTE = timedelta(hours=12)
# How exactly we know when somebody was last here: a request normally writes nothing.
TOUCH = timedelta(minutes=1)

SESSIONS, ACCOUNTS = table_of(SignedInSession), table_of(Account)
# With the moment at which it is looked up: one statement for every request.
FIND = (
    select(SESSIONS.c.digest, SESSIONS.c.seen_at, SESSIONS.c.expires_at, ACCOUNTS, func.clock_timestamp().label("read_at"))
    .join_from(SESSIONS, ACCOUNTS, ACCOUNTS.c.id == SESSIONS.c.account_id)
    .where(SESSIONS.c.digest == bindparam("shown"))
)


@dataclass(frozen=True)
class SignedIn:
    """A new session. The token is told once; only its digest is kept."""

    token: str
    account: int
    expires_at: datetime


def sign_in(login: str, password: str, source: str, now: datetime) -> SignedIn:
    """Let somebody in by password; `source` is the address they come from.

    Call it in a `unit_of_work()` of its own: a failure is a `RecordedRefusal`, so its
    count is committed although it is raised. Unknown login, wrong password and disabled
    account are told alike and take the same time.

    Raises:
        SignInRefused: not let in.
        SignInDelayed: too many failures before; the password was not looked at.
    """
    attempt = attempts.begin_attempt(login, source, now)
    account = db.session.scalar(select(Account).where(Account.login == login))
    fits = verify_password(account.password_hash if account else NOBODY, password)
    if account is None or not fits or not account.is_active:
        attempts.count_failure(attempt, now)
        record(STREAM, Act("-", "sign_in_failed", {"account": account and account.id, "source": source}), now)
        raise SignInRefused("登录名或密码不对，或账号已停用。")
    attempts.count_success(attempt, now)
    return _open_session(account.id, source, now)


def _open_session(account: int, source: str, now: datetime) -> SignedIn:
    token = secrets.token_urlsafe(32)
    row = {"digest": digest(token), "account_id": account, "created_at": now, "seen_at": now, "expires_at": now + ABSOLUTE}
    db.session.execute(insert(SESSIONS), row)
    record(STREAM, Act(str(account), "sign_in", {"source": source}), now)
    return SignedIn(token, account, now + ABSOLUTE)


def authenticate(token: str, clock: Clock, *, keeps_awake: bool = True) -> Actor:
    """Return who shows a session's token, with the role they have at this moment.

    What a page asks for by itself does not keep a session awake that nobody sits at.

    Raises:
        NotSignedIn: no such session, or it is over: by its limits, by signing out, or
            because the account is disabled.
    """
    row = db.session.connection().execute(FIND, {"shown": digest(token)}).mappings().first()
    if row is None or not row["is_active"]:
        raise _not_signed_in()
    now = clock.of(row["read_at"])
    if now >= min(row["expires_at"], row["seen_at"] + _idle(row["role"])):
        raise _not_signed_in()
    if keeps_awake and now - row["seen_at"] >= TOUCH:
        db.session.execute(update(SESSIONS).where(SESSIONS.c.digest == row["digest"]).values(seen_at=now))
    role = Role(row["role"])
    return Actor(str(row["id"]), role, row["programme"], row["department"], row["staff"], row["login"], row["name"])


def _not_signed_in() -> NotSignedIn:
    return NotSignedIn("尚未登录，或登录已失效，请重新登录。")


def _idle(role: str) -> timedelta:
    return IDLE_ADMINISTRATORS if role in ADMINISTRATORS else IDLE


def sign_out(token: str, now: datetime) -> None:
    """End this session; one that is over already changes nothing."""
    gone = delete(SESSIONS).where(SESSIONS.c.digest == digest(token)).returning(SESSIONS.c.account_id)
    account = db.session.scalar(gone)
    if account is not None:
        record(STREAM, Act(str(account), "sign_out"), now)


def end_sessions(account: int, now: datetime) -> None:
    """End all sessions of an account, at once and on every machine."""
    gone = db.session.execute(delete(SESSIONS).where(SESSIONS.c.account_id == account).returning(SESSIONS.c.digest)).all()
    if gone:
        record(STREAM, Act("-", "end_sessions", {"account": account, "sessions": len(gone)}), now)


def tidy_sessions(now: datetime) -> None:
    """Forget sessions and counts that no longer matter."""
    db.session.execute(delete(SESSIONS).where(SESSIONS.c.expires_at <= now))
    attempts.tidy_counts(now)


def digest(token: str) -> bytes:
    """Return what is stored of a random token: it has 256 bits, so a plain digest cannot be guessed back."""
    return hashlib.sha256(token.encode()).digest()
