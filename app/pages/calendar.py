"""日历: the notices that are loaded, and a new one: rehearsed first, then loaded by a second press on what was rehearsed."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.acts import in_pieces
from app.calendars.errors import NoticeChanged, NoticeUnreadable
from app.calendars.layers import layers_in_use
from app.calendars.notice import Notice, parse_notice
from app.calendars.queries import list_notices
from app.calendars.rehearsal import Effect, Rehearsal, rehearse
from app.cases.recalendar import find_moves
from app.db import unit_of_work
from app.edge import apply_notice
from app.errors import AppError
from app.http_errors import status_of
from app.identity.rights import Right
from app.pages.guard import refuse_other_sites, shows
from app.programmes.bundle import SHIPPED
from app.request import clock

blueprint = Blueprint("page_calendar", __name__, url_prefix="/calendar", template_folder="templates")
blueprint.before_request(refuse_other_sites)
EFFECTS = {Effect.PAST: "落到过去", Effect.EARLIER: "提前", Effect.SPARED: "不再超期", Effect.LATER: "推后"}
# As many moved deadlines as somebody reads through before they decide; all are counted.
MOVES_SHOWN = 200


@dataclass(frozen=True)
class Given:
    """A notice as it was handed in: its text, and the name whose end tells the format."""

    text: str
    name: str

    def read(self) -> Notice:
        """Return the notice; refuse what is none."""
        return parse_notice(self.text.encode(), self.name)


@blueprint.get("")
@shows(Right.LOAD_CALENDAR)
def index() -> str:
    """List the loaded notices by layer and year."""
    return _show()


@blueprint.post("/rehearsals")
@shows(Right.LOAD_CALENDAR)
def try_out() -> ResponseReturnValue:
    """Tell what a notice would do to open deadlines; nothing is written."""
    given = Given("", "")
    try:
        given = _given()
        return _rehearsed(given)
    except AppError as error:
        return _show(error, given), status_of(error)


@blueprint.post("/notices")
@shows(Right.LOAD_CALENDAR)
def load() -> ResponseReturnValue:
    """Load what was rehearsed, and reckon open deadlines anew, one case after the other."""
    given = Given(request.form.get("text", ""), request.form.get("name", ""))
    try:
        notice = given.read()
        if notice.digest != request.form.get("digest"):
            raise NoticeChanged("这份通知和预演的不是同一份，没有载入。请重新预演。")
        done = in_pieces(lambda: {"cases": apply_notice(notice, g.actor.id, clock())})
    except AppError as error:
        return _show(error, given), status_of(error)
    return redirect(url_for("page_calendar.index", cases=done["cases"]), 303)


def _given() -> Given:
    """Return the file that was sent, or else the text that was pasted; pasted JSON begins with a brace."""
    file, text = request.files.get("file"), request.form.get("text", "")
    if file is None or not file.filename:
        return Given(text, "pasted.json" if text.lstrip().startswith("{") else "pasted.toml")
    try:
        return Given(file.read().decode("utf-8-sig"), file.filename)
    except UnicodeDecodeError as error:
        raise NoticeUnreadable("文件不是 UTF-8 编码。请另存为 UTF-8 后再选。") from error


def _rehearsed(given: Given) -> str:
    notice = given.read()
    with unit_of_work() as session:
        found = rehearse(session, notice, find_moves, clock().now(session.connection()))
    return render_template(
        "rehearsal.html", found=found, given=given, effects=EFFECTS, shown=found.moves[:MOVES_SHOWN],
        is_used=notice.layer in layers_in_use(SHIPPED), title=_verdict(found),
    )  # fmt: skip


def _verdict(found: Rehearsal) -> str:
    """Say in one sentence what would come of it."""
    if not found.moves:
        return "没有期限会变动"
    parts = (f"{found.count(effect)} 项{word}" for effect, word in EFFECTS.items() if found.count(effect))
    return f"{len(found.moves)} 项期限会变动：{'，'.join(parts)}"


def _show(wrong: AppError | None = None, given: Given | None = None) -> str:
    with unit_of_work() as session:
        notices = list_notices(session)
    return render_template("calendar.html", notices=notices, wrong=wrong, given=given, used=layers_in_use(SHIPPED))
