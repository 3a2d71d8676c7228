"""The description of the API as a page to read and to try it on; all that it loads is ours."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

blueprint = Blueprint("docs", __name__, template_folder="templates")

DESCRIPTION = "/api/v1/openapi.json"
# Swagger UI is a script, and writes styles on its elements; nothing comes from elsewhere.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@blueprint.get("/api/v1/docs")
def index() -> Response:
    """Show Swagger UI."""
    response = Response(render_template("swagger.html", spec=DESCRIPTION))
    response.headers["Content-Security-Policy"] = POLICY
    return response
