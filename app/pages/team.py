"""科内: who has how much in hand, handing over, and who stands in while somebody is on leave."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.acts import in_one_act, in_pieces
from app.cases.inbox import horizon, loads
from app.db import unit_of_work
from app.edge import hand_over_tasks
from app.errors import AppError, Invalid
from app.http_errors import status_of
from app.identity.actor import Actor
from app.identity.rights import Right
from app.identity.substitutes import appoint_substitute, end_substitution, list_arranged
from app.pages.guard import refuse_other_sites, shows
from app.paging import KEY
from app.request import clock

blueprint = Blueprint("page_team", __name__, template_folder="templates")
blueprint.before_request(refuse_other_sites)


class DayMissing(Invalid):
    """A day was not given, or is none."""

    code = "day_missing"


@blueprint.get("/team")
@shows(Right.HAND_OVER)
def index() -> str:
    """Show the loads of the department and its substitutions."""
    return _show()


def _show(wrong: AppError | None = None, at: str = "") -> str:
    actor: Actor = g.actor
    with unit_of_work() as session:
        now = clock().now(session.connection())
        return render_template(
            "team.html", loads=loads(actor, horizon(actor.programme, now)), arranged=list_arranged(actor, now),
            wrong=wrong, at=at, typed=request.form,
        )  # fmt: skip


@blueprint.post("/team/handovers")
@shows(Right.HAND_OVER)
def hand_over() -> ResponseReturnValue:
    """Hand all open steps of somebody over to a colleague, one case after the other."""
    giver, taker = request.form.get("from", ""), request.form.get("to", "")
    return _act("handover", lambda: in_pieces(lambda: {"cases": hand_over_tasks(g.actor, giver, taker, clock())}))


@blueprint.post("/team/substitutes")
@shows(Right.SUBSTITUTE)
def appoint() -> ResponseReturnValue:
    """Name who stands in for somebody on leave."""
    form, actor = request.form, g.actor

    def work(now: datetime) -> None:
        days = (_day("from_on"), _day("until_on"))
        appoint_substitute(actor, form.get("substitute", ""), *days, now, absent_login=form.get("absent") or None)

    return _act("substitute", lambda: in_one_act(work, {}))


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError as error:
        raise DayMissing("请选代办的第一天和最后一天。") from error


@blueprint.post(f"/team/substitutes/<{KEY}:number>/end")
@shows(Right.SUBSTITUTE)
def end(number: int) -> ResponseReturnValue:
    """End a substitution before its last day."""
    return _act("substitute", lambda: in_one_act(lambda now: end_substitution(g.actor, number, now), {}))


def _act(at: str, act: Callable[[], Any]) -> ResponseReturnValue:
    try:
        act()
    except AppError as error:
        return _show(error, at), status_of(error)
    return redirect(url_for("page_team.index", done=at), 303)
