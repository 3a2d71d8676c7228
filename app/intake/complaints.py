"""12345 complaints, where a programme takes them: the same loop as a bad review, and no rating (ZB 13, L8)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.catalogue.models import Department
from app.clock import SHANGHAI
from app.db import db, table_of
from app.identity.vault import Vault
from app.intake.batch import Batch, Row, Rows, store_with_case
from app.intake.events import BadReviewReceived
from app.intake.files import Report, RowRefused
from app.intake.models import Complaint
from app.intake.people import find_by_phone
from app.intake.showing import as_code
from app.programmes.versions import bundle_of, current_version

COMPLAINTS = table_of(Complaint)
CHANNEL = "12345"
# A complaint is no review of a service: it has a visit and a sequence of its own in the case's key.
VISIT, SEQUENCE = 1, 0


def store_complaints(rows: Rows, batch: Batch) -> None:
    """Check the rows of a chunk; each good one is stored later, with its case, in a transaction of its own."""
    known = {tuple(row) for row in db.session.execute(select(Department.programme, Department.code))}

    def check(row: Row) -> Row:
        if not batch.rules[row["programme"]].raw.get("complaints"):
            raise RowRefused("programme：本方案不接收 12345 投诉")
        if (row["programme"], row["deptCode"]) not in known:
            raise RowRefused(f"deptCode：名录里没有 {as_code(row['deptCode'])}")
        return row

    taken = batch.each(rows, check)
    batch.later.extend((number, partial(_store, number, row, batch.report, batch.vault)) for number, row in taken)


def takes_complaints(programme: str) -> bool:
    """Whether a programme takes complaints of 12345."""
    return bool(bundle_of(current_version(programme)).rules.raw.get("complaints"))


def words_of_complaint(programme: str, number: str, vault: Vault) -> str | None:
    """Return what somebody complained of; None when it was deleted."""
    words = db.session.scalar(select(Complaint.words).where(Complaint.programme == programme, Complaint.number == number))
    return vault.open(words, complaint_place({"programme": programme, "number": number})) if words else None


def _store(number: int, row: Row, report: Report, vault: Vault, now: datetime) -> None:
    place = complaint_place({"programme": row["programme"], "number": row["complaintNo"]})
    reviewer = find_by_phone(row["programme"], row["mobile"], vault)
    values = {
        "programme": row["programme"],
        "number": row["complaintNo"],
        "department": row["deptCode"],
        "matter": row["projectNo"],
        "reviewer": reviewer,
        "words": vault.seal(row["words"], place),
        "phone": vault.seal(row["mobile"], place) if row["mobile"] else None,
        "received_at": now,
    }
    statement = insert(COMPLAINTS).values(**values).on_conflict_do_nothing().returning(COMPLAINTS.c.number)
    store_with_case(statement, lambda _: _event(row, reviewer, now), number, report)


def complaint_place(complaint: Mapping[str, Any]) -> str:
    """Return the place for which a complaint's words and phone are sealed."""
    return f"complaints.words.{complaint['programme']}/{complaint['number']}"


def _event(row: Row, reviewer: int | None, now: datetime) -> BadReviewReceived:
    return BadReviewReceived(
        review=None,
        programme=row["programme"],
        served_on=now.astimezone(SHANGHAI).date(),
        record=row["complaintNo"],
        visit=VISIT,
        sequence=SEQUENCE,
        department=row["deptCode"],
        staff=None,
        channel=CHANNEL,
        reviewer=reviewer,
        is_anonymous=row["mobile"] is None,
        received_at=now,
        matter=row["projectNo"],
    )
