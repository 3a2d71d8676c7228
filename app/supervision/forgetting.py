"""Forgetting the words of referrals that the discipline body has answered; that there was one stays with those who may know."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import update

from app.db import db, table_of
from app.supervision.models import Referral

REFERRALS = table_of(Referral)


def forget_grounds(cases: Collection[int]) -> None:
    """Empty grounds and result of answered referrals of cases; an open one is evidence and stays."""
    answered = REFERRALS.c.answered_at.is_not(None)
    db.session.execute(update(REFERRALS).where(REFERRALS.c.case_id.in_(cases), answered).values(grounds="", result=""))
