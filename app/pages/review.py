"""评价: the page behind a window's QR code and a service's personal link; it works without scripts and needs no account."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.catalogue.links import SERVICE, Link, read_link, sign_link
from app.db import unit_of_work
from app.errors import NotFound
from app.intake.giving import Given, find_asked, find_own_service, row_of, takes_voices
from app.limits import GUESSES, limiter
from app.pages.guard import refuse_other_sites
from app.pages.taking import LEVELS, LONGEST, NotYet, given, reasons_by_level, take_in
from app.request import clock, vault

blueprint = Blueprint("review", __name__, template_folder="templates")
blueprint.before_request(refuse_other_sites)


def is_wrong(response: Response) -> bool:
    """Whether a request was a guess that failed: only those are counted."""
    return response.status_code in {404, 422}


guesses = limiter.limit(GUESSES, deduct_when=is_wrong)


@blueprint.get("/r/<text>")
@guesses
def show(text: str) -> ResponseReturnValue:
    """Ask how it went."""
    return _show(text)


def _show(text: str, wrong: str = "", status: int = 200) -> ResponseReturnValue:
    link = read_link(text, vault().index_key)
    with unit_of_work() as session:
        asked = find_asked(link, clock().now(session.connection()))
        voices = takes_voices(link.programme)
    page = render_template(
        "review.html", asked=asked, text=text, wrong=wrong, typed=request.form, levels=LEVELS, reasons=reasons_by_level(),
        is_service=link.kind == SERVICE, takes_voices=voices, longest=LONGEST, is_large="large" in request.args,
    )  # fmt: skip
    return page, status


@blueprint.post("/r/<text>")
@guesses
def give(text: str) -> ResponseReturnValue:
    """Take the review in; a bad one opens its case before this is answered."""
    link = read_link(text, vault().index_key)
    try:
        refused = _take(link, given())
    except NotYet as error:
        return _show(text, error.message, 422)
    if refused:
        return _show(text, "这次办理已经有评价了。想补充的话，七天内可以追加一次，请拨打 12345。", 409)
    return redirect(url_for("review.thanks"), 303)


def _take(link: Link, said: Given) -> bool:
    """Store it as the exchange's rows are stored; return whether it was refused."""
    with unit_of_work() as session:
        row = row_of(link, said, clock().now(session.connection()))
    return bool(take_in("reviews", row, vault()).refused)


@blueprint.post("/r/<text>/service")
@guesses
def find(text: str) -> ResponseReturnValue:
    """Lead from a window's code to one's own service."""
    link = read_link(text, vault().index_key)
    if link.kind == SERVICE:
        return redirect(url_for("review.show", text=text), 303)
    record, phone_end = request.form.get("record", "").strip(), request.form.get("phone_end", "").strip()
    try:
        with unit_of_work() as session:
            own = find_own_service(link, record, phone_end, clock().now(session.connection()), vault())
    except NotFound as error:
        return _show(text, error.message, 404)
    return redirect(url_for("review.show", text=sign_link(own, vault().index_key)), 303)


@blueprint.get("/thanks")
def thanks() -> str:
    """Say that it was received, and what comes next."""
    return render_template("thanks.html")
