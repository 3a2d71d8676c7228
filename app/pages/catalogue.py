"""名录: areas, departments, windows, items and the rest, read by all; departments are edited by the system administrator."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.acts import in_one_act, in_pieces
from app.catalogue.editing import EDITABLE, OWN_KINDS, edit_department, succeed, version_of
from app.catalogue.errors import EditConflict, EntryInvalid
from app.catalogue.queries import (
    Facts,
    area_names,
    department_names,
    departments_by_programme,
    find_department,
    list_areas,
    list_departments,
    list_entries,
)
from app.db import unit_of_work
from app.edge import hand_over_department
from app.errors import AppError
from app.http_errors import status_of
from app.identity.rights import Right
from app.pages.choosing import chosen_programme, programmes_to_choose
from app.pages.guard import refuse_other_sites, shows
from app.paging import after_text, page
from app.request import clock

blueprint = Blueprint("page_catalogue", __name__, url_prefix="/catalogue", template_folder="templates")
blueprint.before_request(refuse_other_sites)
ROWS = 50
KINDS = {
    "department": "单位", "window": "窗口", "terminal": "自助终端", "item": "事项", "staff": "窗口人员",
    "channel": "渠道", "area": "地区",
}  # fmt: skip
DAYS = {"valid_from": "起用日期", "valid_until": "停用日期"}
LONGEST = {"name": 200, "area": 50, "responsible": 200}


@blueprint.get("")
@shows(Right.READ_CATALOGUE)
def index() -> str:
    """List what of one kind is in the catalogue."""
    kind = request.args.get("kind", "department")
    if kind not in KINDS:
        raise NotFound
    with unit_of_work():
        programmes = programmes_to_choose()
        programme = chosen_programme(programmes)
        shown = page(_listed(programme, kind), ROWS, lambda row: [row["code"]])
        names = department_names(programme, _codes(shown["items"], "department", "successor"))
        areas = area_names(programme, _codes(shown["items"], "area", "parent"))
    return render_template(
        "catalogue.html", rows=shown["items"], following=shown["next"], kinds=KINDS, kind=kind, programmes=programmes,
        programme=programme, names=names, areas=areas, own=OWN_KINDS,
    )  # fmt: skip


def _codes(rows: list[Facts], *columns: str) -> set[str]:
    return {row[column] for row in rows for column in columns if row.get(column)}


def _listed(programme: str, kind: str) -> list[Facts]:
    seen, most = after_text(request.args.get("after")), ROWS + 1
    if kind == "department":
        return list_departments(programme, seen, most)
    return list_areas(programme, seen, most) if kind == "area" else list_entries(programme, kind, seen, most)


@blueprint.get("/<programme>/departments/<code>")
@shows(Right.EDIT_CATALOGUE)
def show(programme: str, code: str) -> str:
    """Show a department with what can be changed of it."""
    return _show(programme, code)


def _show(programme: str, code: str, wrong: AppError | None = None, at: str = "") -> str:
    with unit_of_work():
        found = find_department(programme, code)
        others = {each: name for each, name in departments_by_programme()[programme].items() if each != code}
    theirs = found if isinstance(wrong, EditConflict) else None
    return render_template(
        "department.html", found=found, version=version_of(found), others=others, days=DAYS, at=at, wrong=wrong,
        values=request.form if at == "edit" else found, typed=request.form, theirs=theirs,
    )  # fmt: skip


@blueprint.post("/<programme>/departments/<code>")
@shows(Right.EDIT_CATALOGUE)
def edit(programme: str, code: str) -> ResponseReturnValue:
    """Change a department as it was read; a change in between is shown beside one's own."""
    version = request.form.get("version")

    def work(now: datetime) -> None:
        edit_department(g.actor, programme, code, version, _changes(), now)

    return _act(programme, code, "edit", lambda: in_one_act(work, {}))


def _changes() -> dict[str, Any]:
    typed = {name: request.form.get(name, "").strip() for name in EDITABLE}
    for name, most in LONGEST.items():
        if len(typed[name]) > most:
            raise EntryInvalid(f"最长 {most} 个字，现有 {len(typed[name])} 个。")
    if not typed["name"]:
        raise EntryInvalid("请填写单位名称。")
    return (
        typed
        | {"responsible": typed["responsible"] or None}
        | {name: typed_day(typed[name], word) for name, word in DAYS.items()}
    )


def typed_day(written: str, word: str) -> date | None:
    """Return the day that was typed, None where none was.

    Raises:
        EntryInvalid: it is no day.
    """
    try:
        return date.fromisoformat(written) if written else None
    except ValueError as error:
        raise EntryInvalid(f"{word}应写作 2025-04-01。") from error


@blueprint.post("/<programme>/departments/<code>/successor")
@shows(Right.EDIT_CATALOGUE)
def close(programme: str, code: str) -> ResponseReturnValue:
    """Close a department that was merged or split; its open cases go over one after the other."""
    successor = request.form.get("successor", "")

    def work() -> dict[str, Any]:
        on = typed_day(request.form.get("on", ""), "承接之日")
        if on is None or not successor:
            raise EntryInvalid("请选承接的单位和承接之日。")
        with unit_of_work() as session:
            succeed(g.actor, programme, code, successor, on, clock().now(session.connection()))
        return {"moved": hand_over_department(g.actor, programme, code, successor, clock())}

    return _act(programme, code, "close", lambda: in_pieces(work))


def _act(programme: str, code: str, at: str, act: Callable[[], dict[str, Any]]) -> ResponseReturnValue:
    try:
        done = act()
    except AppError as error:
        return _show(programme, code, error, at), status_of(error)
    return redirect(url_for("page_catalogue.show", programme=programme, code=code, done=at, moved=done.get("moved")), 303)
