"""Coming in, going out, and what one may do."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_smorest import Blueprint

from app.acts import in_one_act
from app.api.security import bearer_token, permits
from app.db import unit_of_work
from app.identity.accounts import change_own_password
from app.identity.rights import Right, may
from app.identity.schemas import MeSchema, PasswordChangeSchema, SignedInSchema, SignInSchema
from app.identity.sessions import SignedIn, sign_in, sign_out
from app.limits import SIGN_IN, limiter
from app.request import clock, current_actor

blueprint = Blueprint("sessions", __name__, url_prefix="/session", description="登录")


@blueprint.route("", methods=["POST"])
@limiter.limit(SIGN_IN)
@blueprint.arguments(SignInSchema)
@blueprint.response(201, SignedInSchema)
def enter(body: dict[str, str]) -> SignedIn:
    """Sign in by login and password; the token goes into `Authorization: Bearer`."""
    with unit_of_work() as session:
        now = clock().now(session.connection())
        return sign_in(body["login"], body["password"], request.remote_addr or "", now)


@blueprint.route("", methods=["GET"])
@permits(Right.OWN_SESSION)
@blueprint.response(200, MeSchema)
def me() -> dict[str, Any]:
    """Tell who one is and what one may do."""
    actor = current_actor()
    return vars(actor) | {"rights": sorted(right.value for right in Right if may(actor, right))}


@blueprint.route("", methods=["DELETE"])
@permits(Right.OWN_SESSION)
@blueprint.response(204)
def leave() -> None:
    """Sign out: the token ends at once, everywhere."""
    in_one_act(lambda now: sign_out(bearer_token(), now), {}, may_repeat=True)


@blueprint.route("/password", methods=["PUT"])
@permits(Right.OWN_SESSION)
@blueprint.arguments(PasswordChangeSchema)
@blueprint.response(204)
def change_password(body: dict[str, str]) -> None:
    """Change one's password; all sessions end."""
    in_one_act(lambda now: change_own_password(current_actor(), body["old"], body["new"], now), {}, may_repeat=True)
