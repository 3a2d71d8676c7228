"""抽取: how it was drawn whom to call, and that it was drawn so; who is drawn stays secret until the calls are over."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from flask import Blueprint, Response, g, render_template

from app.cases.visibility import seen_among
from app.catalogue.queries import department_names
from app.db import unit_of_work
from app.identity.actor import Actor
from app.identity.rights import Right
from app.pages.guard import refuse_other_sites, shows
from app.programmes.versions import bundle_of, current_version
from app.request import vault
from app.revisits import recipe
from app.revisits.draws import DrawNotOver, list_members, publish_draw
from app.revisits.models import Draw, DrawMember
from app.revisits.queries import find_draw, list_draws
from app.revisits.schemas import PublishedDrawSchema

blueprint = Blueprint("page_draws", __name__, url_prefix="/draws", template_folder="templates")
blueprint.before_request(refuse_other_sites)
RESULTS = {"made": "已回访", "unreachable": "无法联系", "voided": "评价作废，不再回访", "spared": "未抽中"}


class Drawn(NamedTuple):
    """A department's part of a draw: how many of how many had to be drawn, and its pool in the order of the draw."""

    department: str
    size: int
    members: list[DrawMember]


@blueprint.get("")
@shows(Right.READ_DRAWS)
def index() -> str:
    """List the draws of one's programme, newest first."""
    actor: Actor = g.actor
    with unit_of_work():
        draws, rule = list_draws(actor.programme), bundle_of(current_version(actor.programme)).rules.draw
    return render_template("draws.html", draws=draws, rule=rule)


@blueprint.get("/<period>")
@shows(Right.READ_DRAWS)
def show(period: str) -> str:
    """Show one draw; who was drawn and why, once the calls are over."""
    actor: Actor = g.actor
    with unit_of_work():
        draw = find_draw(actor.programme, period)
        parts, secret_still = _parts(draw)
        names = department_names(actor.programme, {part.department for part in parts})
        numbers = {member.case_id: member.number for part in parts for member in part.members}
        seen = seen_among(actor, numbers)
    return render_template(
        "draw.html", draw=draw, parts=parts, secret_still=secret_still, names=names, numbers=numbers, seen=seen,
        results=RESULTS,
    )  # fmt: skip


def _parts(draw: Draw) -> tuple[list[Drawn], DrawNotOver | None]:
    """Return what was drawn by department, or why it is not shown yet."""
    try:
        return _by_department(draw, list_members(draw)), None
    except DrawNotOver as error:
        return [], error


def _by_department(draw: Draw, members: Sequence[DrawMember]) -> list[Drawn]:
    grouped = [(code, list(group)) for code, group in groupby(members, lambda member: member.department)]
    return [Drawn(code, recipe.size(Fraction(draw.share), len(group)), group) for code, group in grouped]


@blueprint.get("/<period>/published.json")
@shows(Right.READ_DRAWS)
def published(period: str) -> Response:
    """Give all that a recomputation needs, as the API does."""
    actor: Actor = g.actor
    with unit_of_work():
        body = PublishedDrawSchema().dump(publish_draw(find_draw(actor.programme, period), vault()))
    return _file(json.dumps(body, ensure_ascii=False), "application/json", f"{actor.programme}-{period}.json")


@blueprint.get("/recipe.py")
@shows(Right.READ_DRAWS)
def recipe_file() -> Response:
    """Give the recipe: it checks a published draw with nothing but Python."""
    return _file(Path(recipe.__file__).read_text(encoding="utf-8"), "text/x-python", "recipe.py")


def _file(content: str, mimetype: str, name: str) -> Response:
    return Response(content, mimetype=mimetype, headers={"Content-Disposition": f'attachment; filename="{name}"'})
