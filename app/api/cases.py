"""Cases: what is on their record, and the acts of those who handle them."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from app.acts import Reply, on_case, reading
from app.api.security import permits
from app.cases.acting import return_task, sign_task, submit_task
from app.cases.acts import record_try
from app.cases.bounces import return_case
from app.cases.dossier import list_cases, read_case, read_deadlines, read_task, read_timeline
from app.cases.extensions import request_extension
from app.cases.joint import ask_for_help, contribute
from app.cases.reveal import reveal_contact
from app.cases.schemas import (
    BounceSchema,
    CaseQuerySchema,
    CaseSchema,
    ContactSchema,
    DeadlineSchema,
    DossierSchema,
    ExtensionRequestSchema,
    FormSchema,
    HelpSchema,
    PurposeSchema,
    StateSchema,
    TaskFormSchema,
    TimelineEntrySchema,
    TrySchema,
    WordsSchema,
)
from app.cases.visibility import visible_cases
from app.db import unit_of_work
from app.identity.rights import Right
from app.limits import LOOKS, limiter
from app.paging import PageArgs, after_number, page, page_of
from app.request import current_actor, vault
from app.revisits.secrecy import hidden_elements, require_shown

blueprint = Blueprint("cases", __name__, url_prefix="/cases", description="工单：记录与办理")


@blueprint.route("", methods=["GET"])
@permits(Right.READ_CASES)
@blueprint.arguments(CaseQuerySchema, location="query")
@blueprint.response(200, page_of(CaseSchema))
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List one's cases, newest first."""
    limit, seen = query.pop("limit"), after_number(query.pop("cursor"))
    with unit_of_work():
        rows = list_cases(visible_cases(current_actor()), seen, limit + 1, **query)
    return page(rows, limit, lambda row: [row["id"]])


@blueprint.route("/<number>", methods=["GET"])
@permits(Right.READ_CASES)
@blueprint.response(200, DossierSchema)
def show(number: str) -> dict[str, Any]:
    """Show all that is on the record of a case."""
    with reading(number) as case_id:
        return read_case(case_id, hidden_elements(case_id, current_actor()))


@blueprint.route("/<number>/timeline", methods=["GET"])
@permits(Right.READ_CASES)
@blueprint.arguments(PageArgs, location="query")
@blueprint.response(200, page_of(TimelineEntrySchema))
def timeline(query: dict[str, Any], number: str) -> dict[str, Any]:
    """Show what was done on a case, in order, with the digests that chain it."""
    seen = after_number(query["cursor"])
    with reading(number) as case_id:
        rows = read_timeline(number, seen, query["limit"] + 1, hidden_elements(case_id, current_actor()))
    return page(rows, query["limit"], lambda row: [row["seq"]])


@blueprint.route("/<number>/deadlines", methods=["GET"])
@permits(Right.READ_CASES)
@blueprint.response(200, DeadlineSchema(many=True))
def deadlines(number: str) -> list[dict[str, Any]]:
    """Show every limit of a case, each with the days that were counted and those that were not."""
    with reading(number) as case_id:
        return read_deadlines(case_id, hidden_elements(case_id, current_actor()))


@blueprint.route("/<number>/tasks/<element>", methods=["GET"])
@permits(Right.READ_CASES)
@blueprint.response(200, TaskFormSchema)
def task(number: str, element: str) -> dict[str, Any]:
    """Show a step with its form."""
    with reading(number) as case_id:
        require_shown(case_id, element, current_actor())
        return read_task(case_id, element)


@blueprint.route("/<number>/tasks/<element>/submission", methods=["POST"])
@permits(Right.SUBMIT_TASK)
@blueprint.arguments(FormSchema)
@blueprint.response(201, StateSchema)
def submit(body: dict[str, Any], number: str, element: str) -> Reply:
    """Enter a step's form: the step is done, or waits for a signature."""
    return on_case(number, lambda step, actor: submit_task(step, element, actor, body["form"]))


@blueprint.route("/<number>/tasks/<element>/signature", methods=["POST"])
@permits(Right.SIGN_TASK)
@blueprint.response(201, StateSchema)
def sign(number: str, element: str) -> Reply:
    """Sign what was submitted (审签), or confirm a ruling as second person."""
    return on_case(number, lambda step, actor: sign_task(step, element, actor))


@blueprint.route("/<number>/tasks/<element>/return", methods=["POST"])
@permits(Right.SIGN_TASK)
@blueprint.response(201, StateSchema)
def send_back(number: str, element: str) -> Reply:
    """Send a submitted form back to its author; the limit runs on."""
    return on_case(number, lambda step, actor: return_task(step, element, actor))


@blueprint.route("/<number>/contact-tries", methods=["POST"])
@permits(Right.CONTACT)
@blueprint.arguments(TrySchema)
@blueprint.response(201, StateSchema)
def try_contact(body: dict[str, str], number: str) -> Reply:
    """Record one try to reach the reviewer."""
    return on_case(number, lambda step, actor: record_try(step, body["element"], body["method"], actor))


@blueprint.route("/<number>/reveal", methods=["POST"])
@permits(Right.REVEAL)
@limiter.limit(LOOKS)
@blueprint.arguments(PurposeSchema)
@blueprint.response(200, ContactSchema)
def reveal(body: dict[str, str], number: str) -> Any:
    """Show the reviewer's name and phone for a purpose; every look is recorded, so no key makes it one."""
    found: list[Any] = []
    on_case(number, lambda step, actor: found.append(reveal_contact(step, actor, body["purpose"], vault())), may_repeat=True)
    return found[0]


@blueprint.route("/<number>/extension", methods=["POST"])
@permits(Right.ASK_EXTENSION)
@blueprint.arguments(ExtensionRequestSchema)
@blueprint.response(201, StateSchema)
def extend(body: dict[str, str], number: str) -> Reply:
    """Ask for more time; the limit stands until it is granted."""
    return on_case(number, lambda step, actor: request_extension(step, actor, body["reason"], body["explained"]))


@blueprint.route("/<number>/bounce", methods=["POST"])
@permits(Right.BOUNCE)
@blueprint.arguments(BounceSchema)
@blueprint.response(201, StateSchema)
def bounce(body: dict[str, str], number: str) -> Reply:
    """Return a case that is not one's own (退单)."""
    return on_case(number, lambda step, actor: return_case(step, actor, body["duty_clause"]))


@blueprint.route("/<number>/co-handlers", methods=["POST"])
@permits(Right.JOINT)
@blueprint.arguments(HelpSchema)
@blueprint.response(201, StateSchema)
def ask_help(body: dict[str, str], number: str) -> Reply:
    """Ask another department to help (协办)."""
    return on_case(number, lambda step, actor: ask_for_help(step, actor, body["department"]))


@blueprint.route("/<number>/contribution", methods=["POST"])
@permits(Right.JOINT)
@blueprint.arguments(WordsSchema)
@blueprint.response(201, StateSchema)
def help_out(body: dict[str, str], number: str) -> Reply:
    """Enter what a helping department found or did."""
    return on_case(number, lambda step, actor: contribute(step, actor, body["words"]))
