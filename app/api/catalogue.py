"""The catalogue: areas, departments, windows, terminals, staff, items, channels; links for reviewing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response, jsonify, request
from flask_smorest import Blueprint

from app.acts import Reply, in_one_act, in_pieces
from app.api.security import own_programme, permits
from app.catalogue.editing import edit_department, succeed, version_of
from app.catalogue.links import WINDOW, Link, sign_link
from app.catalogue.queries import find_department, find_entry, list_areas, list_departments, list_entries
from app.catalogue.schemas import (
    AreaSchema,
    CatalogueEntrySchema,
    DepartmentEditSchema,
    DepartmentSchema,
    EntryQuerySchema,
    LinkSchema,
    SucceededSchema,
    SuccessionSchema,
)
from app.db import unit_of_work
from app.edge import hand_over_department
from app.identity.rights import Right
from app.paging import PageArgs, after_text, page, page_of
from app.request import clock, current_actor, vault

blueprint = Blueprint("catalogue", __name__, url_prefix="/catalogue/<programme>", description="名录")
DEPARTMENT = DepartmentSchema()


@blueprint.route("/areas", methods=["GET"])
@permits(Right.READ_CATALOGUE)
@blueprint.arguments(PageArgs, location="query")
@blueprint.response(200, page_of(AreaSchema))
def areas(query: dict[str, Any], programme: str) -> dict[str, Any]:
    """List the areas of one's programme, of all four levels."""
    seen = after_text(query["cursor"])
    with unit_of_work():
        rows = list_areas(own_programme(programme), seen, query["limit"] + 1)
    return page(rows, query["limit"], lambda row: [row["code"]])


@blueprint.route("/departments", methods=["GET"])
@permits(Right.READ_CATALOGUE)
@blueprint.arguments(PageArgs, location="query")
@blueprint.response(200, page_of(DepartmentSchema))
def departments(query: dict[str, Any], programme: str) -> dict[str, Any]:
    """List the departments of one's programme."""
    seen = after_text(query["cursor"])
    with unit_of_work():
        rows = list_departments(own_programme(programme), seen, query["limit"] + 1)
    return page(rows, query["limit"], lambda row: [row["code"]])


@blueprint.route("/departments/<code>", methods=["GET"])
@permits(Right.READ_CATALOGUE)
@blueprint.response(200, DepartmentSchema)
def department(programme: str, code: str) -> Response:
    """Show a department; the ETag is what an edit must name."""
    with unit_of_work():
        found = find_department(own_programme(programme), code)
    return _with_version(DEPARTMENT.dump(found), version_of(found))


@blueprint.route("/departments/<code>", methods=["PATCH"])
@permits(Right.EDIT_CATALOGUE)
@blueprint.arguments(DepartmentEditSchema)
@blueprint.response(200, DepartmentSchema)
def edit(body: dict[str, Any], programme: str, code: str) -> Response:
    """Change a department as it was read (`If-Match`); a change in between is answered with both texts."""
    version = request.headers.get("If-Match", "").strip('"') or None

    def work(now: datetime) -> Reply:
        changed = edit_department(current_actor(), own_programme(programme), code, version, body, now)
        return {"department": DEPARTMENT.dump(changed), "version": version_of(changed)}

    return _with_version(**in_one_act(work))


def _with_version(department: Any, version: str) -> Response:
    answer = jsonify(department)
    answer.set_etag(version)
    return answer


@blueprint.route("/departments/<code>/successor", methods=["POST"])
@permits(Right.EDIT_CATALOGUE)
@blueprint.arguments(SuccessionSchema)
@blueprint.response(201, SucceededSchema)
def close_department(body: dict[str, Any], programme: str, code: str) -> Reply:
    """Close a department that was merged or split; its open cases go to the successor, one after the other."""
    actor, successor, on = current_actor(), body["successor"], body["on"]
    with unit_of_work():
        programme = own_programme(programme)

    def work() -> Reply:
        with unit_of_work() as session:
            succeed(actor, programme, code, successor, on, clock().now(session.connection()))
        return {"code": code, "successor": successor, "moved": hand_over_department(actor, programme, code, successor, clock())}

    return in_pieces(work)


@blueprint.route("/entries", methods=["GET"])
@permits(Right.READ_CATALOGUE)
@blueprint.arguments(EntryQuerySchema, location="query")
@blueprint.response(200, page_of(CatalogueEntrySchema))
def entries(query: dict[str, Any], programme: str) -> dict[str, Any]:
    """List windows, terminals, staff, items or channels."""
    seen = after_text(query["cursor"])
    with unit_of_work():
        rows = list_entries(own_programme(programme), query["kind"], seen, query["limit"] + 1)
    return page(rows, query["limit"], lambda row: [row["code"]])


@blueprint.route("/windows/<code>/link", methods=["GET"])
@permits(Right.READ_CATALOGUE)
@blueprint.response(200, LinkSchema)
def window_link(programme: str, code: str) -> dict[str, str]:
    """Give the static link of a window: what its QR code holds."""
    return _static_link(programme, "window", code)


@blueprint.route("/terminals/<code>/link", methods=["GET"])
@permits(Right.READ_CATALOGUE)
@blueprint.response(200, LinkSchema)
def terminal_link(programme: str, code: str) -> dict[str, str]:
    """Give the static link of a terminal."""
    return _static_link(programme, "terminal", code)


def _static_link(programme: str, kind: str, code: str) -> dict[str, str]:
    with unit_of_work():
        found = find_entry(own_programme(programme), kind, code)
    return {"link": sign_link(Link(WINDOW, found["programme"], (kind, found["code"])), vault().index_key)}
