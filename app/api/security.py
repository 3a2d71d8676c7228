"""Who sends a request, and whether they may: a permission on every route, asked before the body is read."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import g, request
from flask_smorest import Blueprint

from app.db import looking
from app.identity.actor import Actor
from app.identity.errors import NotSignedIn
from app.identity.rights import Right, require_right
from app.identity.sessions import authenticate
from app.identity.substitutes import as_substitute
from app.identity.tokens import PREFIX, authenticate_token
from app.programmes.errors import ProgrammeUnknown
from app.programmes.queries import read_programme
from app.request import clock, current_actor

P = ParamSpec("P")
R = TypeVar("R")


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
