"""Forgetting what reviewers said in revisits; that they were called, and the result, stays."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import update

from app.db import db, table_of
from app.revisits.models import Revisit

REVISITS = table_of(Revisit)


def forget_calls(cases: Collection[int]) -> None:
    """Empty what was noted of the calls of cases that have ended."""
    db.session.execute(update(REVISITS).where(REVISITS.c.case_id.in_(cases)).values(told=None))
