"""窗口评价器: waits at a window, asks by itself when a matter there is accepted or finished, and goes back after a while.

It listens to a stream of events that ends at once and is opened again every two seconds:
one indexed look each, and neither a thread nor a connection is held for a kiosk.
"""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.acts import in_one_act
from app.catalogue.links import EVALUATOR, SERVICE, Link, read_link, sign_link
from app.catalogue.queries import find_entry
from app.catalogue.sheets import code_of
from app.db import unit_of_work
from app.intake.giving import Asked, Given, find_asked, row_of
from app.intake.models import WindowCall
from app.intake.reasons import REASONS
from app.intake.window_calls import is_answered, newest_call
from app.pages.guard import guesses, refuse_other_sites
from app.pages.taking import LEVELS, level_in_form, reasons_by_level, store
from app.request import clock, vault

blueprint = Blueprint("kiosk", __name__, template_folder="templates")
blueprint.before_request(refuse_other_sites)
RETRY_MS = 2000


@blueprint.get("/kiosk/<text>")
@guesses
def show(text: str) -> str:
    """Wait, or ask about the newest matter; `past` names the call that was put aside."""
    link = _read(text)
    with unit_of_work() as session:
        now = clock().now(session.connection())
        window = find_entry(link.programme, "window", link.parts[0])["name"]
        call = newest_call(link.programme, link.parts[0], now)
        is_past = call is not None and str(call.id) == request.args.get("past")
        asked = find_asked(_service(call), now) if call and not is_past else None
    return _page(text, window, "ask" if asked and not asked.is_given else "wait", call, asked)


def _page(text: str, window: str, stage: str, call: WindowCall | None, asked: Asked | None = None, **more: object) -> str:
    return render_template(
        "kiosk.html", text=text, window=window, stage=stage, call=call.id if call else 0, asked=asked, levels=LEVELS,
        **more,
    )  # fmt: skip


def _read(text: str) -> Link:
    return read_link(text, vault().index_key, EVALUATOR)


def _service(call: WindowCall) -> Link:
    return Link(SERVICE, call.programme, (call.record, str(call.visit)))


@blueprint.get("/kiosk/<text>/events")
def watch(text: str) -> Response:
    """Tell which call is the newest, unless the kiosk knows it already or nothing is left to ask."""
    link = _read(text)
    known = request.headers.get("Last-Event-ID") or request.args.get("known")
    with unit_of_work() as session:
        call = newest_call(link.programme, link.parts[0], clock().now(session.connection()))
        is_new = call is not None and str(call.id) != known and not is_answered(call)
    told = f"id: {call.id}\nevent: call\ndata: {call.id}\n\n" if call and is_new else ""
    return Response(f"retry: {RETRY_MS}\n\n{told}", mimetype="text/event-stream")


@blueprint.post("/kiosk/<text>")
@guesses
def give(text: str) -> ResponseReturnValue:
    """Take a level in; a bad one asks for its reasons first. What is no longer asked is not taken for somebody else's matter."""
    link, level = _read(text), level_in_form("level")
    with unit_of_work() as session:
        now = clock().now(session.connection())
        window = find_entry(link.programme, "window", link.parts[0])["name"]
        call = newest_call(link.programme, link.parts[0], now)
        is_this = call is not None and str(call.id) == request.form.get("call")
        asked = find_asked(_service(call), now) if call and is_this else None
    if call is None or asked is None or level is None:
        return redirect(url_for("kiosk.show", text=text), 303)
    reasons = [code for code in request.form.getlist("reason") if code in REASONS and code[0] == str(level)]
    if level <= 2 and not reasons:
        more = {"level": level, "reasons": reasons_by_level()[level], "wrong": "send" in request.form}
        return _page(text, window, "reasons", call, asked, **more)
    given = Given(level, reasons, "", None, False)
    reply = in_one_act(lambda at: store(row_of(_service(call), given, at, "tablet")))
    receipt = reply.get("receipt")
    return _page(text, window, "thanks", call, asked, receipt=_drawn(Link(*receipt)) if receipt else None)


def _drawn(receipt: Link) -> str:
    """Return the code that takes a receipt along on one's own phone, as the address of a picture."""
    site = current_app.extensions["bihuan"]["config"].site
    drawn = code_of(site + url_for("receipt.show", text=sign_link(receipt, vault().index_key)))
    return f"data:image/svg+xml,{quote(drawn)}"
