"""Who looks at a page: the session's cookie, a right for every page, and no request that another site had made.

The cookie holds the token of the same session row that the API knows, so signing out,
closing an account and every limit end both at once.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import ParamSpec
from urllib.parse import urlsplit

from flask import Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.cases.visibility import Concern, concerns_of
from app.db import looking
from app.errors import NotPermitted
from app.identity.actor import Actor
from app.identity.errors import NotSignedIn, SubstitutionNotFound
from app.identity.rights import Right, require_right
from app.identity.sessions import authenticate
from app.identity.substitutes import as_substitute
from app.limits import GUESSES, limiter
from app.request import clock

P = ParamSpec("P")
COOKIE = "bihuan_session"
# For whom one acts as substitute, by login; whether one may is asked anew at every request.
BEHALF = "bihuan_for"
SAFE = {"GET", "HEAD", "OPTIONS"}


def _is_wrong(response: Response) -> bool:
    return response.status_code in {404, 422}


# On every page behind a link: only a guess that failed is counted, whichever page was tried.
guesses = limiter.shared_limit(GUESSES, scope="links", deduct_when=_is_wrong)


class CrossSite(NotPermitted):
    """Another site had a browser send this."""

    code = "cross_site"


def shows(
    right: Right, *, by_itself: bool = False
) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """Let only those see a page who have a right; who is not signed in is led to the door, and back afterwards.

    A part of a page that is asked for then says so in its place: what was typed beside it is not lost.

    `by_itself`: a page asks for it without its reader, which keeps nobody signed in.
    """

    def around(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def permitted(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            try:
                g.actor, g.concerns = _signed_in(by_itself)
            except NotSignedIn:
                if "HX-Request" in request.headers:
                    return ("", 204) if by_itself else render_template("signed_out.html")
                return redirect(url_for("door.enter", next=request.full_path.rstrip("?") if request.method in SAFE else None))
            require_right(g.actor, right)
            return view(*args, **kwargs)

        permitted.right = right  # type: ignore[attr-defined]  # read by the test of the URL map
        return permitted

    return around


def _signed_in(by_itself: bool) -> tuple[Actor, frozenset[Concern]]:
    with looking() as session:
        actor = authenticate(request.cookies.get(COOKIE, ""), clock(), keeps_awake=not by_itself)
        behalf = request.cookies.get(BEHALF)
        if behalf:
            with suppress(SubstitutionNotFound):
                actor = as_substitute(actor, behalf, clock().now(session.connection()))
        return actor, concerns_of(actor)


def refuse_other_sites() -> None:
    """Refuse what changes something unless a page of ours sent it, as the browser itself says.

    Every browser says so by `Sec-Fetch-Site` or, older ones, by `Origin`; the cookie is
    not sent along from elsewhere either (SameSite). No hidden tokens are needed then.

    Raises:
        CrossSite: another site sent it, or what sent it does not say.
    """
    if request.method in SAFE:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin", "")
    if site != "same-origin" and (site is not None or urlsplit(origin).netloc != request.host):
        raise CrossSite("这次提交不是从本系统的页面发出的，没有生效。请回到原来的页面重新提交。")
