"""方案: the rules that cases run by, to be read: limits, lanes, ladder and the rest, each with its clause or our reading."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.catalogue.queries import department_names
from app.clock import SHANGHAI
from app.db import unit_of_work
from app.identity.rights import Right
from app.pages.guard import shows
from app.programmes.picture import render
from app.programmes.queries import list_programmes, read_programme
from app.programmes.rules import Rules
from app.programmes.telling import limits_told, list_versions, rules_told
from app.programmes.versions import bundle_of, current_version
from app.request import clock

blueprint = Blueprint("page_programmes", __name__, url_prefix="/programmes", template_folder="templates")


@blueprint.get("")
@shows(Right.READ_PROGRAMMES)
def index() -> ResponseReturnValue:
    """Lead to one's own programme, or to the first for who belongs to none."""
    with unit_of_work():
        first = g.actor.programme or list_programmes()[0]["code"]
    return redirect(url_for("page_programmes.show", code=first))


@blueprint.get("/<code>")
@shows(Right.READ_PROGRAMMES)
def show(code: str) -> str:
    """Show a programme's rules as they are now."""
    with unit_of_work() as session:
        programme, programmes = read_programme(code), list_programmes()
        bundle = bundle_of(current_version(code))
        today = clock().now(session.connection()).astimezone(SHANGHAI).date()
        return render_template(
            "programme.html", programme=programme, programmes=programmes, rules=bundle.rules, told=rules_told(bundle),
            limits=limits_told(bundle.program.definition), names=department_names(code, _departments(bundle.rules)),
            versions=list_versions(code), today=today,
        )  # fmt: skip


def _departments(rules: Rules) -> set[str]:
    named = {rule.superior for rule in rules.lanes.values()} | {rule.code for rule in rules.lanes.values()}
    named |= {code for rule in rules.lanes.values() for code in rule.by_area.values()}
    return {code for code in named if code}


@blueprint.get("/<code>/picture.svg")
@shows(Right.READ_PROGRAMMES)
def picture(code: str) -> Response:
    """Draw the diagram that new cases run by."""
    with unit_of_work():
        return Response(render(bundle_of(current_version(code)).diagram), mimetype="image/svg+xml")
