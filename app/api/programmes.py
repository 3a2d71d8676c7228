"""The programmes that run side by side: their rules, clauses and diagrams."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint

from app.api.security import permits
from app.db import unit_of_work
from app.identity.rights import Right
from app.programmes.queries import list_programmes, read_elements, read_programme
from app.programmes.schemas import ElementSchema, ProgrammeSchema
from app.programmes.versions import bundle_of, current_version

blueprint = Blueprint("programmes", __name__, url_prefix="/programmes", description="方案：规则、条款、流程图")


@blueprint.route("", methods=["GET"])
@permits(Right.READ_PROGRAMMES)
@blueprint.response(200, ProgrammeSchema(many=True))
def index() -> list[dict[str, Any]]:
    """List the programmes and the version that new cases get."""
    with unit_of_work():
        return list_programmes()


@blueprint.route("/<code>", methods=["GET"])
@permits(Right.READ_PROGRAMMES)
@blueprint.response(200, ProgrammeSchema)
def show(code: str) -> dict[str, Any]:
    """Show one programme."""
    with unit_of_work():
        return read_programme(code.lower())


@blueprint.route("/<code>/elements", methods=["GET"])
@permits(Right.READ_PROGRAMMES)
@blueprint.response(200, ElementSchema(many=True))
def elements(code: str) -> list[dict[str, Any]]:
    """List what the diagram holds: each element with its lane, limit, and its clause or our reading of it."""
    with unit_of_work():
        return read_elements(code.lower())


@blueprint.route("/<code>/diagram", methods=["GET"])
@permits(Right.READ_PROGRAMMES)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/xml")
def diagram(code: str) -> Response:
    """Download the BPMN diagram, byte for byte as it was published."""
    with unit_of_work():
        return Response(bundle_of(current_version(code.lower())).diagram, mimetype="application/xml")
