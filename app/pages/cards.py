"""补录: comment cards and what people say when they are called, typed in one after the other with the keyboard alone."""

from __future__ import annotations

from datetime import date
from functools import partial

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.acts import Reply, in_pieces
from app.clock import SHANGHAI
from app.db import unit_of_work
from app.errors import AppError
from app.http_errors import status_of
from app.identity.rights import Right
from app.intake.giving import Given
from app.intake.lateness import CARD
from app.intake.taking import CALLBACK, WAYS, Matter, find_matters_of_record, require_typist, row_of_card
from app.pages.guard import refuse_other_sites, shows
from app.pages.taking import LEVELS, LONGEST, NotYet, given_in_form, reasons_by_level, taken
from app.request import clock, vault

blueprint = Blueprint("page_cards", __name__, url_prefix="/cards", template_folder="templates")
blueprint.before_request(refuse_other_sites)
TYPED = {way: WAYS[way] for way in (CARD, CALLBACK)}


@blueprint.get("")
@shows(Right.TYPE_CARDS)
def index() -> ResponseReturnValue:
    """Ask for the next card's number, and then for what it says."""
    return _show()


def _show(wrong: AppError | None = None) -> ResponseReturnValue:
    """Show the card again with what was wrong; to who cannot type here, why not."""
    try:
        with unit_of_work():
            require_typist(g.actor)
            number = _asked("record")
            matters = find_matters_of_record(g.actor, number, vault()) if number else []
    except AppError as closed:
        return _render(matters=[], chosen=None, closed=closed), status_of(closed)
    return _render(matters=matters, chosen=_chosen(matters), wrong=wrong), status_of(wrong) if wrong else 200


def _render(**found: object) -> str:
    with unit_of_work() as session:
        today = clock().now(session.connection()).astimezone(SHANGHAI).date()
    return render_template(
        "cards.html", ways=TYPED, way=_way(), levels=LEVELS, reasons=reasons_by_level(), longest=LONGEST,
        typed=request.form, today=today, **found,
    )  # fmt: skip


def _asked(name: str) -> str:
    return request.args.get(name, "").strip()


def _way() -> str:
    return _asked("way") if _asked("way") in TYPED else CARD


def _chosen(matters: list[Matter]) -> Matter | None:
    """Return the service that a card is about: the only one, or the visit that was chosen."""
    if len(matters) == 1:
        return matters[0]
    return next((each for each in matters if str(each.visit) == _asked("visit")), None)


@blueprint.post("")
@shows(Right.TYPE_CARDS)
def take() -> ResponseReturnValue:
    """Take the card in and ask for the next; a bad review opens its case before this is answered."""
    try:
        told = in_pieces(partial(_take, given_in_form()))
    except AppError as error:
        return _show(error)
    count = int(_asked("count")) + 1 if _asked("count").isdecimal() else 1
    opened = told["opened"] or None
    return redirect(url_for("page_cards.index", way=_way(), done=_asked("record"), opened=opened, count=count), 303)


def _take(said: Given) -> Reply:
    with unit_of_work() as session:
        now = clock().now(session.connection())
        matter = _chosen(find_matters_of_record(g.actor, _asked("record"), vault()))
        if matter is None:
            raise NotYet("没有这个办件编号，或还没有选是第几次办理。")
        row = row_of_card(g.actor, matter, said, _way(), _said_on() or now.astimezone(SHANGHAI).date(), now)
    return taken("reviews", row)


def _said_on() -> date | None:
    """Return the day that stands on a card; who is called says it today.

    Raises:
        NotYet: it is no day.
    """
    written = request.form.get("said_on", "")
    if not written:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise NotYet("卡上的日期：请写成 2025-04-01 这样的日期。") from error
