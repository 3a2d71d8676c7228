"""The plain page of the demo: the table of all programmes, and their diagrams."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template

from app.db import unit_of_work
from app.figures.overview import LABELS, overview
from app.programmes.bundle import read_bundle, shipped

blueprint = Blueprint("overview", __name__, template_folder="templates")


@blueprint.get("/")
def index() -> str:
    """Show the counts of every programme and its diagram."""
    with unit_of_work():
        table = overview()
    names = {folder.name: read_bundle(folder).rules.name for folder in shipped()}
    return render_template("overview.html", table=table, labels=LABELS, names=names)


@blueprint.get("/pictures/<code>.svg")
def picture(code: str) -> Response:
    """Show a programme's diagram as it is drawn in its bundle."""
    folder = next((each for each in shipped() if each.name == code), None)
    if folder is None:
        abort(404)
    return Response((folder / "bad_review.svg").read_bytes(), mimetype="image/svg+xml")
