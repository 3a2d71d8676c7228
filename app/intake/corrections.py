"""Whom a review rates, put right by the overseer alone; what was sent in stays, and both values are kept."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select

from app.db import db, table_of
from app.intake.models import RatingCorrection, Review

CORRECTIONS = table_of(RatingCorrection)
OF_REVIEW = ("programme", "record", "visit", "sequence")


def correct_rated(review: Review, staff: str | None, window: str | None, reason: str, by: str, now: Any) -> dict[str, Any]:
    """Note whom a review really rates; the review itself is not touched. Return what holds now."""
    before = rated_of(review)
    row = {name: getattr(review, name) for name in OF_REVIEW} | {
        "staff_before": before["staff"], "staff_after": staff, "window_before": before["window"], "window_after": window,
        "reason": reason, "corrected_at": now, "corrected_by": by,
    }  # fmt: skip
    db.session.execute(insert(CORRECTIONS), row)
    return {"staff": staff, "window": window}


def rated_of(review: Review) -> dict[str, Any]:
    """Return the staff and window that a review rates: as last corrected, else as it came in."""
    of_review = [CORRECTIONS.c[name] == getattr(review, name) for name in OF_REVIEW]
    query = select(CORRECTIONS.c.staff_after, CORRECTIONS.c.window_after).where(*of_review).order_by(CORRECTIONS.c.id.desc())
    newest = db.session.execute(query.limit(1)).first()
    return {"staff": newest[0], "window": newest[1]} if newest else {"staff": review.staff, "window": review.window}


def list_corrections(review: Review) -> list[dict[str, Any]]:
    """Return every correction of a review, in order."""
    of_review = [CORRECTIONS.c[name] == getattr(review, name) for name in OF_REVIEW]
    return [dict(row) for row in db.session.execute(select(CORRECTIONS).where(*of_review).order_by(CORRECTIONS.c.id)).mappings()]
