"""Storing service records (R1). One that lacks a must-have of its programme is refused with the reason."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import bindparam, literal, select, update

from app.catalogue.models import CatalogueEntry, Department
from app.clock import SHANGHAI
from app.db import db, table_of
from app.intake.batch import Batch, Row, Rows, add_rows
from app.intake.files import RowRefused
from app.intake.invitations import invite
from app.intake.models import ServiceRecord
from app.intake.people import person_key, store_people
from app.intake.profiles import STATES, Profile, profile
from app.intake.served import SERVICE_KEY
from app.intake.showing import as_code
from app.intake.window_calls import call_windows

# By programme: kind and code of an entry, and from when until when it is in use.
Codes = dict[str, dict[tuple[str, str], tuple[date | None, date | None]]]

RECORDS = table_of(ServiceRecord)
# Windows close and people leave: the catalogue of today need not know those of earlier years.
GONE = {"window", "staff"}
LISTED = {"deptCode": "department", "taskCode": "item", "channel": "channel", "window": "window", "proManager": "staff"}


def store_records(rows: Rows, batch: Batch) -> None:
    """Store the good rows of a chunk; each bad one is refused alone."""
    good = [row for _, row in batch.each(rows, partial(_check, batch=batch, codes=known_codes(batch.rules)))]
    people = store_people(good, batch.vault, batch.now)
    values: dict[tuple[Any, ...], Row] = {}
    for row in good:
        record = _record(row, people[person_key(row, batch.vault)], batch)
        key = tuple(record[name] for name in SERVICE_KEY)
        if key not in values or record["state"] == "finished":
            values[key] = record
    # Sorted, so that two imports at once take their locks in one order.
    records = [record for _, record in sorted(values.items())]
    added = _insert(records)
    if not batch.is_old:
        invite(records, batch.now)
        call_windows(records, batch.now)
    batch.report.added += added
    batch.report.known += len(good) - added


def _insert(values: list[Row]) -> int:
    """Store the records that are new, and note which of the others have been finished meanwhile."""
    if not values:
        return 0
    added = add_rows(RECORDS, values)
    finished = [row for row in values if row["state"] == "finished"] if added < len(values) else []
    if finished:
        same = [RECORDS.c[name] == bindparam(f"key_{name}") for name in SERVICE_KEY]
        change = update(RECORDS).where(*same, RECORDS.c.state != "finished")
        rows = [{f"key_{name}": row[name] for name in SERVICE_KEY} | {"at": row["finished_at"]} for row in finished]
        db.session.connection().execute(change.values(state="finished", finished_at=bindparam("at")), rows)
    return added


def known_codes(programmes: Iterable[str]) -> Codes:
    """Return the codes of the catalogue by programme: (kind, code)."""
    wanted = list(programmes)
    known: Codes = {programme: {} for programme in wanted}
    departments = select(Department.programme, literal("department"), Department.code, *_validity(Department))
    entries = select(CatalogueEntry.programme, CatalogueEntry.kind, CatalogueEntry.code, *_validity(CatalogueEntry))
    for query, model in ((departments, Department), (entries, CatalogueEntry)):
        for programme, kind, code, since, until in db.session.execute(query.where(model.programme.in_(wanted))):
            known[programme][kind, code] = since, until
    return known


def _validity(model: type[Any]) -> tuple[Any, Any]:
    return model.valid_from, model.valid_until


def _is_valid(code: tuple[date | None, date | None], day: date) -> bool:
    since, until = code
    return (since is None or day >= since) and (until is None or day < until)


def _check(row: Row, batch: Batch, codes: Codes) -> Row:
    """Return the row with its item's 31 digits: 33 name one way of handling it."""
    if batch.only not in {None, row["deptCode"]}:
        raise RowRefused("deptCode：不是本令牌的部门")
    if len(row["taskCode"]) == 33:
        row["taskCode"] = row["taskCode"][:31]
    for column, kind in LISTED.items():
        if row[column] and not (batch.is_old and kind in GONE):
            _check_listed(row, column, codes[row["programme"]].get((kind, row[column])))
    _check_codes(row, profile(batch.rules[row["programme"]].raw["profile"]))
    if row["proStatus"] == "3" and row["resultDate"] is None:
        raise RowRefused("resultDate：已办结的办件须有办结时间")
    for column in batch.rules[row["programme"]].raw.get("records", {}).get("required", []):
        if not row.get(column) and not batch.is_old:
            raise RowRefused(f"{column}：本方案规定必填")
    return row


def _check_listed(row: Row, column: str, valid: tuple[date | None, date | None] | None) -> None:
    if valid is None:
        raise RowRefused(f"{column}：名录里没有 {as_code(row[column])}")
    if not _is_valid(valid, row["serviceTime"].astimezone(SHANGHAI).date()):
        raise RowRefused(f"{column}：{as_code(row[column])} 在服务当日不在有效期内")


def _check_codes(row: Row, codes: Profile) -> None:
    """Turn the province's codes into ours.

    Raises:
        RowRefused: the province has no such code.
    """
    for column, table in (("userProp", codes.persons), ("promiseTime", codes.kinds)):
        if row[column] and row[column] not in table:
            raise RowRefused(f"{column}：应为 {'、'.join(table)} 之一")
        row[column] = table.get(row[column])


def _record(row: Row, reviewer: int, batch: Batch) -> Row:
    return {
        "served_on": row["serviceTime"].astimezone(SHANGHAI).date(), "programme": row["programme"], "record": row["projectNo"],
        "visit": row["serviceNumber"] or 1, "item": row["taskCode"], "department": row["deptCode"], "window": row["window"],
        "staff": row["proManager"], "channel": row["channel"], "applicant_kind": row["userProp"],
        "certificate_kind": row["userPageType"], "kind": row["promiseTime"],
        "state": STATES[row["proStatus"]], "received_at": row["acceptDate"],
        "finished_at": row["resultDate"], "reviewer": reviewer, "imported_at": batch.now,
        "is_old": batch.is_old,
    }  # fmt: skip
