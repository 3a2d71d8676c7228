"""Storing reviews. One service, one review and one later addition (C3); a bad one opens its case at once."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert

from app.calendars.queries import calendar_for
from app.clock import SHANGHAI
from app.db import db
from app.deadlines.compute import runs_out
from app.deadlines.limits import WORKING_DAYS, Limit
from app.errors import AppError
from app.events import publish
from app.identity.vault import Vault
from app.intake.events import BadReviewReceived
from app.intake.files import Report, RowRefused, refuse
from app.intake.models import Level, Review, ServiceRecord
from app.intake.profiles import profile
from app.programmes.rules import Rules
from app.programmes.versions import bundle_of, current_version

Rows = list[tuple[int, dict[str, Any]]]
Records = dict[tuple[str, str, int], ServiceRecord]


def store_reviews(rows: Rows, report: Report, vault: Vault, now: datetime) -> None:
    """Store the good rows of a chunk; each bad one is refused alone."""
    records = _records(rows)
    good: list[tuple[int, dict[str, Any]]] = []
    for number, row in rows:
        try:
            good.append((number, _review(row, records, vault, now)))
        except AppError as error:
            refuse(report, number, error)
    ordinary = [values for _, values in good if not Level(values["level"]).is_bad]
    _insert_many(ordinary, report)
    for number, values in good:
        if Level(values["level"]).is_bad:
            _insert_bad(number, values, report)


def _records(rows: Rows) -> Records:
    keys = {(row["programme"], row["projectNo"], row["serviceNumber"] or 1) for _, row in rows}
    columns = tuple_(ServiceRecord.programme, ServiceRecord.record, ServiceRecord.visit)
    found = db.session.scalars(select(ServiceRecord).where(columns.in_(list(keys))))
    return {(each.programme, each.record, each.visit): each for each in found}


def _review(row: dict[str, Any], records: Records, vault: Vault, now: datetime) -> dict[str, Any]:
    rules = bundle_of(current_version(row["programme"])).rules
    codes = profile(rules.raw["profile"])
    if row["satisfaction"] not in codes.levels or row["pf"] not in codes.channels:
        raise RowRefused("satisfaction 或 pf：不是本省代码表里的值")
    visit = row["serviceNumber"] or 1
    record = records.get((row["programme"], row["projectNo"], visit))
    if record is None:
        raise RowRefused("projectNo：没有对应的服务数据")
    level, reasons = Level(codes.levels[row["satisfaction"]]), [code for code in (row["evalDetail"] or "").split(",") if code]
    anonymous = row["anonymityFlag"] == "1"
    _check(row, level, reasons, anonymous, rules)
    sequence = row["assessNumber"] or 1
    place = f"reviews.words.{row['programme']}/{row['projectNo']}/{visit}/{sequence}"
    return {
        "served_on": record.served_on, "programme": row["programme"], "record": row["projectNo"], "visit": visit,
        "sequence": sequence, "level": int(level), "reasons": reasons,
        "words": vault.seal(row["writingEvaluation"], place) if row["writingEvaluation"] else None,
        "channel": codes.channels[row["pf"]], "department": record.department, "staff": record.staff,
        "reviewer": None if anonymous else record.reviewer, "is_anonymous": anonymous, "is_default": row["isdefault"] == "1",
        "is_late": _is_late(record.served_on, row["assessTime"], rules), "reviewed_at": row["assessTime"], "received_at": now,
    }  # fmt: skip


def _check(row: dict[str, Any], level: Level, reasons: list[str], anonymous: bool, rules: Rules) -> None:
    if level.is_bad and not reasons and not row["writingEvaluation"]:
        raise RowRefused("差评必须勾选详情或填写文字评价")
    if any(not code.startswith(str(int(level))) for code in reasons):
        raise RowRefused("evalDetail：有原因代码不属于这一评价等级")
    if anonymous and rules.raw.get("real_name", {}).get("required"):
        raise RowRefused("anonymityFlag：本方案实行实名评价")


def _is_late(served_on: date, reviewed_at: datetime, rules: Rules) -> bool:
    """Whether a review came after the time in which it may be added: kept, and marked (C6)."""
    if rules.supplement_days is None:
        return False
    noon = datetime(served_on.year, served_on.month, served_on.day, 12, tzinfo=SHANGHAI)
    calendar = calendar_for(db.session(), rules.calendar)
    return runs_out(noon, Limit(rules.supplement_days, WORKING_DAYS), calendar).is_late(reviewed_at)


def _insert_many(values: list[dict[str, Any]], report: Report) -> None:
    if values:
        statement = insert(Review).on_conflict_do_nothing().returning(Review.record)
        added = len(db.session.execute(statement, values).all())
        report.added += added
        report.known += len(values) - added


def _insert_bad(number: int, values: dict[str, Any], report: Report) -> None:
    """Store one bad review and open its case: both or neither, and no other row is touched."""
    try:
        with db.session.begin_nested():
            statement = insert(Review).values(**values).on_conflict_do_nothing().returning(Review.id)
            key = db.session.execute(statement).scalar()
            if key is None:
                report.known += 1
                return
            publish(_event(key, values))
    except AppError as error:
        refuse(report, number, error)
        return
    report.added += 1
    report.opened += 1


def _event(key: int, values: dict[str, Any]) -> BadReviewReceived:
    names = ("programme", "served_on", "record", "visit", "sequence", "department", "staff", "channel", "reviewer", "is_anonymous")
    return BadReviewReceived(review=key, received_at=values["received_at"], **{name: values[name] for name in names})
