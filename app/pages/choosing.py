"""Which programme a page is about, where one looks at the city's rows and not at a case."""

from __future__ import annotations

from flask import g, request
from werkzeug.exceptions import NotFound

from app.programmes.queries import list_programmes


def programmes_to_choose() -> dict[str, str]:
    """Return where the programmes one may choose from are in force: one's own, or all for administrators, who belong to none."""
    areas = {each["code"]: each["area"] for each in list_programmes()}
    return {g.actor.programme: areas[g.actor.programme]} if g.actor.programme else areas


def chosen_programme(programmes: dict[str, str]) -> str:
    """Return the programme that the address names, else the first; what is not one's own is not there."""
    programme = request.args.get("programme") or next(iter(programmes))
    if programme not in programmes:
        raise NotFound
    return programme
