"""抽查: settled cases with what they came to and why, by the way they were settled; each leads to its record."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request

from app.catalogue.queries import department_names
from app.db import unit_of_work
from app.figures.quality import KINDS, count_settled, list_settled
from app.identity.actor import Actor
from app.identity.looks import record_look
from app.identity.rights import Right
from app.pages.guard import refuse_other_sites, shows
from app.paging import after_number, page
from app.request import clock

blueprint = Blueprint("page_quality", __name__, url_prefix="/quality", template_folder="templates")
blueprint.before_request(refuse_other_sites)
ROWS = 20


@blueprint.get("")
@shows(Right.READ_CASES)
def index() -> str:
    """Show a page of the settled cases of a kind; a discipline auditor's look is recorded."""
    actor: Actor = g.actor
    kind = request.args.get("kind", "")
    kind = kind if kind in KINDS else next(iter(KINDS))
    with unit_of_work() as session:
        record_look(actor, f"quality/{kind}", clock().now(session.connection()))
        counts = count_settled(actor)
        rows = list_settled(actor, kind, after_number(request.args.get("after")), ROWS + 1)
        names = department_names(actor.programme, {code for row in rows for code in (row.rated_department, row.department)})
    shown = page(rows, ROWS, lambda row: [row.id])
    return render_template(
        "quality.html", rows=shown["items"], following=shown["next"], kinds=KINDS, kind=kind, counts=counts, names=names,
    )  # fmt: skip
