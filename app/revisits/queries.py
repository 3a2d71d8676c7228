"""Reading draws and revisits."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select

from app.cases.models import ContactTry, Task
from app.db import db, table_of
from app.errors import NotFound
from app.revisits.models import Draw, DrawMember, Revisit


class DrawUnknown(NotFound):
    """There is no draw of this programme and period."""

    code = "draw_unknown"


def find_draw(programme: str, period: str) -> Draw:
    """Return one draw.

    Raises:
        DrawUnknown: there is none.
    """
    draw = db.session.scalar(select(Draw).where(Draw.programme == programme.lower(), Draw.period == period))
    if draw is None:
        raise DrawUnknown(f"没有 {programme[:20]} {period[:20]} 这一期抽取。")
    return draw


def list_draws(programme: str) -> list[Draw]:
    """Return the draws of a programme, newest first."""
    return list(db.session.scalars(select(Draw).where(Draw.programme == programme).order_by(Draw.opens_at.desc())))


def list_revisits(case_id: int) -> list[dict[str, Any]]:
    """Return the revisits of a case, a round each."""
    query = select(table_of(Revisit)).where(Revisit.case_id == case_id).order_by(Revisit.round)
    return [dict(row) for row in db.session.execute(query).mappings()]


def tries_of(tasks: Collection[int]) -> dict[int, tuple[int, datetime]]:
    """Return how often it was tried to reach the reviewer in these tasks, and when last; those without a try are left out."""
    same = and_(ContactTry.case_id == Task.case_id, ContactTry.element == Task.element, ContactTry.round == Task.round)
    query = select(Task.id, func.count(), func.max(ContactTry.tried_at)).join(ContactTry, same).where(Task.id.in_(tasks))
    return {task: (tries, last) for task, tries, last in db.session.execute(query.group_by(Task.id))}


def find_draw_of(case_id: int) -> Draw | None:
    """Return the newest draw that a case is in, for those who call; None where nothing is drawn."""
    query = select(Draw).join(DrawMember, DrawMember.draw_id == Draw.id).where(DrawMember.case_id == case_id)
    return db.session.scalar(query.order_by(Draw.opens_at.desc()).limit(1))
