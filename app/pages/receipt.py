"""回执: the private page of whoever reviewed: how far it is, the answer, and what they may still say or ask for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.acts import in_one_act, refusal_of
from app.appeals.ruling import object_to_voiding
from app.cases.rating import mask_words
from app.cases.reveal import list_looks
from app.cases.step import Step
from app.cases.telling import Told, tell
from app.catalogue.links import RECEIPT, Link, read_link
from app.db import unit_of_work
from app.edge import perform
from app.errors import AppError, Conflict, Invalid
from app.http_errors import status_of
from app.idempotency import AlreadyDone
from app.identity.actor import Actor, reviewer_of
from app.intake.giving import describe
from app.intake.models import Review
from app.intake.reasons import REASONS
from app.intake.receipts import addition_end, addition_row, find_mine
from app.pages.guard import guesses, refuse_other_sites
from app.pages.taking import LEVELS, LONGEST, NotYet, given_in_form, level_in_form, reasons_by_level, store
from app.privacy.requests import Request, own_requests, receive_own_request
from app.request import clock, this_request, vault
from app.revisits.own_word import own_ratings, ratable_round, rate_rectification
from app.supervision.referrals import report_pressure

blueprint = Blueprint("receipt", __name__, template_folder="templates")
blueprint.before_request(refuse_other_sites)
KINDS = {"see": "查阅", "correct": "更正", "delete": "删除"}


class NothingToAdd(Conflict):
    """The time for an addition is over, or there is one."""

    code = "nothing_to_add"


class NoCase(Conflict):
    """Nothing came of the review that this could be about."""

    code = "no_case"


@blueprint.after_request
def keep_private(answer: Response) -> Response:
    """Keep the page out of search engines, by its address too."""
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


@dataclass(frozen=True, repr=False)
class Mine:
    """What a receipt leads to: the reviews, oldest first, and what is told of the cases they opened."""

    link: Link
    reviews: list[Review]
    told: list[Told]
    now: datetime

    @property
    def reviewer(self) -> int | None:
        """Who reviewed; nobody when it was anonymous."""
        return self.reviews[0].reviewer


def _mine(link: Link, now: datetime) -> Mine:
    reviews = find_mine(link)
    return Mine(link, reviews, [told for told in (tell(each, now) for each in reviews) if told], now)


@blueprint.get("/mine/<text>")
@guesses
def show(text: str) -> ResponseReturnValue:
    """Show what came of one's review."""
    return _show(text)


def _show(text: str, wrong: AppError | None = None, at: str = "") -> ResponseReturnValue:
    """Show the page; with what was wrong in the form of `at`, where what was typed still stands."""
    link = _read(text)
    with unit_of_work() as session:
        mine = _mine(link, clock().now(session.connection()))
        facts = _facts(mine)
    objections = {each.case_id: _objection(each, link) for each in mine.told if each.is_voided}
    page = render_template(
        "receipt.html", text=text, mine=mine, wrong=wrong, at=at, typed=request.form, levels=LEVELS, longest=LONGEST,
        by_level=reasons_by_level(), labels=REASONS, kinds=KINDS, objections=objections, **facts,
    )  # fmt: skip
    return page, status_of(wrong) if wrong else 200


def _objection(told: Told, link: Link) -> AppError | None:
    """Return why one can no longer object to it that a review is not counted, or None."""
    return refusal_of(told.case_id, lambda step, _actor: object_to_voiding(step, ""), reviewer_of(link.programme))


def _read(text: str) -> Link:
    return read_link(text, vault().index_key, RECEIPT)


def _facts(mine: Mine) -> dict[str, Any]:
    first = mine.reviews[0]
    return {
        "about": describe(first),
        "words": mask_words(mine.reviews, vault()),
        "addition_end": addition_end(mine.reviews, mine.now),
        "ratings": {each.case_id: own_ratings(each.case_id) for each in mine.told},
        "ratable": [each.case_id for each in mine.told if ratable_round(each.case_id) is not None],
        "looks": [look for each in mine.told if each.reviewer for look in list_looks(each.reviewer, each.case_id)],
        "requests": own_requests(mine.reviewer) if mine.reviewer else [],
    }


def _act(text: str, at: str, act: Callable[[Mine], object]) -> ResponseReturnValue:
    """Do something from the receipt and show it anew; all that is done is confirmed in the same words."""
    link = _read(text)
    try:
        in_one_act(lambda now: act(_mine(link, now)), {})
    except AppError as error:
        return _show(text, error, at)
    return redirect(url_for("receipt.show", text=text, done=1), 303)


@blueprint.post("/mine/<text>/addition")
@guesses
def add(text: str) -> ResponseReturnValue:
    """Add to one's review, once and in time."""
    return _act(text, "addition", _add)


def _add(mine: Mine) -> None:
    if addition_end(mine.reviews, mine.now) is None:
        raise NothingToAdd("补充评价的期限已过，或已经补充过一次。有新的情况请拨打 12345。")
    reply = store(addition_row(mine.reviews[0], given_in_form(), mine.now))
    if "refused" in reply:
        raise NothingToAdd("补充评价没有收下，请稍后再试，或拨打 12345。")


@blueprint.post("/mine/<text>/rating/<int:sequence>")
@guesses
def rate(text: str, sequence: int) -> ResponseReturnValue:
    """Say how content one is with what was done."""
    return _act(text, "rating", lambda mine: _rate(mine, sequence))


def _rate(mine: Mine, sequence: int) -> None:
    level = level_in_form("level")
    if level is None:
        raise NotYet("请先选一个表情。")
    rate_rectification(_told(mine, sequence).case_id, level, mine.now)


def _told(mine: Mine, sequence: int) -> Told:
    told = next((each for each in mine.told if each.sequence == sequence), None)
    if told is None:
        raise NoCase("这次评价没有需要办理的事。")
    return told


@blueprint.post("/mine/<text>/objection/<int:sequence>")
@guesses
def object_to(text: str, sequence: int) -> ResponseReturnValue:
    """Object to it that one's review is not counted; the superior hears it."""
    link = _read(text)
    try:
        words = _words("请写为什么不同意")
        with unit_of_work() as session:
            case_id = _told(_mine(link, clock().now(session.connection())), sequence).case_id
        _object(case_id, reviewer_of(link.programme), words)
    except AppError as error:
        return _show(text, error, "objection")
    return redirect(url_for("receipt.show", text=text, done=1), 303)


def _object(case_id: int, actor: Actor, words: str) -> None:
    once = this_request()

    def run(step: Step) -> None:
        if once:
            once.claim(step.now)
        object_to_voiding(step, words)
        if once:
            step.execute(*once.keeping({}))

    with suppress(AlreadyDone):
        perform(case_id, actor, clock(), run)


@blueprint.post("/mine/<text>/pressure")
@guesses
def report(text: str) -> ResponseReturnValue:
    """Say that one is under pressure because of the review; overseer and discipline body alone hear of it."""
    return _act(text, "pressure", _report)


def _report(mine: Mine) -> None:
    words = _words("请写发生了什么、什么时候")
    if not mine.told:
        raise NoCase("这次评价没有需要办理的事，受到压力请拨打 12345 反映。")
    report_pressure(mine.told[-1].case_id, mine.link.programme, words, mine.now)


def _words(asked: str) -> str:
    words = request.form.get("words", "").strip()
    if not 0 < len(words) <= LONGEST:
        raise Invalid(f"{asked}，不超过 {LONGEST} 字。")
    return words


@blueprint.post("/mine/<text>/data")
@guesses
def ask(text: str) -> ResponseReturnValue:
    """Ask to see, correct or delete what is held of oneself."""
    return _act(text, "data", _ask)


def _ask(mine: Mine) -> None:
    form = request.form
    if mine.reviewer is None:
        raise Invalid("这次评价是匿名的，没有登记您的个人信息。")
    wish = {name: form.get(name, "").strip() for name in ("name", "phone")} if form.get("kind") == "correct" else {}
    asked = Request(mine.link.programme, mine.reviewer, form.get("kind", ""), wish)
    receive_own_request(asked, form.get("held_phone", ""), vault(), mine.now)
