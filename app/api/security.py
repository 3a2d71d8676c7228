"""Who sends a request, and whether they may: a permission on every route, asked before the body is read."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import current_app, g, request
from flask_smorest import Blueprint

from app.clock import Clock
from app.config import Config
from app.db import looking
from app.errors import Invalid
from app.idempotency import Once, digest_of
from app.identity.actor import Actor
from app.identity.errors import NotSignedIn
from app.identity.rights import Right, require_right
from app.identity.sessions import authenticate
from app.identity.substitutes import as_substitute
from app.identity.tokens import PREFIX, authenticate_token
from app.identity.vault import Vault, load_vault
from app.programmes.errors import ProgrammeUnknown
from app.programmes.queries import read_programme

P = ParamSpec("P")
R = TypeVar("R")
LONGEST_KEY = 100


def permits(right: Right) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let only those through who have a right; the view finds them with `current_actor`.

    `blueprint.route` goes above it, everything that reads the request below.
    """

    def around(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def permitted(*args: P.args, **kwargs: P.kwargs) -> R:
            g.actor = _signed_in()
            require_right(g.actor, right)
            return view(*args, **kwargs)

        permitted.right = right  # type: ignore[attr-defined]  # read by the test of the URL map
        documented: Callable[P, R] = Blueprint.doc(security=[{"token": []}], **{"x-right": right.value})(permitted)
        return documented

    return around


def _signed_in() -> Actor:
    token = bearer_token()
    behalf = request.headers.get("X-On-Behalf-Of")
    with looking() as session:
        actor = authenticate_token(token, clock()) if token.startswith(PREFIX) else authenticate(token, clock())
        return as_substitute(actor, behalf, clock().now(session.connection())) if behalf else actor


def bearer_token() -> str:
    """Return the token of the request.

    Raises:
        NotSignedIn: there is none.
    """
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise NotSignedIn("请先登录，并在 Authorization 头里写 Bearer 和令牌。")
    return token.strip()


def current_actor() -> Actor:
    """Return who sends the request."""
    actor: Actor = g.actor
    return actor


def own_programme(named: str) -> str:
    """Return a programme that is named in a path: one's own, or any for administrators, who belong to none.

    Raises:
        ProgrammeUnknown: it is another's, or there is none; what is not yours is not there.
    """
    mine, code = current_actor().programme, named.lower()
    if mine and mine != code:
        raise ProgrammeUnknown(f"没有代码为 {code[:40]} 的方案。")
    read_programme(code)
    return code


def clock() -> Clock:
    """Return the clock of the running application."""
    found: Clock = current_app.extensions["bihuan"]["clock"]
    return found


def vault() -> Vault:
    """Return the keys of reviewers' data."""
    config: Config = current_app.extensions["bihuan"]["config"]
    return load_vault(config.key_file)


def this_request() -> Once | None:
    """Return what makes this request an act that happens once; None when it carries no key.

    Raises:
        Invalid: the key is too long, or not plain text.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise Invalid(f"Idempotency-Key 应为 1 到 {LONGEST_KEY} 个可见的英文字符。")
    return Once(current_actor().id, f"{request.method} {request.path}", key, digest_of(_body(), vault().index_key))


def _body() -> Any:
    return request.get_json(silent=True) if request.is_json else None
