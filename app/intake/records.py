"""Storing service records (R1). One that lacks a must-have of its programme is refused with the reason."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from sqlalchemy import bindparam, literal, select, update

from app.catalogue.models import CatalogueEntry, Department
from app.clock import SHANGHAI
from app.db import db, table_of
from app.intake.batch import Batch, Row, Rows, add_rows
from app.intake.files import RowRefused
from app.intake.models import ServiceRecord
from app.intake.people import person_key, store_people
from app.intake.profiles import STATES

Codes = dict[str, set[tuple[str, str]]]

RECORDS = table_of(ServiceRecord)
KEY = ("served_on", "programme", "record", "visit")
LISTED = {"deptCode": "department", "taskCode": "item", "channel": "channel", "window": "window", "proManager": "staff"}
# Windows close and people leave: the catalogue of today need not know those of earlier years.
GONE = {"window", "staff"}


def store_records(rows: Rows, batch: Batch) -> None:
    """Store the good rows of a chunk; each bad one is refused alone."""
    good = [row for _, row in batch.each(rows, partial(_check, batch=batch, codes=known_codes(batch.rules)))]
    people = store_people(good, batch.vault, batch.now)
    values: dict[tuple[Any, ...], Row] = {}
    for row in good:
        record = _record(row, people[person_key(row, batch.vault)], batch)
        key = tuple(record[name] for name in KEY)
        if key not in values or record["state"] == "finished":
            values[key] = record
    # Sorted, so that two imports at once take their locks in one order.
    added = _insert([record for _, record in sorted(values.items())])
    batch.report.added += added
    batch.report.known += len(good) - added


def _insert(values: list[Row]) -> int:
    """Store the records that are new, and note which of the others have been finished meanwhile."""
    if not values:
        return 0
    added = add_rows(RECORDS, values)
    finished = [row for row in values if row["state"] == "finished"] if added < len(values) else []
    if finished:
        same = [RECORDS.c[name] == bindparam(f"key_{name}") for name in KEY]
        change = update(RECORDS).where(*same, RECORDS.c.state != "finished")
        rows = [{f"key_{name}": row[name] for name in KEY} | {"at": row["finished_at"]} for row in finished]
        db.session.connection().execute(change.values(state="finished", finished_at=bindparam("at")), rows)
    return added


def known_codes(programmes: Iterable[str]) -> Codes:
    """Return the codes of the catalogue by programme: (kind, code)."""
    wanted = list(programmes)
    known: Codes = {programme: set() for programme in wanted}
    departments = select(Department.programme, literal("department"), Department.code)
    entries = select(CatalogueEntry.programme, CatalogueEntry.kind, CatalogueEntry.code)
    for query, model in ((departments, Department), (entries, CatalogueEntry)):
        for programme, kind, code in db.session.execute(query.where(model.programme.in_(wanted))):
            known[programme].add((kind, code))
    return known


def _check(row: Row, batch: Batch, codes: Codes) -> Row:
    """Return the row with its item's 31 digits: 33 name one way of handling it."""
    if len(row["taskCode"]) == 33:
        row["taskCode"] = row["taskCode"][:31]
    for column, kind in LISTED.items():
        if batch.is_old and kind in GONE:
            continue
        if row[column] and (kind, row[column]) not in codes[row["programme"]]:
            raise RowRefused(f"{column}：名录里没有 {row[column]}")
    if row["proStatus"] == "3" and row["resultDate"] is None:
        raise RowRefused("resultDate：已办结的办件须有办结时间")
    for column in batch.rules[row["programme"]].raw.get("records", {}).get("required", []):
        if not row.get(column) and not batch.is_old:
            raise RowRefused(f"{column}：本方案规定必填")
    return row


def _record(row: Row, reviewer: int, batch: Batch) -> Row:
    return {
        "served_on": row["serviceTime"].astimezone(SHANGHAI).date(), "programme": row["programme"], "record": row["projectNo"],
        "visit": row["serviceNumber"] or 1, "item": row["taskCode"], "department": row["deptCode"], "window": row["window"],
        "staff": row["proManager"], "channel": row["channel"], "applicant_kind": row["userProp"],
        "certificate_kind": row["userPageType"], "state": STATES[row["proStatus"]], "received_at": row["acceptDate"],
        "finished_at": row["resultDate"], "reviewer": reviewer, "imported_at": batch.now,
        "is_old": batch.is_old,
    }  # fmt: skip
