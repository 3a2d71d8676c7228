"""The matters of one person that nobody has reviewed yet: agents have many, and review them on one page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import aliased

from app.catalogue.links import Link
from app.catalogue.models import CatalogueEntry
from app.db import db
from app.intake.models import Review, ServiceRecord

# What is longer ago nobody remembers; as many as one answers on one page.
RECENT = timedelta(days=30)
MOST = 100
KEY = ("served_on", "programme", "record", "visit")


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
    item, window = aliased(CatalogueEntry), aliased(CatalogueEntry)
    same = [getattr(Review, name) == getattr(ServiceRecord, name) for name in KEY]
    reviewed = select(Review.id).where(*same, Review.is_default.is_(False)).exists()
    query = (
        select(ServiceRecord.record, ServiceRecord.visit, ServiceRecord.served_on, item.name, window.name)
        .outerjoin(item, _entry(item, "item", ServiceRecord.item))
        .outerjoin(window, _entry(window, "window", ServiceRecord.window))
        .where(ServiceRecord.programme == link.programme, ServiceRecord.reviewer == reviewer, ~reviewed)
        .where(ServiceRecord.served_on.between(day - RECENT, day))
        .order_by(ServiceRecord.served_on, ServiceRecord.record, ServiceRecord.visit)
    )
    return [
        Matter(record, visit, served_on, name or "政务服务", place or "")
        for record, visit, served_on, name, place in db.session.execute(query.limit(MOST))
    ]


def _entry(entry: type[CatalogueEntry], kind: str, code: object) -> ColumnElement[bool]:
    return and_(entry.programme == ServiceRecord.programme, entry.kind == kind, entry.code == code)
