"""Forgetting grounds, evidence and objections; that there was an appeal, and how it was ruled, stays."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select, update

from app.appeals.models import Appeal, Evidence, Objection
from app.db import db, table_of

APPEALS, EVIDENCE, OBJECTIONS = table_of(Appeal), table_of(Evidence), table_of(Objection)


def forget_appeals(cases: Collection[int]) -> None:
    """Empty what was written in the appeals of cases that have ended."""
    appeals = select(APPEALS.c.id).where(APPEALS.c.case_id.in_(cases))
    db.session.execute(update(EVIDENCE).where(EVIDENCE.c.appeal_id.in_(appeals)).values(text=""))
    db.session.execute(update(APPEALS).where(APPEALS.c.case_id.in_(cases)).values(matter="", reasons="", opinion=""))
    db.session.execute(update(OBJECTIONS).where(OBJECTIONS.c.case_id.in_(cases)).values(words=""))
