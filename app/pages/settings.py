"""我的设置: one's password, one's sessions, and whether single letters are keys."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.acts import in_one_act
from app.cases.errors import FormInvalid
from app.errors import AppError
from app.http_errors import status_of
from app.identity.accounts import change_own_password
from app.identity.rights import Right
from app.identity.sessions import end_sessions
from app.limits import SIGN_IN, limiter
from app.pages.guard import refuse_other_sites, shows

blueprint = Blueprint("page_settings", __name__, url_prefix="/settings", template_folder="templates")
blueprint.before_request(refuse_other_sites)


@blueprint.get("")
@shows(Right.OWN_SESSION)
def index() -> str:
    """Show what one can set for oneself."""
    return render_template("settings.html", wrong=None)


@blueprint.post("/password")
@limiter.limit(SIGN_IN)
@shows(Right.OWN_SESSION)
def change() -> ResponseReturnValue:
    """Change one's password; one signs in anew with it, everywhere."""
    old, new, again = (request.form.get(name, "") for name in ("old", "new", "again"))
    try:
        if new != again:
            raise FormInvalid("两次填的新密码不一样，请重填。", fields={"新密码": "两次不同"})
        in_one_act(lambda now: change_own_password(g.actor, old, new, now), {}, may_repeat=True)
    except AppError as error:
        return render_template("settings.html", wrong=error), status_of(error)
    return redirect(url_for("door.enter", done="password"), 303)


@blueprint.post("/sessions/end")
@shows(Right.OWN_SESSION)
def leave_everywhere() -> ResponseReturnValue:
    """End all of one's sessions, on every machine, this one too."""
    in_one_act(lambda now: end_sessions(int(g.actor.id), now), {}, may_repeat=True)
    return redirect(url_for("door.enter", done="sessions"), 303)
