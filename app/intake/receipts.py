"""What whoever reviewed holds afterwards: a private link to their review, to what comes of it, and to one addition (C3)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from app.catalogue.links import RECEIPT, SERVICE, Link
from app.db import db
from app.deadlines.compute import Deadline
from app.intake.batch import Row
from app.intake.giving import Given, row_of
from app.intake.lateness import Lateness
from app.intake.models import Review
from app.intake.queries import RecordUnknown
from app.intake.reviews import ADDITION, FIRST
from app.intake.voices import VOICE_PREFIX
from app.programmes.versions import bundle_of, current_version


def receipt_of(row: Row) -> Link:
    """Return the receipt of a review that has just been stored from this row of the exchange."""
    record, visit = (row["projectNo"], row["serviceNumber"]) if "projectNo" in row else (VOICE_PREFIX + row["voiceNo"], "1")
    of_record = (Review.programme == row["programme"], Review.record == record, Review.visit == int(visit))
    day = db.session.scalars(
        select(Review.served_on).where(*of_record, Review.sequence == FIRST).order_by(Review.served_on.desc()).limit(1)
    ).one()
    return Link(RECEIPT, row["programme"], (day.isoformat(), record, str(visit)))


def find_mine(link: Link) -> list[Review]:
    """Return the review behind a receipt, and its addition where there is one.

    Raises:
        RecordUnknown: there is none.
    """
    day, record, visit = link.parts
    query = select(Review).where(
        Review.served_on == date.fromisoformat(day), Review.programme == link.programme, Review.record == record,
        Review.visit == int(visit), Review.sequence.in_((FIRST, ADDITION)),
    )  # fmt: skip
    found = list(db.session.scalars(query.order_by(Review.sequence)))
    if not found:
        raise RecordUnknown("没有找到这次评价。")
    return found


def addition_end(reviews: list[Review], now: datetime) -> Deadline | None:
    """Return until when something may be added; None when it is too late, was done, or nobody was served."""
    first = reviews[0]
    if len(reviews) > 1 or first.record.startswith(VOICE_PREFIX):
        return None
    rules = bundle_of(current_version(first.programme)).rules
    end = Lateness({first.programme: rules}).addition_ends(first.programme, first.reviewed_at)
    return None if end.is_late(now) else end


def addition_row(first: Review, given: Given, at: datetime) -> Row:
    """Return the row of the exchange that adds to a review; who was anonymous stays so."""
    link = Link(SERVICE, first.programme, (first.record, str(first.visit)))
    return row_of(link, given, at) | {"assessNumber": str(ADDITION)}
