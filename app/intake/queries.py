"""Finding what a chunk of reviews is about, and what is stored already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, ColumnElement, Row, Select, String, Table, any_, bindparam, literal, select

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

Period = tuple[date, date]

SERVICES, REVIEWS = table_of(ServiceRecord), table_of(Review)
# Nearly all reviews come within these days of the service: few partitions to look through.
USUAL = timedelta(days=45)
EVER = date.min, date.max


def _matches(table: Table) -> tuple[ColumnElement[bool], ...]:
    """Return the condition for some records of a programme in a period, with parameters; made once and kept."""
    numbers = any_(bindparam("numbers", type_=ARRAY(String)))
    near = table.c.served_on.between(bindparam("first"), bindparam("last"))
    return table.c.programme == bindparam("code"), table.c.record == numbers, near


SERVED = select(*(SERVICES.c[name] for name in Served._fields)).where(*_matches(SERVICES)).order_by(SERVICES.c.served_on)
REVIEWED = select(REVIEWS).where(*_matches(REVIEWS))


def find_records(wanted: Iterable[tuple[RecordKey, datetime]]) -> Records:
    """Return the services of some reviews, each with the moment of the review.

    Looked for near the reviews first, and only then in all months.
    """
    moments = list(wanted)
    if not moments:
        return {}
    days = [moment.astimezone(SHANGHAI).date() for _, moment in moments]
    found = _records({key for key, _ in moments}, (min(days) - USUAL, max(days)))
    missing = {key for key, _ in moments} - found.keys()
    return found | _records(missing, EVER)


def _records(keys: Collection[RecordKey], period: Period) -> Records:
    """Return the services of these keys; the newest where one number was used again."""
    by_key = {(each.programme, each.record, each.visit): each for each in map(Served._make, _of_keys(SERVED, keys, period))}
    return {key: by_key[key] for key in keys if key in by_key}


def _of_keys(query: Select[Any], keys: Iterable[RecordKey], period: Period) -> Iterator[Row[Any]]:
    """Yield the rows for all visits of these records; a look a programme, for which an index serves."""
    numbers = defaultdict(set)
    for code, number, _ in keys:
        numbers[code].add(number)
    for code, found in sorted(numbers.items()):
        asked = {"code": code, "numbers": sorted(found), "first": period[0], "last": period[1]}
        yield from db.session.connection().execute(query, asked)


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
    days = [each.served_on for each in records.values()]
    found = (dict(row._mapping) for row in _of_keys(REVIEWED, records, (min(days), max(days))))
    return {(row["programme"], row["record"], row["visit"], row["sequence"]): row for row in found}


def is_any(column: Any, values: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition that a column has one of these values: one parameter, however many they are."""
    is_one: ColumnElement[bool] = column == any_(literal(sorted(values), ARRAY(String)))
    return is_one


def find_channel(programme: str, group: str) -> str | None:
    """Return the catalogue's first channel of a group."""
    of_group = (CatalogueEntry.programme == programme, CatalogueEntry.kind == "channel", CatalogueEntry.detail == group)
    return db.session.scalar(select(CatalogueEntry.code).where(*of_group).order_by(CatalogueEntry.code).limit(1))


def channel_groups(programmes: Iterable[str]) -> dict[tuple[str, str], str]:
    """Return the group of every channel of the catalogue by programme and code."""
    query = select(CatalogueEntry.programme, CatalogueEntry.code, CatalogueEntry.detail)
    of_channels = query.where(CatalogueEntry.kind == "channel", CatalogueEntry.programme.in_(list(programmes)))
    return {(programme, code): group or "" for programme, code, group in db.session.execute(of_channels)}
