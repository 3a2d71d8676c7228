"""Signing in and out; everybody lands on what needs doing today."""

from __future__ import annotations

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.db import unit_of_work
from app.errors import AppError
from app.http_errors import status_of
from app.identity.actor import Actor
from app.identity.rights import Right, may
from app.identity.sessions import ABSOLUTE, sign_in, sign_out
from app.limits import SIGN_IN, limiter
from app.pages.guard import BEHALF, COOKIE, refuse_other_sites, shows
from app.request import clock

blueprint = Blueprint("door", __name__, template_folder="templates")
blueprint.before_request(refuse_other_sites)


@blueprint.get("/sign-in")
def enter() -> str:
    """Show the door."""
    return _door("", None, request.args.get("next", ""))


def _door(login: str, error: str | None, onward: str) -> str:
    demo = current_app.extensions["bihuan"].get("demo_accounts")
    if demo is None:
        return render_template("sign_in.html", login=login, error=error, next=onward)
    samples, secret, offered = demo
    with unit_of_work():
        programmes = {"先试这些": samples, **offered()}
    return render_template("sign_in.html", login=login, error=error, next=onward, offered=programmes, secret=secret)


@blueprint.post("/sign-in")
@limiter.limit(SIGN_IN)
def sign_in_here() -> ResponseReturnValue:
    """Let somebody in by login and password; the token goes into a cookie that no script reads."""
    login, password, onward = (request.form.get(name, "") for name in ("login", "password", "next"))
    try:
        with unit_of_work() as session:
            signed_in = sign_in(login, password, request.remote_addr or "", clock().now(session.connection()))
    except AppError as error:
        return _door(login, error.message, onward), status_of(error)
    answer = redirect(_ours(onward))
    answer.set_cookie(COOKIE, signed_in.token, ABSOLUTE, secure=_is_secure(), httponly=True, samesite="Strict")
    return answer


def _ours(address: str) -> str:
    """Return an address of this site, or home: a link must not lead elsewhere by way of us."""
    is_path = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if is_path else url_for("door.home")


def _is_secure() -> bool:
    return str(current_app.extensions["bihuan"]["config"].site).startswith("https:")


@blueprint.post("/sign-out")
@shows(Right.OWN_SESSION)
def leave() -> ResponseReturnValue:
    """Sign out: the session ends at once, everywhere."""
    with unit_of_work() as session:
        sign_out(request.cookies.get(COOKIE, ""), clock().now(session.connection()))
    answer = redirect(url_for("door.enter"))
    answer.delete_cookie(COOKIE)
    answer.delete_cookie(BEHALF)
    return answer


@blueprint.post("/standing-in")
@shows(Right.SUBSTITUTE)
def stand_in() -> ResponseReturnValue:
    """Act for a colleague on leave from now on, or for oneself again; every act names both."""
    answer = redirect(url_for("page_inbox.index"), 303)
    login = request.form.get("login", "")
    if login:
        answer.set_cookie(BEHALF, login, secure=_is_secure(), httponly=True, samesite="Strict")
    else:
        answer.delete_cookie(BEHALF)
    return answer


# What each role does first, the first that is open to it.
HOMES = (
    (Right.READ_FIGURES, "page_leaders.index"),
    (Right.READ_INBOX, "page_inbox.index"),
    (Right.READ_CASES, "page_cases.index"),
    (Right.TAKE_CALLS, "page_hotline.index"),
    (Right.READ_OWN_RATINGS, "page_my_ratings.index"),
    (Right.RESUME_CASES, "page_health.index"),
    (Right.READ_AUDIT, "page_audit.index"),
    (Right.EDIT_ACCOUNTS, "page_accounts.index"),
    (Right.READ_PROGRAMMES, "page_programmes.index"),
)


@blueprint.get("/home")
@shows(Right.OWN_SESSION)
def home() -> ResponseReturnValue:
    """Lead everybody to what needs doing today."""
    actor: Actor = g.actor
    return redirect(url_for(next(place for right, place in HOMES if may(actor, right))))
