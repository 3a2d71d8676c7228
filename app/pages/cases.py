"""工单: the list of cases, one case on one page, and the acts of its steps."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import and_
from werkzeug.exceptions import BadRequest

from app.acts import on_case, reading
from app.cases.acting import return_task, sign_task, submit_task
from app.cases.acts import record_try
from app.cases.assignment import assign_task, release_task, take_task
from app.cases.course import steps_in_a_row
from app.cases.dossier import bundle_in, list_cases
from app.cases.errors import CaseNotFound
from app.cases.reveal import Contact, reveal_contact
from app.cases.search import matching
from app.cases.step import Step
from app.cases.visibility import find_visible, visible_cases
from app.casework.drafts import drop_drafts
from app.casework.remarks import remark
from app.catalogue.queries import department_names
from app.db import unit_of_work
from app.errors import AppError
from app.http_errors import status_of
from app.identity.actor import Actor
from app.identity.rights import Right, require_right
from app.limits import LOOKS, limiter
from app.pages.case_view import METHODS, show_case
from app.pages.guard import refuse_other_sites, shows
from app.pages.offers import OFFERS, REVEAL, ask_for
from app.pages.words import STATUS
from app.paging import after_number, page
from app.request import vault

blueprint = Blueprint("page_cases", __name__, template_folder="templates")
blueprint.before_request(refuse_other_sites)
ROWS = 20


@blueprint.get("/cases")
@shows(Right.READ_CASES)
def index() -> ResponseReturnValue:
    """List the cases one may see, newest first: all, or those that have the words of a search; a number leads to its case."""
    seen, status = after_number(request.args.get("after")), request.args.get("status") or None
    words = request.args.get("q", "").strip()
    with unit_of_work():
        if _is_number(words):
            return redirect(url_for("page_cases.show", number=words.upper()))
        found = matching(g.actor.programme, words, vault())
        mine = visible_cases(g.actor) if found is None else and_(visible_cases(g.actor), found)
        rows = list_cases(mine, seen, ROWS + 1, status=status)
        names = department_names(
            g.actor.programme, {code for row in rows for code in (row["department"], row["rated_department"])}
        )
    shown = page(rows, ROWS, lambda row: [row["id"]])
    return render_template("cases.html", rows=shown["items"], following=shown["next"], status=STATUS, names=names)


def _is_number(words: str) -> bool:
    """Whether these words are the number of a case that the actor may see."""
    try:
        find_visible(words.upper(), g.actor)
    except CaseNotFound:
        return False
    return True


@blueprint.get("/cases/<number>")
@shows(Right.READ_CASES)
def show(number: str) -> str:
    """Show a case with what the actor can do on it now."""
    return show_case(number)


@blueprint.get("/cases/<number>/diagram")
@shows(Right.READ_CASES)
def diagram(number: str) -> Response:
    """Give the diagram that the case is pinned to."""
    with reading(number) as case_id:
        return Response(bundle_in(case_id).diagram, mimetype="application/xml")


@blueprint.post("/cases/<number>/tasks/<element>")
@shows(Right.SUBMIT_TASK)
def submit(number: str, element: str) -> ResponseReturnValue:
    """Enter a step's form, and those of the steps after it that were filled in with it: all of them, or none."""
    with reading(number) as case_id:
        row = steps_in_a_row(bundle_in(case_id).program.definition, element, g.actor)
    filled = [element]
    for node in row[1:]:
        if not any(request.form.get(f"{node.id}.{field.id}", "").strip() for field in node.form):
            break
        filled.append(node.id)
    reached = [element]

    def enter(each: str, step: Step, actor: Actor) -> None:
        reached[0] = each
        submit_task(step, each, actor, entered(step, each, "" if each == element else f"{each}."))
        drop_drafts(step.case_id, each)

    try:
        on_case(number, *(partial(enter, each) for each in filled))
    except CaseNotFound:
        raise
    except AppError as error:
        return show_case(number, error, reached[0]), status_of(error)
    return redirect(url_for("page_cases.show", number=number, done=element), 303)


def entered(step: Step, element: str, prefix: str = "") -> dict[str, Any]:
    """Return what was typed, as the drawn fields take it: an empty field was not entered."""
    typed = {field.id: request.form.get(prefix + field.id, "").strip() for field in step.node(element).form}
    kinds = {field.id: field.type for field in step.node(element).form}
    return {name: int(value) if kinds[name] == "long" and value.isdecimal() else value for name, value in typed.items() if value}


@blueprint.post("/cases/<number>/tasks/<element>/signature")
@shows(Right.SIGN_TASK)
def sign(number: str, element: str) -> ResponseReturnValue:
    """Sign what was submitted, or as second person confirm it."""
    return act_on(number, element, lambda step, actor: sign_task(step, element, actor))


@blueprint.post("/cases/<number>/tasks/<element>/return")
@shows(Right.SIGN_TASK)
def send_back(number: str, element: str) -> ResponseReturnValue:
    """Send what was submitted back to its author, with a remark where there is one."""
    words = request.form.get("remark", "").strip()

    def act(step: Step, actor: Actor) -> None:
        return_task(step, element, actor)
        if words:
            remark(step, actor, words, element)

    return act_on(number, element, act)


@blueprint.post("/cases/<number>/tasks/<element>/owner")
@shows(Right.SUBMIT_TASK)
def own(number: str, element: str) -> ResponseReturnValue:
    """Take a step, give it to a colleague, or give it back to those that wait."""
    to = request.form.get("to", "")
    acts: dict[str, Callable[[Step, Actor], None]] = {
        "take": lambda step, actor: take_task(step, element, actor),
        "assign": lambda step, actor: assign_task(step, element, actor, to),
        "release": lambda step, actor: release_task(step, element, actor),
    }
    if request.form.get("do") not in acts:
        raise BadRequest
    return act_on(number, f"{element}/owner", acts[request.form["do"]])


@blueprint.post(f"/cases/<number>/<any({', '.join(OFFERS)}):kind>")
@shows(Right.READ_CASES)
def ask(number: str, kind: str) -> ResponseReturnValue:
    """Ask for something beside the step."""
    offer = OFFERS[kind]
    require_right(g.actor, offer.right)
    return act_on(number, kind, lambda step, actor: ask_for(offer, offer.read(request.form), step, actor))


@blueprint.post("/cases/<number>/reveal")
@shows(Right.REVEAL)
@limiter.limit(LOOKS)
def reveal(number: str) -> ResponseReturnValue:
    """Show the reviewer's name and phone for a purpose, once and for a minute; every look is recorded."""
    found: list[Contact] = []
    try:
        purpose = str(REVEAL.read(request.form)["purpose"])
        on_case(number, lambda step, actor: found.append(reveal_contact(step, actor, purpose, vault())), may_repeat=True)
    except CaseNotFound:
        raise
    except AppError as error:
        return show_case(number, error, "reveal"), status_of(error)
    return show_case(number, contact=found[0])


@blueprint.post("/cases/<number>/contact-tries/<element>")
@shows(Right.CONTACT)
def record_contact(number: str, element: str) -> ResponseReturnValue:
    """Record one try to reach the reviewer."""
    method = request.form.get("method", "")
    if method not in METHODS:
        raise BadRequest
    return act_on(number, element, lambda step, actor: record_try(step, element, method, actor))


def act_on(number: str, at: str, act: Callable[[Step, Actor], None]) -> ResponseReturnValue:
    """Do it and show the case anew; when it is refused, show why beside the form, with what was typed."""
    try:
        on_case(number, act)
    except CaseNotFound:
        raise
    except AppError as error:
        return show_case(number, error, at), status_of(error)
    return redirect(url_for("page_cases.show", number=number, done=at), 303)
