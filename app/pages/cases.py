"""工单: one case on one page: what was said, the form of the step, why that date, where it stands, what was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema, ValidationError
from sqlalchemy import and_
from werkzeug.exceptions import BadRequest

from app.acts import on_case, reading, refusal_of
from app.appeals.applying import add_evidence, apply_for_review
from app.appeals.schemas import ApplicationSchema
from app.cases.acting import return_task, sign_task, submit_task
from app.cases.acts import record_try
from app.cases.bounces import return_case
from app.cases.dossier import bundle_in, list_cases, read_case, read_deadlines, read_task, read_timeline
from app.cases.errors import CaseNotFound, FormInvalid
from app.cases.extensions import request_extension
from app.cases.joint import contribute
from app.cases.outline import Line, outline
from app.cases.ownership import require_may_act
from app.cases.rating import read_review, read_service
from app.cases.reveal import CALLING, Contact, reveal_contact
from app.cases.schemas import BounceSchema, ExtensionRequestSchema, PurposeSchema, WordsSchema
from app.cases.search import matching
from app.cases.step import Step
from app.cases.visibility import find_visible, visible_cases
from app.catalogue.queries import department_names
from app.clock import SHANGHAI
from app.db import db, unit_of_work
from app.errors import AppError
from app.http_errors import status_of
from app.identity.accounts import names_of
from app.identity.actor import Actor
from app.identity.rights import Right, may, require_right
from app.limits import LOOKS, limiter
from app.pages.guard import refuse_other_sites, shows
from app.pages.ledger import rests, weeks
from app.pages.words import ACTS, LEVELS, STATUS
from app.paging import after_number, page
from app.request import clock, vault
from app.revisits.own_word import own_ratings
from app.revisits.secrecy import hidden_elements

blueprint = Blueprint("page_cases", __name__, template_folder="templates")
blueprint.before_request(refuse_other_sites)
ROWS = 20
LATEST = 200
Values = dict[str, str]


@dataclass(frozen=True)
class Offer:
    """Something that may be asked for beside the step itself; `shape` names what is to be written."""

    label: str
    right: Right
    shape: Schema
    act: Callable[..., object]

    @property
    def fields(self) -> dict[str, str]:
        """What is to be written: name → label."""
        return {name: str(field.metadata["description"]) for name, field in self.shape.fields.items()}

    def read(self, typed: Mapping[str, str]) -> Values:
        """Return what was written.

        Raises:
            FormInvalid: something is missing or too long.
        """
        try:
            said: Values = self.shape.load({name: typed.get(name, "").strip() for name in self.fields})
        except ValidationError as error:
            wrong = "、".join(self.fields[name] for name in error.messages_dict)
            raise FormInvalid(f"请填写：{wrong}（每项不超过 5000 字）。") from error
        return said


METHODS = {"phone": "电话", "sms": "短信", "wechat": "微信", "visit": "上门"}
REVEAL = Offer(
    "查看电话", Right.REVEAL, PurposeSchema(), lambda step, actor, purpose: reveal_contact(step, actor, purpose, vault())
)
OFFERS = {
    "extension": Offer("申请延期", Right.ASK_EXTENSION, ExtensionRequestSchema(), request_extension),
    "bounce": Offer("退单", Right.BOUNCE, BounceSchema(), return_case),
    "appeals": Offer("申请复核", Right.APPEAL, ApplicationSchema(), apply_for_review),
    "evidence": Offer("补充证据", Right.ADD_EVIDENCE, WordsSchema(), add_evidence),
    "contribution": Offer("提交协办材料", Right.JOINT, WordsSchema(), contribute),
}


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
        names = department_names(g.actor.programme, {code for row in rows for code in _departments(row)})
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
    return _show(number)


def _show(number: str, wrong: AppError | None = None, at: str = "", contact: Contact | None = None) -> str:
    """Show the case again: with what was wrong in the form of `at`, where what was typed still stands, or with a contact."""
    actor: Actor = g.actor
    with reading(number) as case_id:
        hidden = hidden_elements(case_id, actor)
        now = clock().now(db.session.connection())
        case = read_case(case_id, hidden)
        limits = read_deadlines(case_id, hidden)
        acts = read_timeline(number, None, LATEST, hidden)
        review = read_review(case_id, vault()) if may(actor, Right.READ_REVIEWS) else None
        lines = outline(case_id, now, hidden)
        mine = [read_task(case_id, each.element) for each in lines if _is_of(each, actor)]
        names = department_names(case["programme"], {each["department"] for each in case["tasks"]} | _departments(case))
        service, programme = read_service(case_id), bundle_in(case_id).rules.name
        people = names_of({act["actor"] for act in acts})
        own_words = own_ratings(case_id)
    return render_template(
        "case.html", case=case, limits=limits, acts=list(reversed(acts)), review=review, outline=lines, programme=programme,
        service=service, names=names, people=people,
        tasks=[_offered(case_id, task) for task in mine], offers=_offers(case_id, actor), words=ACTS, levels_due=LEVELS,
        status=STATUS, wrong=wrong, at=at, typed=request.form, weeks=weeks, rests=rests, today=now.astimezone(SHANGHAI).date(),
        contact=contact, reveal=offered(case_id, actor, REVEAL), methods=METHODS, own_words=own_words,
    )  # fmt: skip


def _is_of(line: Line, actor: Actor) -> bool:
    """Whether a step waits for the actor's department."""
    return line.is_open and actor.handles and line.department == actor.department


def _departments(case: dict[str, Any]) -> set[str]:
    return {case["department"], case["rated_department"]}


def _offered(case_id: int, task: dict[str, Any]) -> dict[str, Any]:
    """Add why the actor cannot do the step, or None; tried by signing where it waits for a signature."""
    element = task["element"]
    if task["status"] == "submitted":
        return task | {"refusal": refusal_of(case_id, lambda step, actor: sign_task(step, element, actor))}
    refusal = refusal_of(case_id, lambda step, actor: require_open_to(step, element, actor))
    return task | {"refusal": refusal, "calls": task["act"] in CALLING and not refusal}


def require_open_to(step: Step, element: str, actor: Actor) -> None:
    """Refuse whoever could not enter this step's form, without entering it."""
    task = step.open_task(element)
    if task:
        require_may_act(step, task, actor)


def _offers(case_id: int, actor: Actor) -> list[tuple[str, Offer, AppError | None]]:
    """Return what may be asked for, each with why not now."""
    found = ((kind, offered(case_id, actor, offer)) for kind, offer in OFFERS.items())
    return [(kind, *each) for kind, each in found if each]


def offered(case_id: int, actor: Actor, offer: Offer) -> tuple[Offer, AppError | None] | None:
    """Return an offer with why not now; nothing for whom it is not meant."""
    if not may(actor, offer.right) or not actor.handles:
        return None
    return offer, refusal_of(case_id, partial(_ask_for, offer, dict.fromkeys(offer.fields, "—")))


def _ask_for(offer: Offer, said: Values, step: Step, actor: Actor) -> None:
    """Do what is offered; every such act takes its words in the order of its shape."""
    offer.act(step, actor, *(said[name] for name in offer.fields))


@blueprint.get("/cases/<number>/diagram")
@shows(Right.READ_CASES)
def diagram(number: str) -> Response:
    """Give the diagram that the case is pinned to."""
    with reading(number) as case_id:
        return Response(bundle_in(case_id).diagram, mimetype="application/xml")


@blueprint.post("/cases/<number>/tasks/<element>")
@shows(Right.SUBMIT_TASK)
def submit(number: str, element: str) -> ResponseReturnValue:
    """Enter a step's form."""
    return _act(number, element, lambda step, actor: submit_task(step, element, actor, entered(step, element)))


def entered(step: Step, element: str) -> dict[str, Any]:
    """Return what was typed, as the drawn fields take it: an empty field was not entered."""
    typed = {field.id: request.form.get(field.id, "").strip() for field in step.node(element).form}
    kinds = {field.id: field.type for field in step.node(element).form}
    return {name: int(value) if kinds[name] == "long" and value.isdecimal() else value for name, value in typed.items() if value}


@blueprint.post("/cases/<number>/tasks/<element>/signature")
@shows(Right.SIGN_TASK)
def sign(number: str, element: str) -> ResponseReturnValue:
    """Sign what was submitted, or as second person confirm it."""
    return _act(number, element, lambda step, actor: sign_task(step, element, actor))


@blueprint.post("/cases/<number>/tasks/<element>/return")
@shows(Right.SIGN_TASK)
def send_back(number: str, element: str) -> ResponseReturnValue:
    """Send what was submitted back to its author."""
    return _act(number, element, lambda step, actor: return_task(step, element, actor))


@blueprint.post("/cases/<number>/<any(extension, bounce, appeals, evidence, contribution):kind>")
@shows(Right.READ_CASES)
def ask(number: str, kind: str) -> ResponseReturnValue:
    """Ask for something beside the step."""
    offer = OFFERS[kind]
    require_right(g.actor, offer.right)
    return _act(number, kind, lambda step, actor: _ask_for(offer, offer.read(request.form), step, actor))


@blueprint.post("/cases/<number>/reveal")
@shows(Right.REVEAL)
@limiter.limit(LOOKS)
def reveal(number: str) -> ResponseReturnValue:
    """Show the reviewer's name and phone for a purpose, once and for a minute; every look is recorded."""
    found: list[Contact] = []
    try:
        purpose = REVEAL.read(request.form)["purpose"]
        on_case(number, lambda step, actor: found.append(reveal_contact(step, actor, purpose, vault())), may_repeat=True)
    except CaseNotFound:
        raise
    except AppError as error:
        return _show(number, error, "reveal"), status_of(error)
    return _show(number, contact=found[0])


@blueprint.post("/cases/<number>/contact-tries/<element>")
@shows(Right.CONTACT)
def record_contact(number: str, element: str) -> ResponseReturnValue:
    """Record one try to reach the reviewer."""
    method = request.form.get("method", "")
    if method not in METHODS:
        raise BadRequest
    return _act(number, element, lambda step, actor: record_try(step, element, method, actor))


def _act(number: str, at: str, act: Callable[[Step, Actor], None]) -> ResponseReturnValue:
    """Do it and show the case anew; when it is refused, show why beside the form, with what was typed."""
    try:
        on_case(number, act)
    except CaseNotFound:
        raise
    except AppError as error:
        return _show(number, error, at), status_of(error)
    return redirect(url_for("page_cases.show", number=number, done=at), 303)
