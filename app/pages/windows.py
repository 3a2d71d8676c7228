"""窗口码: the windows and terminals of a programme, each with its link, and the sheets that hang there."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, Response, current_app, g, render_template, request
from werkzeug.exceptions import NotFound

from app.catalogue.links import EVALUATOR, Link, sign_link
from app.catalogue.queries import Facts, list_entries
from app.catalogue.sheets import KINDS, Sheet, sheets_of, typeset
from app.db import unit_of_work
from app.identity.rights import Right, may
from app.limits import COSTLY, limiter
from app.pages.choosing import chosen_programme, programmes_to_choose
from app.pages.guard import refuse_other_sites, shows
from app.paging import after_text, page
from app.request import vault

blueprint = Blueprint("page_windows", __name__, template_folder="templates")
blueprint.before_request(refuse_other_sites)
# As many sheets as are printed and hung in one go.
ROWS = 100


@blueprint.get("/windows")
@shows(Right.READ_CATALOGUE)
def index() -> str:
    """List windows or terminals with the links that their codes hold."""
    with unit_of_work():
        programmes = programmes_to_choose()
        programme, kind = _chosen(programmes)
        shown = _entries(programme, kind)
        sheets = _sheets(programme, shown["items"])
    rows = list(zip(shown["items"], sheets, strict=True))
    return render_template(
        "windows.html", rows=rows, programmes=programmes, programme=programme, kind=kind, following=shown["next"],
        kiosks=partial(_kiosk, programme) if kind == "window" and may(g.actor, Right.EDIT_CATALOGUE) else None,
    )  # fmt: skip


@blueprint.get("/windows/sheets.pdf")
@shows(Right.READ_CATALOGUE)
@limiter.limit(COSTLY)
def sheets() -> Response:
    """Typeset the sheets of what the list shows, or of one."""
    with unit_of_work():
        programme, kind = _chosen(programmes_to_choose())
        wanted = request.args.get("code")
        entries = [each for each in _entries(programme, kind)["items"] if wanted in {None, each["code"]}]
        found = _sheets(programme, entries)
    if not found:
        raise NotFound
    answer = Response(typeset(found), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="windows-{programme}.pdf"'
    return answer


def _kiosk(programme: str, code: str) -> str:
    """Return the link of a window's evaluator: only who sets them up is shown it, or anybody could answer for its visitors."""
    return sign_link(Link(EVALUATOR, programme, (code,)), vault().index_key)


def _chosen(programmes: dict[str, str]) -> tuple[str, str]:
    programme, kind = chosen_programme(programmes), request.args.get("kind", KINDS[0])
    if kind not in KINDS:
        raise NotFound
    return programme, kind


def _entries(programme: str, kind: str) -> dict[str, Any]:
    rows = list_entries(programme, kind, after_text(request.args.get("after")), ROWS + 1)
    return page(rows, ROWS, lambda row: [row["code"]])


def _sheets(programme: str, entries: list[Facts]) -> list[Sheet]:
    return sheets_of(programme, entries, current_app.extensions["bihuan"]["config"].site, vault().index_key)
