"""Reading draws and revisits."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.db import db, table_of
from app.errors import NotFound
from app.revisits.models import Draw, Revisit


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
