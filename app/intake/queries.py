"""Finding what a chunk of reviews is about, and what is stored already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, true

from app.catalogue.models import CatalogueEntry
from app.clock import SHANGHAI
from app.db import db, table_of
from app.intake.models import Review, ServiceRecord

RecordKey = tuple[str, str, int]
Records = dict[RecordKey, ServiceRecord]
Existing = dict[tuple[Any, ...], dict[str, Any]]

# Nearly all reviews come within these days of the service: few partitions to look through.
USUAL = timedelta(days=45)


def find_records(wanted: Iterable[tuple[RecordKey, datetime]]) -> Records:
    """Return the services of some reviews, each with the moment of the review.

    Looked for near the reviews first, and only then in all months.
    """
    moments = list(wanted)
    if not moments:
        return {}
    days = [moment.astimezone(SHANGHAI).date() for _, moment in moments]
    near = ServiceRecord.served_on.between(min(days) - USUAL, max(days))
    found = _records({key for key, _ in moments}, near)
    missing = {key for key, _ in moments} - found.keys()
    return found | _records(missing, true())


def _records(keys: Collection[RecordKey], period: ColumnElement[bool]) -> Records:
    """Return the services of these keys; the newest where one number was used again."""
    if not keys:
        return {}
    query = select(ServiceRecord).where(period, _of_records(ServiceRecord.programme, ServiceRecord.record, keys))
    found = db.session.scalars(query.order_by(ServiceRecord.served_on))
    by_key = {(each.programme, each.record, each.visit): each for each in found}
    return {key: by_key[key] for key in keys if key in by_key}


def find_reviews(records: Records) -> Existing:
    """Return the stored reviews of some services by programme, record, visit and sequence."""
    if not records:
        return {}
    reviews = table_of(Review)
    days = [each.served_on for each in records.values()]
    period = reviews.c.served_on.between(min(days), max(days))
    query = select(reviews).where(period, _of_records(reviews.c.programme, reviews.c.record, records))
    found = (dict(row._mapping) for row in db.session.execute(query))
    return {(row["programme"], row["record"], row["visit"], row["sequence"]): row for row in found}


def _of_records(programme: Any, record: Any, keys: Iterable[RecordKey]) -> ColumnElement[bool]:
    """Return the condition for all visits of these records; a list a programme, for which an index serves."""
    numbers = defaultdict(set)
    for code, number, _ in keys:
        numbers[code].add(number)
    return or_(*(and_(programme == code, record.in_(sorted(found))) for code, found in sorted(numbers.items())))


def channel_groups(programmes: Iterable[str]) -> dict[tuple[str, str], str]:
    """Return the group of every channel of the catalogue by programme and code."""
    query = select(CatalogueEntry.programme, CatalogueEntry.code, CatalogueEntry.detail)
    of_channels = query.where(CatalogueEntry.kind == "channel", CatalogueEntry.programme.in_(list(programmes)))
    return {(programme, code): group or "" for programme, code, group in db.session.execute(of_channels)}
