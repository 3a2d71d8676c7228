"""代办: all matters of one person that wait for a review, on one page: each for itself or the same for all, nothing preset."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.acts import Reply, in_pieces
from app.catalogue.links import MATTERS, SERVICE, Link, read_link, sign_link
from app.db import unit_of_work
from app.intake.giving import Given, may_be_anonymous, row_of
from app.intake.matters import Matter, open_matters
from app.pages.guard import guesses, refuse_other_sites
from app.pages.taking import LEVELS, LONGEST, NotYet, level_in_form, store
from app.request import clock, vault

blueprint = Blueprint("matters", __name__, template_folder="templates")
blueprint.before_request(refuse_other_sites)


@blueprint.get("/matters/<text>")
@guesses
def show(text: str) -> ResponseReturnValue:
    """List what waits for a review."""
    return _show(text)


def _show(text: str, wrong: str = "", reply: Reply | None = None) -> ResponseReturnValue:
    """Show the list; after sending with what became of every row."""
    link = _read(text)
    with unit_of_work():
        matters = open_matters(link)
        anonymous = may_be_anonymous(link.programme)
    told = [each | {"receipt": _signed(each["receipt"])} for each in (reply or {}).get("rows", [])]
    page = render_template(
        "matters.html", text=text, matters=matters, wrong=wrong, typed=request.form, levels=LEVELS, longest=LONGEST, told=told,
        may_be_anonymous=anonymous, is_done=bool(reply), field=field, own=lambda each: _service(link, each),
    )  # fmt: skip
    return page, 422 if wrong else 200


def _read(text: str) -> Link:
    return read_link(text, vault().index_key, MATTERS)


def _signed(receipt: list[str] | None) -> str | None:
    return sign_link(Link(*receipt), vault().index_key) if receipt else None  # type: ignore[arg-type]  # its three parts


def _service(link: Link, matter: Matter) -> str:
    return sign_link(_link(link, matter), vault().index_key)


def _link(link: Link, matter: Matter) -> Link:
    return Link(SERVICE, link.programme, (matter.record, str(matter.visit)))


def field(matter: Matter) -> str:
    """Return the name under which a matter's level is sent."""
    return f"level/{matter.record}/{matter.visit}"


@blueprint.post("/matters/<text>")
@guesses
def give(text: str) -> ResponseReturnValue:
    """Take the reviews in, each for itself, and tell of every one what became of it."""
    link = _read(text)
    try:
        reply = in_pieces(lambda: _give(link))
    except NotYet as error:
        return _show(text, error.message)
    return _show(text, reply=reply)


def _give(link: Link) -> Reply:
    with unit_of_work():
        chosen = _chosen(open_matters(link))
    return {"rows": [_one(link, matter, given) for matter, given in chosen]}


def _chosen(matters: list[Matter]) -> list[tuple[Matter, Given]]:
    """Return what was said of which; what did not stand on the page is left alone, whatever is said for all.

    Raises:
        NotYet: nothing was chosen, or a bad level without words.
    """
    form, words = request.form, request.form.get("words", "").strip()
    levels = {each: level_in_form(field(each)) or level_in_form("all") for each in matters if field(each) in form}
    chosen = {each: level for each, level in levels.items() if level is not None}
    if not chosen:
        raise NotYet("还没有选：请给至少一件选一个评价，或者在最上面选一个给每一件。")
    if min(chosen.values()) <= 2 and not words:
        raise NotYet("有不满意的，请在下面写一句发生了什么，我们好去核实。")
    if len(words) > LONGEST:
        raise NotYet(f"文字请不超过 {LONGEST} 字，现在是 {len(words)} 字。")
    return [(each, Given(level, (), words, None, form.get("anonymous") == "1")) for each, level in chosen.items()]


def _one(link: Link, matter: Matter, given: Given) -> Reply:
    with unit_of_work() as session:
        reply = store(row_of(_link(link, matter), given, clock().now(session.connection())))
    told = {"item": matter.item, "served_on": matter.served_on.isoformat(), "level": given.level}
    return told | {"receipt": reply.get("receipt")}
