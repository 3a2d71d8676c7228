"""Draws with their proof, and the revisits of a case. A call itself is a step: see `tasks/<element>/submission`."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from app.acts import reading
from app.api.security import permits
from app.db import unit_of_work
from app.identity.rights import Right
from app.request import current_actor, vault
from app.revisits.draws import publish_draw
from app.revisits.models import Draw
from app.revisits.queries import find_draw, list_draws, list_revisits
from app.revisits.schemas import DrawSchema, PublishedDrawSchema, RevisitSchema
from app.revisits.secrecy import hidden_elements

blueprint = Blueprint("revisits", __name__, description="回访与抽取")


@blueprint.route("/draws", methods=["GET"])
@permits(Right.READ_DRAWS)
@blueprint.response(200, DrawSchema(many=True))
def index() -> list[Draw]:
    """List the draws of one's programme: share, commitment, pool digest."""
    with unit_of_work():
        return list_draws(current_actor().programme)


@blueprint.route("/draws/<period>", methods=["GET"])
@permits(Right.READ_DRAWS)
@blueprint.response(200, PublishedDrawSchema)
def published(period: str) -> dict[str, Any]:
    """Publish a draw whose calls are over, with all that a recomputation needs."""
    with unit_of_work():
        return publish_draw(find_draw(current_actor().programme, period), vault())


@blueprint.route("/cases/<number>/revisits", methods=["GET"])
@permits(Right.READ_CASES)
@blueprint.response(200, RevisitSchema(many=True))
def of_case(number: str) -> list[dict[str, Any]]:
    """List the revisits of a case; while the calls of its draw go on, only those who call see them."""
    with reading(number) as case_id:
        return [] if hidden_elements(case_id, current_actor()) else list_revisits(case_id)
