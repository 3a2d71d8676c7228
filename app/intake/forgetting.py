"""Forgetting what people wrote; levels, options and times stay as they were counted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import or_, tuple_, update

from app.db import db, table_of
from app.intake.models import Complaint, Review, UncountedReview

REVIEWS, UNCOUNTED, COMPLAINTS = table_of(Review), table_of(UncountedReview), table_of(Complaint)
ReviewKey = tuple[date, str, str, int, int]


def forget_words(reviews: Collection[ReviewKey]) -> int:
    """Remove the words of reviews by their keys (day, programme, record, visit, sequence); return how many had some.

    What came by other channels and was kept uncounted goes with them.
    """
    if not reviews:
        return 0
    same = tuple_(*(UNCOUNTED.c[name] for name in ("programme", "record", "visit", "sequence")))
    db.session.execute(update(UNCOUNTED).where(same.in_([each[1:] for each in reviews])).values(words=None))
    key = tuple_(*(REVIEWS.c[name] for name in ("served_on", "programme", "record", "visit", "sequence")))
    texts = (REVIEWS.c.words, REVIEWS.c.rectification)
    statement = (
        update(REVIEWS)
        .where(key.in_(reviews), or_(*(text.is_not(None) for text in texts)))
        .values(words=None, rectification=None)
    )
    return len(db.session.execute(statement.returning(REVIEWS.c.id)).all())


def forget_complaints(complaints: Collection[tuple[str, str]]) -> int:
    """Remove words and phone of complaints by programme and number; return how many had words."""
    key = tuple_(COMPLAINTS.c.programme, COMPLAINTS.c.number)
    statement = update(COMPLAINTS).where(key.in_(complaints), COMPLAINTS.c.words != b"").values(words=b"", phone=None)
    return len(db.session.execute(statement.returning(COMPLAINTS.c.number)).all()) if complaints else 0
