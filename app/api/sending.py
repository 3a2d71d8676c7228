"""Rows sent one by one or a few at once: the same checks and the same storing as for files."""

from __future__ import annotations

from typing import Any

from app.acts import Reply, in_pieces
from app.db import db, unit_of_work
from app.identity.actor import Actor, Role
from app.intake.files import Report
from app.intake.importing import take_rows
from app.programmes.versions import bundle_of, current_version
from app.request import clock, current_actor, vault


def send(kind: str, rows: list[dict[str, Any]]) -> Reply:
    """Take rows in the sender's name, a transaction a piece; natural keys make a repeated one harmless."""
    return in_pieces(lambda: _take(kind, rows))


def _take(kind: str, rows: list[dict[str, Any]]) -> Reply:
    actor, report = current_actor(), Report()
    mine = [(number, _own(row, actor)) for number, row in enumerate(rows, 1)]
    for work in take_rows(kind, mine, vault(), report, lambda: clock().now(db.session.connection()), _only(kind, actor)):
        with unit_of_work():
            work()
    return report.as_dict()


def _only(kind: str, actor: Actor) -> str | None:
    """Return the one department whose services a system may speak of; a platform's, and complaints, are about all."""
    if actor.role is not Role.SYSTEM or kind == "complaints":
        return None
    with unit_of_work():
        rules = bundle_of(current_version(actor.programme)).rules
    return None if rules.concerns_all(actor.department) else actor.department


def _own(row: dict[str, Any], actor: Actor) -> dict[str, Any] | str:
    """Return a row as its sender may send it, into their own programme; else the reason for which it is refused."""
    programme = str(row.get("programme") or actor.programme).lower()
    if programme != actor.programme:
        return "programme：不是您的方案"
    return row | {"programme": programme}
