"""转办台: what came in and what came back, each to be passed on to a department that is chosen by name."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app.cases.dossier import Facts
from app.cases.inbox import Wanted
from app.cases.outline import Line
from app.cases.registry import PASSING_ON
from app.cases.routing import list_stretches, suggest_department
from app.db import unit_of_work
from app.identity.rights import Right
from app.pages.benches import Bench
from app.pages.guard import refuse_other_sites, shows
from app.request import clock

blueprint = Blueprint("page_forwarding", __name__, url_prefix="/forwarding", template_folder="templates")
blueprint.before_request(refuse_other_sites)


def _more(case_id: int, line: Line, case: Facts) -> Facts:
    with unit_of_work() as session:
        stretches = list_stretches(case_id, clock().now(session.connection()))
        suggestion = suggest_department(case_id)
    return {"stretches": stretches, "suggestion": suggestion, "departments": {each.department for each in stretches}}


BENCH = Bench("page_forwarding", "forwarding.html", Wanted(acts=PASSING_ON, status="open"), _more)


@blueprint.get("")
@shows(Right.SUBMIT_TASK)
def index() -> str:
    """List what has to be passed on, due first."""
    return BENCH.index()


@blueprint.get("/<number>/<element>")
@shows(Right.SUBMIT_TASK)
def show(number: str, element: str) -> ResponseReturnValue:
    """Show what is to be passed on, with whom the facts suggest and why."""
    return BENCH.show(number, element)


@blueprint.post("/<number>/<element>")
@shows(Right.SUBMIT_TASK)
def submit(number: str, element: str) -> ResponseReturnValue:
    """Pass the case on to the department that was chosen, or to the one suggested where its own button was pressed."""
    suggested = request.form.get("suggested")
    return BENCH.submit(number, element, {"department": suggested} if suggested else None)
