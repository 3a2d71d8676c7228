"""评价: the page behind a window's QR code and a service's personal link; it works without scripts and needs no account."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.acts import in_one_act
from app.catalogue.links import MATTERS, SERVICE, WINDOW, Link, read_link, sign_link
from app.db import unit_of_work
from app.errors import NotFound
from app.intake.giving import Asked, find_asked, find_own_service, row_of, takes_voices
from app.pages.guard import guesses, refuse_other_sites
from app.pages.taking import LEVELS, LONGEST, NotYet, given_in_form, level_in_form, reasons_by_level, store
from app.request import clock, vault

blueprint = Blueprint("review", __name__, template_folder="templates")
blueprint.before_request(refuse_other_sites)
LARGE, A_YEAR = "bihuan_large", 365 * 24 * 3600


@blueprint.get("/r/<text>")
@guesses
def show(text: str) -> ResponseReturnValue:
    """Ask how it went, in large type one question a screen; a browser remembers which of both was chosen."""
    answer = make_response(_show(text, at=request.args.get("at", "")))
    if chosen := request.args.get("large"):
        answer.set_cookie(LARGE, chosen[:1], A_YEAR, secure=request.is_secure, httponly=True, samesite="Lax")
    return answer


def _show(text: str, wrong: str = "", status: int = 200, at: str = "") -> ResponseReturnValue:
    """Show the page; `at` is the question that stands on it in large type."""
    link = _read(text)
    with unit_of_work() as session:
        asked = find_asked(link, clock().now(session.connection()))
        voices = takes_voices(link.programme)
    is_large = request.args.get("large", request.cookies.get(LARGE)) == "1"
    questions, level = questions_of(link, asked), level_in_form("level")
    known = at in questions and (level or at == "level")
    page = render_template(
        "review_large.html" if is_large else "review.html", asked=asked, text=text, wrong=wrong, typed=request.form,
        levels=LEVELS, reasons=reasons_by_level(), is_service=link.kind == SERVICE, takes_voices=voices, longest=LONGEST,
        is_large=is_large, questions=questions, at=at if known else questions[0],
        level=level,
    )  # fmt: skip
    return page, status


def questions_of(link: Link, asked: Asked) -> list[str]:
    """Return what is asked in large type, a screen each; at a window for one's own service first."""
    first = [] if link.kind == SERVICE else ["service"]
    return [*first, "level", "reason", "words", *(["staff"] if asked.rates_staff else [])]


@blueprint.post("/r/<text>/next")
@guesses
def step(text: str) -> ResponseReturnValue:
    """Go on to the next question in large type, or back; the form carries along what was said so far."""
    link, at = _read(text), request.form.get("at", "")
    with unit_of_work() as session:
        questions = questions_of(link, find_asked(link, clock().now(session.connection())))
    place = questions.index(at) if at in questions else 0
    if request.form.get("go") == "back":
        return _show(text, at=questions[max(place - 1, 0)])
    try:
        _require_answered(at)
    except NotYet as error:
        return _show(text, error.message, 422, at)
    return _show(text, at=questions[min(place + 1, len(questions) - 1)])


def _require_answered(question: str) -> None:
    """Refuse to go on from a question that must be answered, or with words that are still needed."""
    if question == "level" and level_in_form("level") is None:
        raise NotYet("请先选一个表情。")
    if question == "words":
        given_in_form()


def _read(text: str) -> Link:
    return read_link(text, vault().index_key, WINDOW, SERVICE)


@blueprint.post("/r/<text>")
@guesses
def give(text: str) -> ResponseReturnValue:
    """Take the review in; a bad one opens its case before this is answered. Sent twice it leads to the same receipt."""
    link = _read(text)
    try:
        given = given_in_form()
        reply = in_one_act(lambda now: store(row_of(link, given, now)))
    except NotYet as error:
        return _show(text, error.message, 422, "words" if level_in_form("level") else "level")
    if "refused" in reply:
        return _show(text, "这次办理已经有评价了。想补充的话，请打开评价后给您的那个页面。", 409)
    return redirect(url_for("receipt.show", text=sign_link(Link(*reply["receipt"]), vault().index_key), new=1), 303)


@blueprint.post("/r/<text>/service")
@guesses
def find(text: str) -> ResponseReturnValue:
    """Lead from a window's code to one's own service, or to all of them."""
    link = _read(text)
    if link.kind == SERVICE:
        return redirect(url_for("review.show", text=text), 303)
    record, phone_end = request.form.get("record", "").strip(), request.form.get("phone_end", "").strip()
    try:
        with unit_of_work() as session:
            own = find_own_service(link, record, phone_end, clock().now(session.connection()), vault())
    except NotFound as error:
        return _show(text, error.message, 404)
    page = "matters.show" if own.kind == MATTERS else "review.show"
    return redirect(url_for(page, text=sign_link(own, vault().index_key), large=request.args.get("large")), 303)
