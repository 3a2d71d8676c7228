"""The inbox of the actor's department."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from app.api.security import permits
from app.cases.inbox import Near, Wanted, count_inbox, horizon, list_inbox
from app.cases.schemas import InboxCountsSchema, InboxEntrySchema, InboxQuerySchema
from app.db import unit_of_work
from app.identity.rights import Right
from app.paging import after_moment, page, page_of
from app.request import clock, current_actor

blueprint = Blueprint("inbox", __name__, url_prefix="/inbox", description="待办")


@blueprint.route("", methods=["GET"])
@permits(Right.READ_INBOX)
@blueprint.arguments(InboxQuerySchema, location="query")
@blueprint.response(200, page_of(InboxEntrySchema))
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List what is open in one's department, due first."""
    actor, limit = current_actor(), query["limit"]
    seen = after_moment(query["cursor"])
    with unit_of_work():
        rows = list_inbox(actor, seen, limit + 1, Wanted(owner=actor.login if query["mine"] else None))
    return page(rows, limit, lambda row: [row.due_at.isoformat(), row.id])


@blueprint.route("/counts", methods=["GET"])
@permits(Right.READ_INBOX)
@blueprint.response(200, InboxCountsSchema)
def counts() -> dict[str, int]:
    """Count what is open by how near its end is."""
    actor = current_actor()
    with unit_of_work() as session:
        near = count_inbox(actor, horizon(actor.programme, clock().now(session.connection())))
    return {"open": sum(near.values()), "overdue": near.pop(Near.OVER)} | {str(each): number for each, number in near.items()}
