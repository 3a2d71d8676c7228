"""提醒: what one was told about cases, newest first; the bell in the bar says how many are new."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.acts import in_one_act
from app.cases.messages import count_new, list_messages, mark_seen
from app.db import unit_of_work
from app.identity.rights import Right
from app.pages.guard import refuse_other_sites, shows
from app.paging import after_number, page
from app.request import clock

blueprint = Blueprint("page_messages", __name__, url_prefix="/messages", template_folder="templates")
blueprint.before_request(refuse_other_sites)
ROWS = 50


@blueprint.get("")
@shows(Right.READ_CASES)
def index() -> str:
    """List what one was told."""
    with unit_of_work() as session:
        now, before = clock().now(session.connection()), after_number(request.args.get("after"))
        shown = page(list_messages(g.actor, now, before, ROWS + 1), ROWS, lambda each: [each.id])
    return render_template("messages.html", rows=shown["items"], following=shown["next"])


@blueprint.get("/count")
@shows(Right.READ_CASES, by_itself=True)
def count() -> str:
    """Say how many messages are new; nothing where none is."""
    with unit_of_work() as session:
        number = count_new(g.actor, clock().now(session.connection()))
    return f'{number}<span class="visually-hidden"> 条新提醒</span>' if number else ""


@blueprint.post("")
@shows(Right.READ_CASES)
def seen() -> ResponseReturnValue:
    """Note that one has seen what there was."""
    newest = request.form.get("newest", "")
    if newest.isdecimal() and len(newest) < 19:
        in_one_act(lambda _now: mark_seen(g.actor, int(newest)), {})
    return redirect(url_for("page_messages.index"), 303)
