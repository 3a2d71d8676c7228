"""来电: what a 12345 clerk does while somebody is on the phone: find the matter, write the review down, tell how far it is."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.acts import Reply, in_one_act, in_pieces
from app.cases.rating import read_progress
from app.catalogue.links import SERVICE, Link, LinkInvalid, read_link, sign_link
from app.catalogue.queries import list_departments
from app.db import unit_of_work
from app.errors import AppError
from app.http_errors import status_of
from app.identity.actor import Actor
from app.identity.rights import Right
from app.intake.complaints import takes_complaints
from app.intake.giving import Given, find_asked
from app.intake.taking import find_matters_of_caller, row_of_call
from app.limits import LOOKS, limiter
from app.pages.guard import refuse_other_sites, shows
from app.pages.taking import LEVELS, LONGEST, NotYet, given_in_form, reasons_by_level, taken
from app.pages.words import STATUS
from app.request import clock, vault

blueprint = Blueprint("page_hotline", __name__, url_prefix="/hotline", template_folder="templates")
blueprint.before_request(refuse_other_sites)
MOST = 200
COMPLAINT = {
    "complaintNo": "12345 工单号",
    "deptCode": "被投诉单位",
    "projectNo": "办件编号",
    "mobile": "来电人电话",
    "words": "投诉内容",
}


@blueprint.get("")
@shows(Right.TAKE_CALLS)
def index() -> ResponseReturnValue:
    """Ask for a phone or a number; tell how far a matter is that is asked for by its number."""
    number = request.args.get("number", "").strip()
    if not number:
        return _show()
    try:
        with unit_of_work():
            return _show(progress=read_progress(number, g.actor))
    except AppError as error:
        return _show(wrong=error, at="progress"), status_of(error)


def _show(wrong: AppError | None = None, at: str = "", **found: Any) -> str:
    """Show the desk: again with what was wrong in the form of `at`, or with what was found."""
    actor: Actor = g.actor
    with unit_of_work():
        departments = list_departments(actor.programme, None, MOST)
        complaints = takes_complaints(actor.programme)
    return render_template(
        "hotline.html", departments=departments, complaints=complaints, fields=COMPLAINT, status=STATUS, wrong=wrong, at=at,
        typed=request.form, link_to=_link_to, longest=LONGEST, **found,
    )  # fmt: skip


def _link_to(record: str, visit: int) -> str:
    """Return the way to a matter that was looked up: signed, so that none is come to by guessing."""
    return sign_link(Link(SERVICE, g.actor.programme, (record, str(visit))), vault().index_key)


def _matter(text: str) -> Link:
    """Return the matter of a way that was given out in the clerk's own programme.

    Raises:
        LinkInvalid: it leads elsewhere, or was made up.
    """
    link = read_link(text, vault().index_key)
    if (link.kind, link.programme) != (SERVICE, g.actor.programme):
        raise LinkInvalid("没有这次办理：请从查到的办件进入。")
    return link


@blueprint.post("/matters")
@shows(Right.TAKE_CALLS)
@limiter.limit(LOOKS)
def find() -> ResponseReturnValue:
    """Find what a caller did lately; the phone stands in no address, and the look is recorded."""
    sought = request.form.get("sought", "").strip()
    if not sought:
        return _show(NotYet("请填写来电人的手机号，或办件编号。"), "matters"), 422
    found: list[Any] = []
    in_one_act(lambda now: found.extend(find_matters_of_caller(g.actor, sought, vault(), now)), {}, may_repeat=True)
    return _show(matters=found, sought=sought)


@blueprint.get("/reviews/<text>")
@shows(Right.TAKE_CALLS)
def ask(text: str) -> ResponseReturnValue:
    """Ask how it went."""
    return _ask(text)


def _ask(text: str, wrong: AppError | None = None) -> str:
    link = _matter(text)
    with unit_of_work() as session:
        asked = find_asked(link, clock().now(session.connection()))
    return render_template(
        "call.html", asked=asked, text=text, record=link.parts[0], levels=LEVELS, reasons=reasons_by_level(), longest=LONGEST,
        wrong=wrong, typed=request.form,
    )  # fmt: skip


@blueprint.post("/reviews/<text>")
@shows(Right.TAKE_CALLS)
def take(text: str) -> ResponseReturnValue:
    """Take down what the caller says; a bad review opens its case before this is answered."""
    link = _matter(text)
    try:
        told = in_pieces(partial(_take, link, given_in_form()))
    except AppError as error:
        return _ask(text, error), status_of(error)
    return redirect(url_for("page_hotline.index", number=link.parts[0] if told["opened"] else None, done=link.parts[0]), 303)


def _take(link: Link, said: Given) -> Reply:
    with unit_of_work() as session:
        row = row_of_call(g.actor, link, said, clock().now(session.connection()))
    return taken("reviews", row)


@blueprint.post("/complaints")
@shows(Right.TAKE_COMPLAINT)
def complain() -> ResponseReturnValue:
    """Take a complaint: it opens a case, or is linked to the one that runs."""
    row = {name: request.form.get(name, "").strip() or None for name in COMPLAINT} | {"programme": g.actor.programme}
    try:
        missing = [label for name, label in COMPLAINT.items() if row[name] is None and name not in {"projectNo", "mobile"}]
        if missing:
            raise NotYet(f"还差{'、'.join(missing)}，请补上。")
        in_pieces(lambda: taken("complaints", row))
    except AppError as error:
        return _show(error, "complaints"), status_of(error)
    return redirect(url_for("page_hotline.index", number=row["complaintNo"], done=row["complaintNo"]), 303)
