"""Referrals to the discipline body, in a stream of their own."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from app.acts import Reply, in_one_act, on_case
from app.api.security import permits
from app.cases.schemas import StateSchema, WordsSchema
from app.db import unit_of_work
from app.identity.rights import Right
from app.paging import KEY
from app.request import current_actor
from app.supervision.referrals import answer_referral, list_referrals, refer_matter
from app.supervision.schemas import AnsweredSchema, ReferralSchema

blueprint = Blueprint("supervision", __name__, description="移交：只有监督单位和纪检监察机构可见")


@blueprint.route("/cases/<number>/referral", methods=["POST"])
@permits(Right.REFER)
@blueprint.arguments(WordsSchema)
@blueprint.response(201, StateSchema)
def refer(body: dict[str, str], number: str) -> Reply:
    """Refer a suspected breach; the case goes on."""
    return on_case(number, lambda step, actor: refer_matter(step, actor, body["words"]))


@blueprint.route("/referrals", methods=["GET"])
@permits(Right.READ_REFERRALS)
@blueprint.response(200, ReferralSchema(many=True))
def index() -> list[dict[str, Any]]:
    """List the referrals of one's programme; for others than overseer and discipline body there are none."""
    with unit_of_work():
        return list_referrals(current_actor())


@blueprint.route(f"/referrals/<{KEY}:referral>/answer", methods=["POST"])
@permits(Right.ANSWER_REFERRAL)
@blueprint.arguments(WordsSchema)
@blueprint.response(201, AnsweredSchema)
def answer(body: dict[str, str], referral: int) -> Reply:
    """Record what the discipline body found."""
    return in_one_act(lambda now: answer_referral(referral, current_actor(), body["words"], now), {"id": referral})
