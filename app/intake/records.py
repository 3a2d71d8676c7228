"""Storing service records (R1). One that lacks a must-have of its programme is refused with the reason."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.catalogue.models import CatalogueEntry, Department
from app.clock import SHANGHAI
from app.db import db
from app.errors import AppError
from app.identity.vault import Vault
from app.intake.files import Report, RowRefused, refuse
from app.intake.models import ServiceRecord
from app.intake.people import person_index, store_people
from app.intake.profiles import STATES
from app.programmes.versions import bundle_of, current_version

Rows = list[tuple[int, dict[str, Any]]]


def store_records(rows: Rows, report: Report, vault: Vault, now: datetime) -> None:
    """Store the good rows of a chunk; each bad one is refused alone."""
    known = _known(row["programme"] for _, row in rows)
    good = []
    for number, row in rows:
        try:
            _check(row, known)
            good.append(row)
        except AppError as error:
            refuse(report, number, error)
    people = store_people(good, vault, now)
    values = [_record(row, people[row["programme"], person_index(row, vault)], now) for row in good]
    _insert(values, report)


def _insert(values: list[dict[str, Any]], report: Report) -> None:
    if not values:
        return
    statement = insert(ServiceRecord).on_conflict_do_nothing().returning(ServiceRecord.record)
    added = len(db.session.execute(statement, values).all())
    report.added += added
    report.known += len(values) - added


def _known(programmes: Iterable[str]) -> dict[str, set[tuple[str, str]]]:
    """Return the codes of the catalogue by programme: (kind, code)."""
    wanted = set(programmes)
    known: dict[str, set[tuple[str, str]]] = {programme: set() for programme in wanted}
    for programme, code in db.session.execute(select(Department.programme, Department.code).where(Department.programme.in_(wanted))):
        known[programme].add(("department", code))
    entries = select(CatalogueEntry.programme, CatalogueEntry.kind, CatalogueEntry.code).where(CatalogueEntry.programme.in_(wanted))
    for programme, kind, code in db.session.execute(entries):
        known[programme].add((kind, code))
    return known


def _check(row: dict[str, Any], known: dict[str, set[tuple[str, str]]]) -> None:
    rules = bundle_of(current_version(row["programme"])).rules
    codes = known[row["programme"]]
    pairs = {"deptCode": "department", "taskCode": "item", "channel": "channel", "window": "window", "proManager": "staff"}
    for column, kind in pairs.items():
        if row[column] and (kind, row[column]) not in codes:
            raise RowRefused(f"{column}：名录里没有 {row[column]}")
    if row["proStatus"] == "3" and row["resultDate"] is None:
        raise RowRefused("resultDate：已办结的办件须有办结时间")
    if "mobile" in rules.raw.get("records", {}).get("required", []) and not row["mobile"]:
        raise RowRefused("mobile：本方案规定手机号必传")


def _record(row: dict[str, Any], reviewer: int, now: datetime) -> dict[str, Any]:
    return {
        "served_on": row["serviceTime"].astimezone(SHANGHAI).date(), "programme": row["programme"], "record": row["projectNo"],
        "visit": row["serviceNumber"] or 1, "item": row["taskCode"], "department": row["deptCode"], "window": row["window"],
        "staff": row["proManager"], "channel": row["channel"], "applicant_kind": row["userProp"],
        "certificate_kind": row["userPageType"], "state": STATES[row["proStatus"]], "received_at": row["acceptDate"],
        "finished_at": row["resultDate"], "reviewer": reviewer, "imported_at": now,
    }  # fmt: skip
