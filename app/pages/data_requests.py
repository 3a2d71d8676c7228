"""个人信息请求: what reviewers ask to see, to have put right or deleted, taken in and answered in time by the overseer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.acts import in_one_act
from app.clock import SHANGHAI
from app.db import unit_of_work
from app.errors import AppError
from app.http_errors import status_of
from app.identity.actor import Actor
from app.identity.rights import Right
from app.intake.people import require_by_phone
from app.pages.guard import refuse_other_sites, shows
from app.paging import KEY
from app.privacy.requests import (
    Held,
    correct_held,
    delete_held,
    list_requests,
    receive_request,
    refuse_request,
    show_held,
)
from app.request import clock, vault

blueprint = Blueprint("page_data_requests", __name__, url_prefix="/requests", template_folder="templates")
blueprint.before_request(refuse_other_sites)
NEW = "new"


@blueprint.get("")
@shows(Right.DATA_REQUESTS)
def index() -> str:
    """List the requests of the programme, those still to be answered first."""
    return _show()


def _show(wrong: AppError | None = None, at: str = "", held: Held | None = None) -> str:
    actor: Actor = g.actor
    with unit_of_work() as session:
        today = clock().now(session.connection()).astimezone(SHANGHAI).date()
        requests = list_requests(actor)
    return render_template(
        "data_requests.html", requests=requests, today=today, held=held, wrong=wrong, at=at, typed=request.form,
    )  # fmt: skip


@blueprint.post("")
@shows(Right.DATA_REQUESTS)
def receive() -> ResponseReturnValue:
    """Take a request in, from a person whose identity was checked."""
    actor, form = g.actor, request.form
    wish = {name: form.get(name, "").strip() for name in ("name", "new_phone")}
    new = {"name": wish["name"], "phone": wish["new_phone"]} if form.get("kind") == "correct" else {}

    def work(now: datetime) -> dict[str, Any]:
        reviewer = require_by_phone(actor.programme, form.get("phone", "").strip(), vault())
        return {"id": receive_request(actor, reviewer, form.get("kind", ""), now, new)}

    return _act(NEW, lambda: in_one_act(work))


@blueprint.post(f"/<{KEY}:number>/held")
@shows(Right.DATA_REQUESTS)
def show(number: int) -> ResponseReturnValue:
    """Answer a request to see: all that is held, once, to be handed to the person."""
    found: list[Held] = []
    try:
        in_one_act(lambda now: found.append(show_held(g.actor, number, vault(), now)), {}, may_repeat=True)
    except AppError as error:
        return _show(error, str(number)), status_of(error)
    return _show(held=found[0])


@blueprint.post(f"/<{KEY}:number>/correction")
@shows(Right.DATA_REQUESTS)
def correct(number: int) -> ResponseReturnValue:
    """Answer a request to correct by doing so."""
    return _act(str(number), lambda: in_one_act(lambda now: correct_held(g.actor, number, vault(), now), {"id": number}))


@blueprint.post(f"/<{KEY}:number>/deletion")
@shows(Right.DATA_REQUESTS)
def delete(number: int) -> ResponseReturnValue:
    """Answer a request to delete by doing so; refused while a case of theirs is open."""
    log = current_app.extensions["bihuan"]["config"].deletion_file
    return _act(str(number), lambda: in_one_act(lambda now: delete_held(g.actor, number, log, now), {"id": number}))


@blueprint.post(f"/<{KEY}:number>/refusal")
@shows(Right.DATA_REQUESTS)
def refuse(number: int) -> ResponseReturnValue:
    """Refuse a request with the reason that is told to the person."""
    reason = request.form.get("reason", "")
    return _act(str(number), lambda: in_one_act(lambda now: refuse_request(g.actor, number, reason, now), {"id": number}))


def _act(at: str, act: Callable[[], Any]) -> ResponseReturnValue:
    try:
        act()
    except AppError as error:
        return _show(error, at), status_of(error)
    return redirect(url_for("page_data_requests.index", done=at), 303)
