"""对我的评价: what rates oneself, with nothing by which the reviewer could be found out; one's defence, and “that was not me”."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.acts import on_case, refusal_of
from app.appeals.applying import add_evidence
from app.cases.errors import CaseNotFound, FormInvalid
from app.cases.own_ratings import OwnRating, find_own_rating, list_own_ratings
from app.cases.schemas import LONGEST
from app.cases.step import Step
from app.casework.attachments import attach_as_rated
from app.casework.disputes import dispute_rating, list_own_disputes
from app.db import unit_of_work
from app.errors import AppError
from app.figures.ways import OUTCOMES
from app.http_errors import status_of
from app.identity.actor import Actor
from app.identity.rights import Right
from app.pages.files import shelf, uploaded
from app.pages.guard import refuse_other_sites, shows
from app.pages.words import STATUS
from app.request import vault

blueprint = Blueprint("page_my_ratings", __name__, url_prefix="/my-ratings", template_folder="templates")
blueprint.before_request(refuse_other_sites)
TRIED = "—"
Saying = Callable[[Step, Actor, str], None]


@dataclass(frozen=True)
class Say:
    """What can be said about a rating of oneself."""

    label: str
    hint: str
    act: Saying


SAYINGS = {
    "evidence": Say("举证、申辩", "写明当时的情况和能证明的材料，交给正在裁定的单位看。", add_evidence),
    "dispute": Say("评价的不是我", "写明当天谁在岗、怎么认错的。由监督单位核对后更正，或答复您为什么不更正。", dispute_rating),
}


@blueprint.get("")
@shows(Right.READ_OWN_RATINGS)
def index() -> str:
    """List what rates oneself, each with what can be said about it now."""
    return _show()


def _show(wrong: AppError | None = None, at: tuple[str, str] | None = None) -> str:
    actor: Actor = g.actor
    with unit_of_work():
        ratings = list_own_ratings(actor, vault())
        disputes = list_own_disputes(actor)
        keys = {each.number: find_own_rating(each.number, actor) for each in ratings}
    refusals = {(each.number, kind): _refusal(keys[each.number], kind) for each in ratings for kind in SAYINGS}
    return render_template(
        "my_ratings.html", ratings=ratings, sayings=SAYINGS, refusals=refusals, status=STATUS, ends=_ends(ratings), wrong=wrong,
        disputes={each.number: each for each in disputes}, corrected=[each for each in disputes if each.is_corrected],
        at=at, typed=request.form, longest=LONGEST,
    )  # fmt: skip


def _ends(ratings: list[OwnRating]) -> dict[str, str]:
    return {each.number: OUTCOMES.get(each.outcome, each.outcome) for each in ratings if each.outcome}


def _refusal(case_id: int, kind: str) -> AppError | None:
    return refusal_of(case_id, partial(_say, kind, TRIED))


def _say(kind: str, words: str, step: Step, actor: Actor) -> None:
    SAYINGS[kind].act(step, actor, words)


def _lay(file: tuple[str, bytes], step: Step, actor: Actor) -> None:
    attach_as_rated(step, actor, *file, shelf())


@blueprint.post("/<number>/<any(evidence, dispute):kind>")
@shows(Right.READ_OWN_RATINGS)
def say(number: str, kind: str) -> ResponseReturnValue:
    """Say one's side, or that it was somebody else."""
    files = uploaded() if kind == "evidence" else []
    words = request.form.get("words", "").strip()
    try:
        if not 0 < len(words) <= LONGEST:
            raise FormInvalid(f"请写明情况，不超过 {LONGEST} 字。", fields={"情况": "缺少或过长"})
        on_case(number, partial(_say, kind, words), *(partial(_lay, file) for file in files), find=find_own_rating)
    except CaseNotFound:
        raise
    except AppError as error:
        return _show(error, (number, kind)), status_of(error)
    return redirect(url_for("page_my_ratings.index", done=kind), 303)
