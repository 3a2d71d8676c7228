"""After each service the person is told that they can review (C10): one message a person and day, however many matters.

Refusals and returns are services too. The message names its recipient by the key of the
encrypted store only; who sends it looks up phone and matters then.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from app.clock import SHANGHAI
from app.db import db
from app.deadlines.moments import at_local
from app.intake.models import Review, ServiceRecord
from app.intake.served import same_service
from app.outbox import send_later

# Nobody is invited to a service that is longer ago: files of old services come in too.
FRESH = timedelta(days=3)
# When the day's matters are told together; evenings are not disturbed.
TELL_AT = time(18, 0)


def invite(records: Iterable[dict[str, Any]], now: datetime) -> None:
    """Put one invitation a person and day into the outbox; a known one is left as it is."""
    today = now.astimezone(SHANGHAI).date()
    people = {
        (row["programme"], row["reviewer"], row["served_on"])
        for row in records
        if row["reviewer"] is not None and today - FRESH <= row["served_on"] <= today
    }
    send_later([_message(*each, now) for each in sorted(people)])


def _message(programme: str, reviewer: int, day: date, now: datetime) -> dict[str, Any]:
    return {
        "key": f"invite/{programme}/{reviewer}/{day}",
        "programme": programme,
        "kind": "invitation",
        "recipient": f"reviewer:{reviewer}",
        "body": {"reviewer": reviewer, "day": day.isoformat()},
        "created_at": now,
        "not_before": max(now, at_local(day, TELL_AT)),
    }


def matters_to_review(programme: str, reviewer: int, day: date) -> list[tuple[str, int]]:
    """Return the services of a person and day that have no review yet, as record and visit: what an invitation lists."""
    reviewed = select(Review.id).where(same_service(Review, ServiceRecord), Review.is_default.is_(False)).exists()
    query = select(ServiceRecord.record, ServiceRecord.visit).where(
        ServiceRecord.programme == programme, ServiceRecord.reviewer == reviewer, ServiceRecord.served_on == day, ~reviewed
    )
    return [(record, visit) for record, visit in db.session.execute(query.order_by(ServiceRecord.record, ServiceRecord.visit))]
