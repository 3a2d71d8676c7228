"""What comes in: service records, reviews, voices, complaints; and what of it one may read."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from app.acts import Reply, on_case, reading
from app.api.security import permits
from app.api.sending import send
from app.cases.own_ratings import OwnRating, list_own_ratings
from app.cases.rating import correct_rating, read_corrections, read_progress, read_review
from app.cases.schemas import CorrectionInSchema, CorrectionSchema, ProgressSchema, RatingSchema, ReviewSchema, StateSchema
from app.catalogue.links import SERVICE, Link, sign_link
from app.catalogue.schemas import LinkSchema
from app.db import unit_of_work
from app.identity.rights import Right
from app.intake.queries import require_record
from app.intake.reasons import REASONS
from app.intake.schemas import ReasonSchema, ReportSchema, RowsSchema
from app.paging import KEY
from app.request import current_actor, vault

blueprint = Blueprint("intake", __name__, description="办件、评价、投诉")


@blueprint.route("/records", methods=["POST"])
@permits(Right.SEND_RECORDS)
@blueprint.arguments(RowsSchema)
@blueprint.response(200, ReportSchema)
def records(body: dict[str, Any]) -> Reply:
    """Send service records (R1); a bad row is refused alone, a known one adds nothing."""
    return send("records", body["rows"])


@blueprint.route("/reviews", methods=["POST"])
@permits(Right.SEND_REVIEWS)
@blueprint.arguments(RowsSchema)
@blueprint.response(200, ReportSchema)
def reviews(body: dict[str, Any]) -> Reply:
    """Send reviews and voices; a bad one opens its case at once."""
    return send("reviews", body["rows"])


@blueprint.route("/complaints", methods=["POST"])
@permits(Right.TAKE_COMPLAINT)
@blueprint.arguments(RowsSchema)
@blueprint.response(200, ReportSchema)
def complaints(body: dict[str, Any]) -> Reply:
    """Take 12345 complaints: each opens a case, or is linked to the one that runs (L8, X5)."""
    return send("complaints", body["rows"])


@blueprint.route("/complaints/<number>/progress", methods=["GET"])
@permits(Right.READ_PROGRESS)
@blueprint.response(200, ProgressSchema)
def progress(number: str) -> dict[str, Any]:
    """Tell how far a matter is, by its work-order number (X2)."""
    with unit_of_work():
        return read_progress(number, current_actor())


@blueprint.route("/reasons", methods=["GET"])
@permits(Right.READ_CATALOGUE)
@blueprint.response(200, ReasonSchema(many=True))
def reasons() -> list[dict[str, str]]:
    """List the national reasons of reviews, by level."""
    return [{"code": code, "level": code[0], "label": label} for code, label in sorted(REASONS.items())]


@blueprint.route("/cases/<number>/review", methods=["GET"])
@permits(Right.READ_REVIEWS)
@blueprint.response(200, ReviewSchema)
def review(number: str) -> dict[str, Any]:
    """Show the review behind a case: level, reasons, words, the reviewer masked."""
    with reading(number) as case_id:
        return read_review(case_id, vault())


@blueprint.route("/cases/<number>/rated", methods=["GET"])
@permits(Right.READ_REVIEWS)
@blueprint.response(200, CorrectionSchema(many=True))
def corrections(number: str) -> list[dict[str, Any]]:
    """List what was put right about whom the review rates; both values are kept."""
    with reading(number) as case_id:
        return read_corrections(case_id)


@blueprint.route("/cases/<number>/rated", methods=["POST"])
@permits(Right.CORRECT_RATED)
@blueprint.arguments(CorrectionInSchema)
@blueprint.response(201, StateSchema)
def correct(body: dict[str, Any], number: str) -> Reply:
    """Put right whom a review rates, as the overseer."""
    return on_case(number, lambda step, actor: correct_rating(step, actor, body["staff"], body["window"], body["reason"]))


@blueprint.route("/ratings", methods=["GET"])
@permits(Right.READ_OWN_RATINGS)
@blueprint.response(200, RatingSchema(many=True))
def ratings() -> list[OwnRating]:
    """List the cases that rate oneself, told so that nobody can be found out by it (P3)."""
    with unit_of_work():
        return list_own_ratings(current_actor(), vault())


@blueprint.route(f"/records/<record>/visits/<{KEY}:visit>/link", methods=["GET"])
@permits(Right.SEND_RECORDS)
@blueprint.response(200, LinkSchema)
def record_link(record: str, visit: int) -> dict[str, str]:
    """Give the personal link of a service, for a system that calls for the review page (X4)."""
    actor = current_actor()
    with unit_of_work():
        require_record(actor.programme, actor.department, record, visit)
    return {"link": sign_link(Link(SERVICE, actor.programme, (record, str(visit))), vault().index_key)}
