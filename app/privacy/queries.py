"""What is known of a reviewer, and what has been kept long enough."""

from __future__ import annotations

from sqlalchemy import and_, exists, or_, select, tuple_
from sqlalchemy.orm import aliased

from app.cases.models import Case
from app.clock import SHANGHAI
from app.db import db
from app.identity.models import Reviewer
from app.identity.retention import Limits
from app.identity.reviewers import FORGOTTEN
from app.intake.forgetting import ReviewKey
from app.intake.models import Complaint, Review, ServiceRecord
from app.privacy.models import TEXTS, Deletion


def reviews_of(reviewer: int) -> list[Review]:
    """Return a reviewer's reviews, oldest first. An anonymous one is nobody's."""
    return list(db.session.scalars(select(Review).where(Review.reviewer == reviewer).order_by(Review.received_at)))


def cases_of(reviewer: int) -> list[Case]:
    """Return the cases of a reviewer, oldest first."""
    return list(db.session.scalars(select(Case).where(Case.reviewer == reviewer).order_by(Case.id)))


def old_words(limits: Limits, most: int) -> list[ReviewKey]:
    """Return reviews whose words have been kept long enough, and whose case, if any, has ended."""
    running = exists().where(
        Case.ended_at.is_(None),
        tuple_(Case.served_on, Case.programme, Case.record, Case.visit, Case.sequence)
        == tuple_(Review.served_on, Review.programme, Review.record, Review.visit, Review.sequence),
    )
    query = select(Review.served_on, Review.programme, Review.record, Review.visit, Review.sequence).where(
        Review.words.is_not(None), Review.served_on < limits.words.astimezone(SHANGHAI).date(), ~running
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in db.session.execute(query.limit(most))]


def old_complaints(limits: Limits, most: int) -> list[tuple[str, str]]:
    """Return complaints whose words and phone have been kept long enough, and whose case has ended."""
    running = exists().where(
        Case.ended_at.is_(None), Case.programme == Complaint.programme, Case.record == Complaint.number, Case.sequence == 0
    )
    query = select(Complaint.programme, Complaint.number).where(
        Complaint.words != b"", Complaint.received_at < limits.words, ~running
    )
    return [(row[0], row[1]) for row in db.session.execute(query.limit(most))]


def old_cases(limits: Limits, most: int) -> list[int]:
    """Return cases that ended long enough ago and still have their texts."""
    done = exists().where(Deletion.kind == TEXTS, Deletion.key == Case.id)
    query = select(Case.id).where(Case.ended_at < limits.texts, ~done)
    return list(db.session.scalars(query.order_by(Case.id).limit(most)))


def old_reviewers(limits: Limits, most: int) -> list[int]:
    """Return reviewers without a service, a review or a case that is running or younger than the limit."""
    day = limits.person.astimezone(SHANGHAI).date()
    case = aliased(Case)
    busy = or_(
        exists().where(ServiceRecord.reviewer == Reviewer.id, ServiceRecord.served_on >= day),
        exists().where(Review.reviewer == Reviewer.id, Review.received_at >= limits.person),
        exists().where(case.reviewer == Reviewer.id, or_(case.ended_at.is_(None), case.ended_at >= limits.person)),
    )
    known = Reviewer.person_index.not_like(f"{FORGOTTEN}%")
    query = select(Reviewer.id).where(and_(known, Reviewer.first_seen_at < limits.person, ~busy))
    return list(db.session.scalars(query.order_by(Reviewer.id).limit(most)))
