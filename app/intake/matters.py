"""The matters of one person that nobody has reviewed yet: agents have many, and review them on one page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from app.catalogue.links import Link
from app.db import db
from app.intake.models import Review, ServiceRecord
from app.intake.served import ITEM_NAME, WINDOW_NAME, same_service

# What is longer ago nobody remembers; as many as one answers on one page.
RECENT = timedelta(days=30)
MOST = 100


@dataclass(frozen=True)
class Matter:
    """One service that waits for a review, as its person knows it."""

    record: str
    visit: int
    served_on: date
    item: str
    window: str


def open_matters(link: Link) -> list[Matter]:
    """Return the unreviewed services that a link of kind MATTERS shows: those of the month before its day, oldest first.

    Later ones are not shown: who once held the link does not follow the person about.
    """
    reviewer, day = int(link.parts[0]), date.fromisoformat(link.parts[1])
    reviewed = select(Review.id).where(same_service(Review, ServiceRecord), Review.is_default.is_(False)).exists()
    query = (
        select(ServiceRecord.record, ServiceRecord.visit, ServiceRecord.served_on, ITEM_NAME, WINDOW_NAME)
        .where(ServiceRecord.programme == link.programme, ServiceRecord.reviewer == reviewer, ~reviewed)
        .where(ServiceRecord.served_on.between(day - RECENT, day))
        .order_by(ServiceRecord.served_on, ServiceRecord.record, ServiceRecord.visit)
    )
    return [
        Matter(record, visit, served_on, name or "政务服务", place or "")
        for record, visit, served_on, name, place in db.session.execute(query.limit(MOST))
    ]
