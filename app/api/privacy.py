"""Requests of reviewers to see, correct or delete what is held of them (P4), for the overseer who keeps it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import current_app
from flask_smorest import Blueprint

from app.acts import Reply, in_one_act
from app.api.security import permits
from app.db import unit_of_work
from app.identity.rights import Right
from app.intake.people import require_by_phone
from app.paging import KEY
from app.privacy.models import DataRequest
from app.privacy.requests import (
    correct_held,
    delete_held,
    list_requests,
    receive_request,
    refuse_request,
    show_held,
)
from app.privacy.schemas import DataRequestSchema, HeldSchema, NumberSchema, RefusalReasonSchema, WishSchema
from app.request import current_actor, vault

blueprint = Blueprint("privacy", __name__, url_prefix="/data-requests", description="个人信息请求：查阅、更正、删除")


@blueprint.route("", methods=["GET"])
@permits(Right.DATA_REQUESTS)
@blueprint.response(200, DataRequestSchema(many=True))
def index() -> list[DataRequest]:
    """List the requests of one's programme, those still to be answered first."""
    with unit_of_work():
        return list_requests(current_actor())


@blueprint.route("", methods=["POST"])
@permits(Right.DATA_REQUESTS)
@blueprint.arguments(WishSchema)
@blueprint.response(201, NumberSchema)
def receive(body: dict[str, Any]) -> Reply:
    """Take a request in, from a person whose identity was checked."""
    actor = current_actor()

    def work(now: datetime) -> Reply:
        reviewer = require_by_phone(actor.programme, body["phone"], vault())
        return {"id": receive_request(actor, reviewer, body["kind"], now, body["wish"])}

    return in_one_act(work)


@blueprint.route(f"/<{KEY}:request>/held", methods=["POST"])
@permits(Right.DATA_REQUESTS)
@blueprint.response(200, HeldSchema)
def show(request: int) -> Any:
    """Answer a request to see: all that is held, to be handed to the person."""
    return in_one_act(lambda now: show_held(current_actor(), request, vault(), now), may_repeat=True)


@blueprint.route(f"/<{KEY}:request>/correction", methods=["POST"])
@permits(Right.DATA_REQUESTS)
@blueprint.response(201, NumberSchema)
def correct(request: int) -> Reply:
    """Answer a request to correct by doing so."""
    return in_one_act(lambda now: correct_held(current_actor(), request, vault(), now), {"id": request})


@blueprint.route(f"/<{KEY}:request>/deletion", methods=["POST"])
@permits(Right.DATA_REQUESTS)
@blueprint.response(201, NumberSchema)
def delete(request: int) -> Reply:
    """Answer a request to delete by doing so; refused while a case of theirs is open."""
    log = current_app.extensions["bihuan"]["config"].deletion_file
    return in_one_act(lambda now: delete_held(current_actor(), request, log, now), {"id": request})


@blueprint.route(f"/<{KEY}:request>/refusal", methods=["POST"])
@permits(Right.DATA_REQUESTS)
@blueprint.arguments(RefusalReasonSchema)
@blueprint.response(201, NumberSchema)
def refuse(body: dict[str, str], request: int) -> Reply:
    """Refuse a request with the reason that is told to the person."""
    return in_one_act(lambda now: refuse_request(current_actor(), request, body["reason"], now), {"id": request})
