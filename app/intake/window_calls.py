"""The evaluator at a window asks by itself when a matter there is accepted or finished (GC 一(一), C4)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.db import db, table_of
from app.intake.models import Review, WindowCall
from app.intake.served import SERVICE_KEY, same_service

CALLS = table_of(WindowCall)
# Who was served stands at the window for so long; files of longer ago call nobody.
FRESH = timedelta(minutes=3)
KEPT = timedelta(days=1)
STATES = frozenset({"accepted", "finished"})


def call_windows(records: Iterable[dict[str, Any]], now: datetime) -> None:
    """Have the evaluators of some records' windows ask; what came before calls nobody again."""
    fresh = [row for row in records if row["window"] and row["state"] in STATES and now - FRESH <= _moment(row) <= now + FRESH]
    names = (*SERVICE_KEY, "window", "state")
    rows = [{name: row[name] for name in names} | {"called_at": now} for row in fresh]
    if rows:
        db.session.execute(insert(CALLS).on_conflict_do_nothing(), rows)


def _moment(row: dict[str, Any]) -> datetime:
    moment: datetime = row["finished_at"] or row["received_at"]
    return moment


def newest_call(programme: str, window: str, now: datetime) -> WindowCall | None:
    """Return what a window was called for last, while it is still good."""
    query = select(WindowCall).where(WindowCall.programme == programme, WindowCall.window == window)
    call = db.session.scalar(query.order_by(WindowCall.id.desc()).limit(1))
    return call if call and call.called_at > now - FRESH else None


def is_answered(call: WindowCall) -> bool:
    """Whether the service of a call is reviewed, here or on a phone."""
    reviewed = select(Review.id).where(same_service(Review, call), Review.is_default.is_(False))
    return db.session.scalar(reviewed.limit(1)) is not None


def forget_old_calls(now: datetime) -> None:
    """Delete calls that nobody can answer any more."""
    db.session.execute(delete(CALLS).where(CALLS.c.called_at < now - KEPT))
