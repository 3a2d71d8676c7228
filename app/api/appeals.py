"""Appeals, claims, evidence and objections. Rulings are steps of a case: see `tasks/<element>/submission`."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from app.acts import Reply, on_case, reading
from app.api.security import permits
from app.appeals.applying import add_evidence, apply_for_review
from app.appeals.queries import list_appeals, list_objections
from app.appeals.ruling import hear_objection
from app.appeals.schemas import AppealSchema, ApplicationSchema, ObjectionSchema
from app.cases.schemas import StateSchema, WordsSchema
from app.identity.rights import Right

blueprint = Blueprint("appeals", __name__, url_prefix="/cases/<number>", description="复核、申诉、举证、异议")


@blueprint.route("/appeals", methods=["GET"])
@permits(Right.READ_CASES)
@blueprint.response(200, AppealSchema(many=True))
def index(number: str) -> list[dict[str, Any]]:
    """List the appeals and claims of a case with their evidence."""
    with reading(number) as case_id:
        return list_appeals(case_id)


@blueprint.route("/appeals", methods=["POST"])
@permits(Right.APPEAL)
@blueprint.arguments(ApplicationSchema)
@blueprint.response(201, StateSchema)
def apply(body: dict[str, str], number: str) -> Reply:
    """Apply for a review of the rating (附件3); handling and its limit run on."""
    return on_case(number, lambda step, actor: apply_for_review(step, actor, **body))


@blueprint.route("/evidence", methods=["POST"])
@permits(Right.ADD_EVIDENCE)
@blueprint.arguments(WordsSchema)
@blueprint.response(201, StateSchema)
def give_evidence(body: dict[str, str], number: str) -> Reply:
    """Put evidence or defence forward, as the rated department or the staff concerned (P3)."""
    return on_case(number, lambda step, actor: add_evidence(step, actor, body["words"]))


@blueprint.route("/objections", methods=["GET"])
@permits(Right.READ_CASES)
@blueprint.response(200, ObjectionSchema(many=True))
def objections(number: str) -> list[dict[str, Any]]:
    """List what the reviewer said against a voiding."""
    with reading(number) as case_id:
        return list_objections(case_id)


@blueprint.route("/objections", methods=["POST"])
@permits(Right.TAKE_OBJECTION)
@blueprint.arguments(WordsSchema)
@blueprint.response(201, StateSchema)
def take_objection(body: dict[str, str], number: str) -> Reply:
    """Take a reviewer's objection to the voiding of their rating, as the superior hears it."""
    return on_case(number, lambda step, actor: hear_objection(step, actor, body["words"]))
