"""When a limit runs out, for anybody who counts: the same reckoning as `flask deadlines due`."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from app.api.security import permits
from app.calendars.queries import calendar_for
from app.calendars.schemas import DueQuerySchema, DueSchema
from app.db import unit_of_work
from app.deadlines.compute import runs_out
from app.deadlines.explain import explain
from app.deadlines.limits import Limit
from app.deadlines.moments import parse_moment
from app.identity.rights import Right
from app.programmes.versions import bundle_of, current_version

blueprint = Blueprint("deadlines", __name__, url_prefix="/deadlines", description="期限")


@blueprint.route("/due", methods=["GET"])
@permits(Right.READ_DEADLINES)
@blueprint.arguments(DueQuerySchema, location="query")
@blueprint.response(200, DueSchema)
def due(query: dict[str, str]) -> dict[str, Any]:
    """Reckon a limit: every day that counts, and every day that does not and why."""
    from_at, limit = parse_moment(query["since"]), Limit.parse(query["limit"])
    with unit_of_work() as session:
        layers = bundle_of(current_version(query["programme"].lower())).rules.calendar
        deadline = runs_out(from_at, limit, calendar_for(session, layers))
    return deadline.as_dict() | {"explanation": explain(deadline)}
