"""Forgetting what was written in the handling of cases; who did what, when and with which outcome stays."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import update

from app.cases.models import CoHandler, Extension, Hop, Reveal, TaskForm
from app.db import db, table_of

GONE: dict[type[Any], dict[str, Any]] = {
    TaskForm: {"body": {}},
    Extension: {"reason": "", "explained": ""},
    Hop: {"duty_clause": None},
    CoHandler: {"contribution": None},
    Reveal: {"purpose": ""},
}


def forget_texts(cases: Collection[int]) -> None:
    """Empty forms and remarks of cases; the caller makes sure that they have ended."""
    for model, values in GONE.items():
        table = table_of(model)
        db.session.execute(update(table).where(table.c.case_id.in_(cases)).values(**values))
