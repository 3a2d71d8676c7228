"""回访: whom to call today, and the call: who it is, what to say, what each answer leads to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from app.acts import on_case, reading, refusal_of, would_be
from app.cases.acting import require_open_to, submit_task
from app.cases.acts import record_try
from app.cases.dossier import read_case, read_task
from app.cases.errors import CaseNotFound
from app.cases.inbox import Wanted, list_inbox
from app.cases.outline import Line, outline
from app.cases.rating import read_review, read_service
from app.cases.reveal import Contact, masked_contact, reveal_contact
from app.cases.step import Step
from app.catalogue.queries import department_names
from app.db import db, unit_of_work
from app.engine.errors import TaskNotOpen
from app.errors import AppError
from app.http_errors import status_of
from app.identity.actor import Actor
from app.identity.rights import Right
from app.limits import LOOKS, limiter
from app.pages.benches import waiting
from app.pages.case_view import METHODS
from app.pages.cases import entered
from app.pages.guard import refuse_other_sites, shows
from app.pages.offers import REVEAL, offered
from app.programmes.versions import bundle_of, current_version
from app.request import clock, vault
from app.revisits.foretelling import Course, foretell
from app.revisits.queries import find_draw_of, tries_of

blueprint = Blueprint("page_revisits", __name__, url_prefix="/revisits", template_folder="templates")
blueprint.before_request(refuse_other_sites)
REVISIT = "revisit"
REVISITS = Wanted(acts=frozenset({REVISIT}))
CALL = replace(REVEAL, label="拨打并显示号码")
PURPOSE = "回访"
# Which key gives which answer, in the order in which the diagram lists them.
KEYS = "12345qwe"
YES_NO = {"true": "y", "false": "n"}


@blueprint.get("")
@shows(Right.CONTACT)
def index() -> str:
    """List whom one's department has to call, due first."""
    return render_template("revisits.html", case=None, **_list())


@blueprint.get("/<number>")
@shows(Right.CONTACT)
def show(number: str) -> ResponseReturnValue:
    """Show the call; a case that is not to be called is shown as any other."""
    try:
        return _show(number)
    except TaskNotOpen:
        return redirect(url_for("page_cases.show", number=number))


def _list() -> dict[str, Any]:
    """Return whom to call, how often each was tried, and what the programme asks before one counts as out of reach."""
    with unit_of_work():
        listed, rules = waiting(REVISITS), bundle_of(current_version(g.actor.programme)).rules
        return {**listed, "tries": tries_of([line.entry.id for line in listed["lines"]]), "rules": rules}


def _show(number: str, wrong: AppError | None = None, at: str = "", contact: Contact | None = None) -> str:
    """Show the call; again with what was wrong in the form of `at`, where what was typed still stands, or with a contact."""
    actor: Actor = g.actor
    with reading(number) as case_id:
        case, line = read_case(case_id), _call(case_id, actor)
        task, service, review = read_task(case_id, line.element), read_service(case_id), read_review(case_id, vault())
        answer, draw = _answer(case_id, case), find_draw_of(case_id)
    courses = {code: would_be(case_id, partial(_foretell, line.element, code)) for code in _results(task)}
    names = _names(actor, {case["rated_department"], case["department"], actor.department}, courses)
    listed = _list()
    return render_template(
        "revisits.html", case=case, task=task, left=line.left, service=service, review=review, answer=answer, draw=draw,
        courses=courses, keys=dict(zip(courses, KEYS, strict=False)), yes_no=YES_NO, names=names | listed.pop("names"),
        masked=would_be(case_id, lambda step, _: masked_contact(step, vault())), contact=contact, purpose=PURPOSE,
        reveal=offered(case_id, actor, CALL), methods=METHODS, wrong=wrong, at=at, typed=request.form, here=number,
        refusal=refusal_of(case_id, lambda step, each: require_open_to(step, line.element, each)),
        tried=[each for each in case["contact_tries"] if (each["element"], each["round"]) == (line.element, case["round"])],
        **listed,
    )  # fmt: skip


def _call(case_id: int, actor: Actor) -> Line:
    """Return the revisit of a case that waits for the actor's department.

    Raises:
        TaskNotOpen: none does.
    """
    lines = outline(case_id, clock().now(db.session.connection()))
    waiting = (each for each in lines if each.is_open and each.task and each.task.act == REVISIT)
    found = next((each for each in waiting if each.department == actor.department), None)
    if found is None:
        raise TaskNotOpen("这件差评现在没有要您单位做的回访。")
    return found


def _answer(case_id: int, case: dict[str, Any]) -> dict[str, Any] | None:
    """Return what the department last answered the reviewer, for the caller to hold against it."""
    told = [task for task in case["tasks"] if task["act"] == "answer" and task["status"] == "done"]
    return read_task(case_id, told[-1]["element"])["entered"] if told else None


def _results(task: dict[str, Any]) -> dict[str, str]:
    choices: dict[str, str] = next(field["choices"] for field in task["fields"] if field["id"] == "result")
    return choices


def _foretell(element: str, result: str, step: Step, actor: Actor) -> Course:
    return foretell(step, element, actor, result)


def _names(actor: Actor, codes: set[str], courses: Mapping[str, Course | AppError]) -> dict[str, str]:
    """Return the names of all departments that the page speaks of."""
    waiting = {department for each in courses.values() if isinstance(each, Course) for _, department in each.steps}
    with unit_of_work():
        return department_names(actor.programme, codes | waiting)


@blueprint.post("/<number>")
@shows(Right.SUBMIT_TASK)
def submit(number: str) -> ResponseReturnValue:
    """Record the call, and go on to the next one."""
    return _act(number, "call", lambda step, element, actor: submit_task(step, element, actor, entered(step, element)))


@blueprint.post("/<number>/contact-tries")
@shows(Right.CONTACT)
def record_contact(number: str) -> ResponseReturnValue:
    """Record one try to reach the reviewer; the call waits for the next."""
    method = request.form.get("method", "")
    if method not in METHODS:
        raise BadRequest
    return _act(number, "tries", lambda step, element, actor: record_try(step, element, method, actor))


def _act(number: str, at: str, act: Callable[[Step, str, Actor], None]) -> ResponseReturnValue:
    """Do it on the revisit and go to the next call; when it is refused, show why, with what was typed."""
    actor: Actor = g.actor
    try:
        on_case(number, lambda step, each: act(step, _element(step, each), each))
    except CaseNotFound:
        raise
    except AppError as error:
        return _again(number, error, at)
    with unit_of_work():
        others = [entry.number for entry in list_inbox(actor, None, 2, REVISITS) if entry.number != number]
    following = url_for("page_revisits.show", number=others[0], done=number) if others else None
    return redirect(following or url_for("page_revisits.index", done=number), 303)


def _element(step: Step, actor: Actor) -> str:
    """Return the element of the revisit, as the case stands under its lock.

    Raises:
        TaskNotOpen: it was made meanwhile.
    """
    mine = (each for each in step.loaded.tasks.values() if (each.act, each.department) == (REVISIT, actor.department))
    found = next(mine, None)
    if found is None:
        raise TaskNotOpen("这次回访已经有人记录过了。")
    return found.element


@blueprint.post("/<number>/reveal")
@shows(Right.REVEAL)
@limiter.limit(LOOKS)
def reveal(number: str) -> ResponseReturnValue:
    """Show name and phone to dial, once and for a minute; every look is recorded."""
    found: list[Contact] = []
    try:
        purpose = CALL.read(request.form)["purpose"]
        on_case(number, lambda step, actor: found.append(reveal_contact(step, actor, purpose, vault())), may_repeat=True)
    except CaseNotFound:
        raise
    except AppError as error:
        return _again(number, error, "reveal")
    return _show(number, contact=found[0])


def _again(number: str, error: AppError, at: str) -> ResponseReturnValue:
    """Show the call with what was refused; where it is no longer to be made, the case."""
    try:
        return _show(number, error, at), status_of(error)
    except TaskNotOpen:
        return redirect(url_for("page_cases.show", number=number), 303)
