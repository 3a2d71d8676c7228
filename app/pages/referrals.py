"""移交线索: suspected breaches and reprisals, in a place of their own; nothing on a case's page tells that there are any."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.acts import in_one_act, on_case
from app.cases.errors import CaseNotFound, FormInvalid
from app.cases.schemas import LONGEST
from app.db import unit_of_work
from app.errors import AppError
from app.http_errors import status_of
from app.identity.accounts import names_of
from app.identity.actor import Actor, Role
from app.identity.looks import record_look
from app.identity.rights import Right
from app.pages.guard import refuse_other_sites, shows
from app.paging import KEY
from app.request import clock
from app.supervision.referrals import answer_referral, list_referrals, refer_matter, require_reader

blueprint = Blueprint("page_referrals", __name__, url_prefix="/referrals", template_folder="templates")
blueprint.before_request(refuse_other_sites)
NEW = "new"


@blueprint.get("")
@shows(Right.READ_REFERRALS)
def index() -> str:
    """List the referrals of the programme for overseer and discipline body; an auditor's look is recorded."""
    return _show()


def _show(wrong: AppError | None = None, at: str = "") -> str:
    actor: Actor = g.actor
    with unit_of_work() as session:
        require_reader(actor)
        record_look(actor, "referrals", clock().now(session.connection()))
        referrals = list_referrals(actor)
        people = names_of({each["referred_by"] for each in referrals} | {each["answered_by"] or "" for each in referrals})
    waiting = [each for each in referrals if each["answered_at"] is None]
    answered = [each for each in reversed(referrals) if each["answered_at"] is not None]
    return render_template(
        "referrals.html", waiting=waiting, answered=answered, people=people, answers=actor.role is Role.AUDITOR, wrong=wrong,
        at=at, typed=request.form, longest=LONGEST,
    )  # fmt: skip


@blueprint.post("")
@shows(Right.REFER)
def refer() -> ResponseReturnValue:
    """Refer a suspected breach that a case brought up; the case goes on."""
    number = request.form.get("number", "").strip().upper()
    try:
        words = _words("移交的理由")
        on_case(number, lambda step, actor: refer_matter(step, actor, words))
    except CaseNotFound as error:
        return _show(CaseNotFound("没有这个工单号，请从工单页照抄，例如 XS-2025-000001。"), NEW), status_of(error)
    except AppError as error:
        return _show(error, NEW), status_of(error)
    return redirect(url_for("page_referrals.index", done="referred"), 303)


@blueprint.post(f"/<{KEY}:referral>/answer")
@shows(Right.ANSWER_REFERRAL)
def answer(referral: int) -> ResponseReturnValue:
    """Record what the discipline body found."""
    try:
        words = _words("办理结果")
        in_one_act(lambda now: answer_referral(referral, g.actor, words, now), {"id": referral})
    except AppError as error:
        return _show(error, str(referral)), status_of(error)
    return redirect(url_for("page_referrals.index", done="answered"), 303)


def _words(label: str) -> str:
    words = request.form.get("words", "").strip()
    if not 0 < len(words) <= LONGEST:
        raise FormInvalid(f"请写{label}，不超过 {LONGEST} 字。", fields={label: "缺少或过长"})
    return words
