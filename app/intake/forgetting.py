"""Forgetting what people wrote; levels, options and times stay as they were counted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import tuple_, update

from app.db import db, table_of
from app.intake.models import Complaint, Review

REVIEWS, COMPLAINTS = table_of(Review), table_of(Complaint)
ReviewKey = tuple[date, str, str, int, int]


def forget_words(reviews: Collection[ReviewKey]) -> int:
    """Remove the words of reviews by their keys (day, programme, record, visit, sequence); return how many had some."""
    key = tuple_(*(REVIEWS.c[name] for name in ("served_on", "programme", "record", "visit", "sequence")))
    statement = update(REVIEWS).where(key.in_(reviews), REVIEWS.c.words.is_not(None)).values(words=None)
    return len(db.session.execute(statement.returning(REVIEWS.c.id)).all()) if reviews else 0


def forget_complaints(complaints: Collection[tuple[str, str]]) -> int:
    """Remove words and phone of complaints by programme and number; return how many had words."""
    key = tuple_(COMPLAINTS.c.programme, COMPLAINTS.c.number)
    statement = update(COMPLAINTS).where(key.in_(complaints), COMPLAINTS.c.words != b"").values(words=b"", phone=None)
    return len(db.session.execute(statement.returning(COMPLAINTS.c.number)).all()) if complaints else 0
