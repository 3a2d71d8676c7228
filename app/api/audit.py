"""The record of every act, for those who check it."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_smorest import Blueprint

from app.acts import Reply, in_one_act
from app.api.security import permits
from app.audit.models import AuditEntry
from app.audit.queries import list_entries, list_seals, list_streams
from app.audit.schemas import AuditEntrySchema, FindingSchema, LookSchema, SealSchema, StreamSchema
from app.audit.seal import seal, verify_database
from app.db import unit_of_work
from app.identity.looks import list_auditors_looks, visible_entries
from app.identity.rights import Right
from app.limits import COSTLY, limiter
from app.paging import PageArgs, after_number, after_text, page, page_of
from app.request import current_actor

blueprint = Blueprint("audit", __name__, url_prefix="/audit", description="审计记录：查看、封存、核验")


def _seal_file() -> Any:
    return current_app.extensions["bihuan"]["config"].seal_file


@blueprint.route("/streams", methods=["GET"])
@permits(Right.READ_AUDIT)
@blueprint.arguments(PageArgs, location="query")
@blueprint.response(200, page_of(StreamSchema))
def streams(query: dict[str, Any]) -> dict[str, Any]:
    """List the streams with their heads."""
    seen = after_text(query["cursor"])
    with unit_of_work():
        rows = list_streams(visible_entries(current_actor()), seen, query["limit"] + 1)
    return page(rows, query["limit"], lambda row: [row["stream"]])


@blueprint.route("/entries", methods=["GET"])
@permits(Right.READ_AUDIT)
@blueprint.arguments(PageArgs, location="query")
@blueprint.response(200, page_of(AuditEntrySchema))
def entries(query: dict[str, Any]) -> dict[str, Any]:
    """List entries in order; of streams that few may read there are none."""
    seen = after_number(query["cursor"])
    with unit_of_work():
        rows = list_entries(visible_entries(current_actor()), seen, query["limit"] + 1)
    return page(rows, query["limit"], lambda row: [row["id"]])


@blueprint.route("/looks", methods=["GET"])
@permits(Right.READ_LOOKS)
@blueprint.response(200, LookSchema(many=True))
def looks() -> list[AuditEntry]:
    """List what discipline auditors looked at; for the audit administrator alone."""
    with unit_of_work():
        return list_auditors_looks(current_actor())


@blueprint.route("/seals", methods=["GET"])
@permits(Right.READ_AUDIT)
@blueprint.response(200, SealSchema(many=True))
def seals() -> list[dict[str, Any]]:
    """List the newest seals."""
    with unit_of_work():
        return list_seals()


@blueprint.route("/seals", methods=["POST"])
@permits(Right.SEAL_AUDIT)
@blueprint.response(201, SealSchema)
def make_seal() -> Reply:
    """Seal all streams now, in the database and in the file outside of it."""
    return in_one_act(lambda now: seal(_seal_file(), now))


@blueprint.route("/verification", methods=["GET"])
@permits(Right.READ_AUDIT)
@limiter.limit(COSTLY)
@blueprint.response(200, FindingSchema(many=True))
def verification() -> list[Any]:
    """Check every entry and every seal; an empty list means that all is well."""
    with unit_of_work():
        return verify_database(_seal_file())
