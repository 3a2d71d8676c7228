"""Tokens of department systems: shown once, kept as a digest, good for what their scopes name and no more."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, update

from app.audit.record import Act, record
from app.clock import Clock
from app.db import db, table_of
from app.identity.actor import Actor, Role
from app.identity.errors import NotSignedIn, ScopeUnknown, TokenNotFound
from app.identity.models import Token
from app.identity.rights import SYSTEM_RIGHTS, Right, require_right
from app.identity.sessions import STREAM, digest

# By it a token is told from a session's, and found where it was left lying about.
PREFIX = "bht_"

TOKENS = table_of(Token)
FIND = select(TOKENS, func.clock_timestamp().label("read_at")).where(
    TOKENS.c.digest == bindparam("shown"), TOKENS.c.revoked_at.is_(None)
)


def issue_token(
    actor: Actor, name: str, programme: str, department: str, scopes: Iterable[str], expires_at: datetime, now: datetime
) -> str:
    """Make a token for a department's system and return it; it cannot be shown again.

    Raises:
        RightMissing: the actor is no security administrator.
        ScopeUnknown: no scope, one that no system may have, or a token that is over before it begins.
    """
    require_right(actor, Right.ISSUE_TOKENS)
    wanted = sorted(set(scopes))
    if not wanted or not set(wanted) <= {right.value for right in SYSTEM_RIGHTS}:
        allowed = "、".join(sorted(right.value for right in SYSTEM_RIGHTS))
        raise ScopeUnknown(f"令牌的权限须从以下各项中选取：{allowed}。")
    if expires_at <= now or not (name and programme and department):
        raise ScopeUnknown("令牌须写明名称、方案、单位和将来的到期时间。")
    token = PREFIX + secrets.token_urlsafe(32)
    row = {
        "digest": digest(token), "name": name, "programme": programme, "department": department, "scopes": wanted,
        "issued_at": now, "issued_by": actor.id, "expires_at": expires_at,
    }  # fmt: skip
    number = db.session.scalar(insert(TOKENS).values(row).returning(TOKENS.c.id))
    told = {"token": number, "programme": programme, "department": department, "scopes": wanted}
    record(STREAM, Act(actor.id, "issue_token", told), now)
    return token


def revoke_token(actor: Actor, token: int, now: datetime) -> None:
    """End a token by its number, at once.

    Raises:
        RightMissing: the actor is no security administrator.
        TokenNotFound: there is none that is still good.
    """
    require_right(actor, Right.ISSUE_TOKENS)
    ended = update(TOKENS).where(TOKENS.c.id == token, TOKENS.c.revoked_at.is_(None)).values(revoked_at=now)
    if db.session.scalar(ended.returning(TOKENS.c.id)) is None:
        raise TokenNotFound("没有这个有效的令牌。")
    record(STREAM, Act(actor.id, "revoke_token", {"token": token}), now)


def authenticate_token(token: str, clock: Clock) -> Actor:
    """Return the system that shows a token.

    Raises:
        NotSignedIn: no such token, or it is revoked or over.
    """
    found = db.session.connection().execute(FIND, {"shown": digest(token)}).first()
    if found is None or found.expires_at <= clock.of(found.read_at):
        raise NotSignedIn("令牌无效、已撤销或已到期。")
    scopes = frozenset(found.scopes)
    return Actor(f"token:{found.id}", Role.SYSTEM, found.programme, found.department, name=found.name, scopes=scopes)


def list_tokens(actor: Actor) -> list[Token]:
    """Return all tokens with what they may do, newest first; never the tokens themselves.

    Raises:
        RightMissing: the actor is no security administrator.
    """
    require_right(actor, Right.ISSUE_TOKENS)
    return list(db.session.scalars(select(Token).order_by(Token.id.desc())))
