"""Forgetting what was written and kept beside the steps of cases; the audit keeps that it was there."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import delete, update

from app.casework.attachments import forget_attachments
from app.casework.models import DayObjection, Draft, RatingDispute, Remark
from app.db import db, table_of

EMPTIED: dict[type[Any], dict[str, str]] = {
    Remark: {"words": ""},
    DayObjection: {"reason": "", "answer": ""},
    RatingDispute: {"reason": "", "answer": ""},
}


def forget_casework(cases: Collection[int]) -> None:
    """Empty remarks and objections, drop drafts and files of cases; the caller makes sure that they have ended."""
    for model, values in EMPTIED.items():
        table = table_of(model)
        db.session.execute(update(table).where(table.c.case_id.in_(cases)).values(**values))
    drafts = table_of(Draft)
    db.session.execute(delete(drafts).where(drafts.c.case_id.in_(cases)))
    forget_attachments(cases)
