"""Finding what a chunk of reviews is about, and what is stored already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, ColumnElement, String, and_, any_, literal, or_, select, true

from app.catalogue.models import CatalogueEntry
from app.clock import SHANGHAI
from app.db import db, table_of
from app.errors import NotFound
from app.intake.models import Review, ServiceRecord


class RecordUnknown(NotFound):
    """There is no such service."""

    code = "record_unknown"


RecordKey = tuple[str, str, int]


class Served(NamedTuple):
    """What a review takes from its service."""

    programme: str
    record: str
    visit: int
    served_on: date
    department: str
    window: str | None
    staff: str | None
    reviewer: int | None


Records = dict[RecordKey, Served]
Existing = dict[tuple[Any, ...], dict[str, Any]]

SERVICES = table_of(ServiceRecord)
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
    near = SERVICES.c.served_on.between(min(days) - USUAL, max(days))
    found = _records({key for key, _ in moments}, near)
    missing = {key for key, _ in moments} - found.keys()
    return found | _records(missing, true())


def _records(keys: Collection[RecordKey], period: ColumnElement[bool]) -> Records:
    """Return the services of these keys; the newest where one number was used again."""
    if not keys:
        return {}
    columns = [SERVICES.c[name] for name in Served._fields]
    query = select(*columns).where(period, _of_records(SERVICES.c.programme, SERVICES.c.record, keys))
    found = db.session.execute(query.order_by(SERVICES.c.served_on))
    by_key = {(each.programme, each.record, each.visit): each for each in map(Served._make, found)}
    return {key: by_key[key] for key in keys if key in by_key}


def require_record(programme: str, department: str, record: str, visit: int) -> None:
    """Make sure that a department has rendered a service.

    Raises:
        RecordUnknown: there is none, or it is another department's.
    """
    of_service = (
        ServiceRecord.programme == programme, ServiceRecord.department == department,
        ServiceRecord.record == record, ServiceRecord.visit == visit,
    )  # fmt: skip
    if db.session.scalar(select(ServiceRecord.record).where(*of_service).limit(1)) is None:
        raise RecordUnknown("没有这个办件。")


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
    return or_(*(and_(programme == code, is_any(record, found)) for code, found in sorted(numbers.items())))


def is_any(column: Any, values: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition that a column has one of these values: one parameter, however many they are."""
    is_one: ColumnElement[bool] = column == any_(literal(sorted(values), ARRAY(String)))
    return is_one


def channel_groups(programmes: Iterable[str]) -> dict[tuple[str, str], str]:
    """Return the group of every channel of the catalogue by programme and code."""
    query = select(CatalogueEntry.programme, CatalogueEntry.code, CatalogueEntry.detail)
    of_channels = query.where(CatalogueEntry.kind == "channel", CatalogueEntry.programme.in_(list(programmes)))
    return {(programme, code): group or "" for programme, code, group in db.session.execute(of_channels)}
