"""名录里单位自己的：windows, terminals and staff, added and changed by the system administrator."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.acts import in_one_act
from app.catalogue.editing import ENTRY_EDITABLE, OWN_KINDS, add_entry, edit_entry, version_of
from app.catalogue.errors import EditConflict, EntryInvalid
from app.catalogue.queries import Facts, find_entry, list_names
from app.db import unit_of_work
from app.errors import AppError
from app.http_errors import status_of
from app.identity.rights import Right
from app.pages.catalogue import DAYS, KINDS, typed_day
from app.pages.choosing import programmes_to_choose
from app.pages.guard import refuse_other_sites, shows

PREFIX = f"/catalogue/<programme>/<any({', '.join(OWN_KINDS)}):kind>"
blueprint = Blueprint("page_entries", __name__, url_prefix=PREFIX, template_folder="templates")
blueprint.before_request(refuse_other_sites)
LONGEST = {"name": 200, "code": 50}


@blueprint.get("")
@shows(Right.EDIT_CATALOGUE)
def new(programme: str, kind: str) -> str:
    """Show an empty entry, to add one."""
    return _show(programme, kind)


@blueprint.post("")
@shows(Right.EDIT_CATALOGUE)
def add(programme: str, kind: str) -> ResponseReturnValue:
    """Add an entry."""
    code = request.form.get("code", "").strip()

    def work(now: datetime) -> None:
        if not 0 < len(code) <= LONGEST["code"] or not code.isprintable() or "/" in code:
            raise EntryInvalid(f"请填写编码，不超过 {LONGEST['code']} 个字，不带斜线。")
        add_entry(g.actor, programme, kind, code, _typed(), now)

    try:
        in_one_act(work, {})
    except AppError as error:
        return _show(programme, kind, wrong=error), status_of(error)
    return redirect(url_for("page_entries.show", programme=programme, kind=kind, code=code, done="add"), 303)


@blueprint.get("/<code>")
@shows(Right.EDIT_CATALOGUE)
def show(programme: str, kind: str, code: str) -> str:
    """Show an entry with what can be changed of it."""
    return _show(programme, kind, code)


@blueprint.post("/<code>")
@shows(Right.EDIT_CATALOGUE)
def edit(programme: str, kind: str, code: str) -> ResponseReturnValue:
    """Change an entry as it was read; a change in between is shown beside one's own."""
    version = request.form.get("version")
    try:
        in_one_act(lambda now: edit_entry(g.actor, programme, kind, code, version, _typed(), now), {})
    except AppError as error:
        return _show(programme, kind, code, error), status_of(error)
    return redirect(url_for("page_entries.show", programme=programme, kind=kind, code=code, done="edit"), 303)


def _show(programme: str, kind: str, code: str = "", wrong: AppError | None = None) -> str:
    with unit_of_work():
        if programme not in programmes_to_choose():
            raise NotFound
        found: Facts | None = find_entry(programme, kind, code) if code else None
        departments = list_names(programme, "department")
    return render_template(
        "entry.html", programme=programme, kind=kind, word=KINDS[kind], found=found, version=found and version_of(found),
        departments=departments, days=DAYS, values=request.form if wrong else found or {}, wrong=wrong, longest=LONGEST,
        theirs=found if isinstance(wrong, EditConflict) else None,
    )  # fmt: skip


def _typed() -> dict[str, Any]:
    typed: dict[str, Any] = {name: request.form.get(name, "").strip() for name in ENTRY_EDITABLE}
    if not 0 < len(typed["name"]) <= LONGEST["name"]:
        raise EntryInvalid(f"请填写名称，不超过 {LONGEST['name']} 个字。")
    if not typed["department"]:
        raise EntryInvalid("请选所属的单位。")
    return typed | {name: typed_day(typed[name], word) for name, word in DAYS.items()}
