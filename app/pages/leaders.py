"""总览: what is wrong, where, since when; then the figures of a month with their parts, and what waits for the leaders."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request

from app.clock import SHANGHAI
from app.db import unit_of_work
from app.figures.months import Month
from app.figures.rates import figures_of
from app.figures.standing import standing
from app.identity.actor import Actor
from app.identity.rights import Right
from app.pages.guard import shows
from app.programmes.versions import bundle_of, current_version
from app.request import clock

blueprint = Blueprint("page_leaders", __name__, template_folder="templates")


@blueprint.get("/leaders")
@shows(Right.READ_FIGURES)
def index() -> str:
    """Show the figures of a month; the present one unless the address names another."""
    actor: Actor = g.actor
    with unit_of_work() as session:
        now = clock().now(session.connection())
        present = Month.of(now)
        month = min(Month.read(request.args.get("month", "")) or present, present)
        rules = bundle_of(current_version(actor.programme)).rules
        return render_template(
            "leaders.html", figures=figures_of(actor.programme, month, now), now=standing(actor.programme, now),
            at=now.astimezone(SHANGHAI), present=present, area=rules.area,
        )  # fmt: skip
