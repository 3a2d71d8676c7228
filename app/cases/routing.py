"""Where a case is passed on to: who is suggested and why, and where it has been."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select

from app.cases.models import Case, Hop
from app.db import db
from app.intake.models import ServiceRecord
from app.intake.served import same_service


@dataclass(frozen=True)
class Suggestion:
    """The department whose work was rated: by the service's record, or by who took the complaint down.

    One that has returned the case already is no suggestion any more, and the reason is told.
    """

    department: str
    is_of_record: bool
    has_returned: bool


@dataclass(frozen=True)
class Stretch:
    """One department's stretch with a case; `used` up to its return, or to now."""

    department: str
    sent_at: datetime
    returned_at: datetime | None
    used: timedelta
    duty_clause: str | None


def suggest_department(case_id: int) -> Suggestion:
    """Return whom the facts suggest to pass a case on to."""
    returned = (Hop.case_id == Case.id, Hop.department == Case.rated_department, Hop.returned_at.is_not(None))
    of_record, has_returned = exists().where(same_service(ServiceRecord, Case)), exists().where(*returned)
    query = select(Case.rated_department, of_record, has_returned).where(Case.id == case_id)
    department, is_of_record, was_returned = db.session.execute(query).one()
    return Suggestion(department, is_of_record, was_returned)


def list_stretches(case_id: int, now: datetime) -> list[Stretch]:
    """Return where a case has been, in order, with the time each department used."""
    hops = db.session.scalars(select(Hop).where(Hop.case_id == case_id).order_by(Hop.number))
    return [
        Stretch(hop.department, hop.sent_at, hop.returned_at, (hop.returned_at or now) - hop.sent_at, hop.duty_clause)
        for hop in hops
    ]
