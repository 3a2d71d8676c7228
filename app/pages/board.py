"""督办台: who is late and who was told, how often departments take the easier way, and what waits for the overseer's answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.acts import on_case, refusal_of
from app.cases.errors import FormInvalid
from app.cases.inbox import horizon
from app.cases.queries import list_incidents
from app.cases.visibility import visible_cases
from app.cases.worklist import describe
from app.casework.disputes import Disputed, answer_dispute, list_waiting_disputes
from app.casework.models import DayObjection
from app.casework.objections import answer_objection, list_waiting
from app.catalogue.queries import department_names
from app.clock import SHANGHAI
from app.db import unit_of_work
from app.errors import AppError
from app.figures.oversight import MOST, Late, count_departments, list_late, total_of
from app.http_errors import status_of
from app.identity.actor import Actor
from app.identity.looks import record_look
from app.identity.rights import Right
from app.pages.guard import refuse_other_sites, shows
from app.paging import KEY
from app.request import clock, vault

blueprint = Blueprint("page_board", __name__, url_prefix="/board", template_folder="templates")
blueprint.before_request(refuse_other_sites)
CAPACITIES = {"owner": "承办人", "head": "负责人", "overseer": "监督单位", "leader": "领导"}
RIGHT, WRONG = "right", "wrong"


@blueprint.get("")
@shows(Right.READ_CASES)
def index() -> str:
    """Show the board; a discipline auditor's look is recorded."""
    return _show()


def _show(wrong: AppError | None = None, at: str = "") -> str:
    actor: Actor = g.actor
    with unit_of_work() as session:
        now = clock().now(session.connection())
        record_look(actor, "board", now)
        year = now.astimezone(SHANGHAI).year
        standings = count_departments(actor, datetime(year, 1, 1, tzinfo=SHANGHAI), now)
        late = list_late(actor, now)
        lines = describe([each.entry for each in late], horizon(actor.programme, now), vault())
        waiting, disputes = list_waiting(visible_cases(actor)), list_waiting_disputes(visible_cases(actor))
        departments = {*standings, *(each.objection.department for each in waiting), *_departments(late)}
        facts = {
            "standings": standings, "total": total_of(standings.values()), "year": year, "lines": lines, "late": late,
            "incidents": list_incidents(visible_cases(actor)), "names": department_names(actor.programme, departments),
        }  # fmt: skip
    refusals = {each.objection.id: _refusal(each.objection) for each in waiting}
    return render_template(
        "board.html", waiting=waiting, refusals=refusals, disputes=disputes,
        unanswerable={each.id: _dispute_refusal(each) for each in disputes}, capacities=CAPACITIES, most=MOST, wrong=wrong, at=at,
        typed=request.form, **facts,
    )  # fmt: skip


def _dispute_refusal(dispute: Disputed) -> AppError | None:
    return refusal_of(dispute.case_id, lambda step, actor: answer_dispute(step, actor, dispute.id, "—"))


def _departments(late: list[Late]) -> set[str]:
    told = {department for each in late for level in each.told for _, department, _ in level.people}
    return told | {code for each in late for code in (each.entry.department, each.entry.rated_department)}


def _refusal(objection: DayObjection) -> AppError | None:
    return refusal_of(
        objection.case_id, lambda step, actor: answer_objection(step, actor, objection.id, is_upheld=True, answer="—")
    )


@blueprint.post(f"/<number>/objections/<{KEY}:objection>")
@shows(Right.SUBMIT_TASK)
def answer(number: str, objection: int) -> ResponseReturnValue:
    """Answer an objection to a counted day."""
    try:
        verdict, words = _answered(request.form)
        on_case(number, lambda step, actor: answer_objection(step, actor, objection, verdict == RIGHT, words))
    except AppError as error:
        return _show(error, f"day-{objection}"), status_of(error)
    return redirect(url_for("page_board.index", done=number), 303)


@blueprint.post(f"/<number>/disputes/<{KEY}:dispute>")
@shows(Right.CORRECT_RATED)
def keep(number: str, dispute: int) -> ResponseReturnValue:
    """Answer whoever says that a rating is not of them that it stands, and why."""
    words = request.form.get("answer", "").strip()
    try:
        on_case(number, lambda step, actor: answer_dispute(step, actor, dispute, words))
    except AppError as error:
        return _show(error, f"dispute-{dispute}"), status_of(error)
    return redirect(url_for("page_board.index", done=number), 303)


def _answered(form: Any) -> tuple[str, str]:
    verdict, words = form.get("verdict", ""), form.get("answer", "").strip()
    if verdict not in {RIGHT, WRONG}:
        raise FormInvalid("请选异议成立还是不成立。", fields={"异议": "必选"})
    return verdict, words
