"""Accounts and tokens, for the security administrator; handing over and standing in, for colleagues."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask_smorest import Blueprint

from app.acts import Reply, in_one_act, in_pieces
from app.api.security import permits
from app.db import unit_of_work
from app.edge import hand_over_tasks
from app.identity.accounts import (
    NewAccount,
    Post,
    add_account,
    change_post,
    disable_account,
    enable_account,
    list_accounts,
    reset_password,
)
from app.identity.actor import Role
from app.identity.models import Account, Substitution, Token
from app.identity.rights import Right
from app.identity.schemas import (
    AccountSchema,
    HandoverSchema,
    IssuedTokenSchema,
    LoginSchema,
    MovedSchema,
    NewAccountSchema,
    NewTokenSchema,
    PasswordSchema,
    PostSchema,
    SubstituteSchema,
    SubstitutionSchema,
    TokenSchema,
)
from app.identity.substitutes import appoint_substitute, end_substitution, list_substitutions
from app.identity.tokens import issue_token, list_tokens, revoke_token
from app.paging import KEY
from app.request import clock, current_actor

blueprint = Blueprint("accounts", __name__, description="账号、令牌、移交与代办")


@blueprint.route("/accounts", methods=["GET"])
@permits(Right.READ_ACCOUNTS)
@blueprint.response(200, AccountSchema(many=True))
def index() -> list[Account]:
    """List all accounts."""
    with unit_of_work():
        return list_accounts(current_actor())


@blueprint.route("/accounts", methods=["POST"])
@permits(Right.EDIT_ACCOUNTS)
@blueprint.arguments(NewAccountSchema)
@blueprint.response(201, LoginSchema)
def add(body: dict[str, Any]) -> Reply:
    """Make an account; administrators are made at the command line alone."""
    password, role = body.pop("password"), Role(body.pop("role"))
    new = NewAccount(role=role, **body)
    return in_one_act(lambda now: add_account(current_actor(), new, password, now), {"login": new.login}, may_repeat=True)


@blueprint.route("/accounts/<login>/post", methods=["PUT"])
@permits(Right.EDIT_ACCOUNTS)
@blueprint.arguments(PostSchema)
@blueprint.response(200, LoginSchema)
def change(body: dict[str, Any], login: str) -> Reply:
    """Give an account another post; its sessions end."""
    post = Post(role=Role(body.pop("role")), **body)
    return in_one_act(lambda now: change_post(current_actor(), login, post, now), {"login": login})


@blueprint.route("/accounts/<login>/closure", methods=["PUT"])
@permits(Right.EDIT_ACCOUNTS)
@blueprint.response(200, LoginSchema)
def close(login: str) -> Reply:
    """Close an account; its sessions end at once."""
    return in_one_act(lambda now: disable_account(current_actor(), login, now), {"login": login})


@blueprint.route("/accounts/<login>/closure", methods=["DELETE"])
@permits(Right.EDIT_ACCOUNTS)
@blueprint.response(200, LoginSchema)
def reopen(login: str) -> Reply:
    """Open a closed account again."""
    return in_one_act(lambda now: enable_account(current_actor(), login, now), {"login": login})


@blueprint.route("/accounts/<login>/password", methods=["PUT"])
@permits(Right.EDIT_ACCOUNTS)
@blueprint.arguments(PasswordSchema)
@blueprint.response(200, LoginSchema)
def set_password(body: dict[str, str], login: str) -> Reply:
    """Give somebody a new password; their sessions end."""
    work = partial(reset_password, current_actor(), login, body["password"])
    return in_one_act(work, {"login": login}, may_repeat=True)


@blueprint.route("/tokens", methods=["GET"])
@permits(Right.ISSUE_TOKENS)
@blueprint.response(200, TokenSchema(many=True))
def tokens() -> list[Token]:
    """List the tokens of department systems; never the tokens themselves."""
    with unit_of_work():
        return list_tokens(current_actor())


@blueprint.route("/tokens", methods=["POST"])
@permits(Right.ISSUE_TOKENS)
@blueprint.arguments(NewTokenSchema)
@blueprint.response(201, IssuedTokenSchema)
def issue(body: dict[str, Any]) -> Reply:
    """Issue a token; it is shown this once."""
    return in_one_act(lambda now: {"token": issue_token(current_actor(), now=now, **body)}, may_repeat=True)


@blueprint.route(f"/tokens/<{KEY}:number>", methods=["DELETE"])
@permits(Right.ISSUE_TOKENS)
@blueprint.response(204)
def revoke(number: int) -> None:
    """Revoke a token, at once."""
    in_one_act(lambda now: revoke_token(current_actor(), number, now), {})


@blueprint.route("/handovers", methods=["POST"])
@permits(Right.HAND_OVER)
@blueprint.arguments(HandoverSchema)
@blueprint.response(201, MovedSchema)
def hand_over(body: dict[str, str]) -> Reply:
    """Hand somebody's open steps over to a colleague, one case after the other."""
    return in_pieces(lambda: {"cases": hand_over_tasks(current_actor(), body["from_login"], body["to_login"], clock())})


@blueprint.route("/substitutes", methods=["GET"])
@permits(Right.SUBSTITUTE)
@blueprint.response(200, SubstitutionSchema(many=True))
def substitutions() -> list[Substitution]:
    """List what is arranged from today on in which one is absent or stands in."""
    with unit_of_work() as session:
        return list_substitutions(current_actor(), clock().now(session.connection()))


@blueprint.route(f"/substitutes/<{KEY}:number>", methods=["DELETE"])
@permits(Right.SUBSTITUTE)
@blueprint.response(204)
def end(number: int) -> None:
    """End a substitution before its last day."""
    in_one_act(lambda now: end_substitution(current_actor(), number, now), {})


@blueprint.route("/substitutes", methods=["POST"])
@permits(Right.SUBSTITUTE)
@blueprint.arguments(SubstituteSchema)
@blueprint.response(201, LoginSchema)
def appoint(body: dict[str, Any]) -> Reply:
    """Name who stands in while one is on leave; they act with `X-On-Behalf-Of`."""
    login, from_on, until_on = body["login"], body["from_on"], body["until_on"]
    return in_one_act(lambda now: appoint_substitute(current_actor(), login, from_on, until_on, now), {"login": login})
