"""A bad review becomes a case, in the transaction that stores it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, or_, select, text

from app.audit.record import Head
from app.calendars.queries import calendar_for
from app.cases.events import CaseOpened
from app.cases.host import Host
from app.cases.models import Case, Instance
from app.cases.step import Step, finish_step, iso
from app.cases.store import Loaded
from app.catalogue.models import Department
from app.clock import SHANGHAI
from app.db import db, table_of
from app.engine.machine import Machine
from app.events import publish
from app.identity.actor import CLOCK
from app.intake.events import BadReviewReceived
from app.programmes.versions import bundle_of, current_version


def open_case(event: BadReviewReceived) -> None:
    """Open the case of a bad review (L1). One that continues a running matter is linked to it (X5)."""
    running = _running_case(event)
    number, case_id = _insert_case(event, running)
    version = current_version(event.programme)
    variables = {"received_at": iso(event.received_at), "anonymous": event.is_anonymous, "linked": running is not None}
    _insert_instance(case_id, version, variables, event.received_at)
    step = _first_step(_loaded(event, case_id, number, version, variables))
    step.audit("open", review=event.review, linked_to=running)
    step.machine.run()
    finish_step(step)
    publish(CaseOpened(case_id, event.received_at))


def _running_case(event: BadReviewReceived) -> int | None:
    """Return the running case of the same record or reviewer that is not itself linked; who asks at once takes turns."""
    record = event.matter or event.record
    same = [Case.record == record]
    keys = [f"{event.programme}/record/{record}"]
    if event.reviewer is not None:
        same.append(Case.reviewer == event.reviewer)
        keys.append(f"{event.programme}/reviewer/{event.reviewer}")
    lock = "select pg_advisory_xact_lock(hashtextextended(key, 7231)) from unnest(cast(:keys as text[])) key order by key"
    db.session.execute(text(lock), {"keys": sorted(keys)})
    query = select(Case.id).where(
        Case.programme == event.programme, Case.ended_at.is_(None), Case.linked_to.is_(None), or_(*same)
    )
    return db.session.scalar(query.order_by(Case.id).limit(1))


def _insert_case(event: BadReviewReceived, linked_to: int | None) -> tuple[str, int]:
    case_id: int = db.session.scalar(text("select nextval(pg_get_serial_sequence('cases', 'id'))")) or 0
    number = f"{event.programme.upper()}-{event.received_at.astimezone(SHANGHAI).year}-{case_id:06d}"
    row = {
        "id": case_id,
        "number": number,
        "programme": event.programme,
        "served_on": event.served_on,
        "record": event.record,
        "visit": event.visit,
        "sequence": event.sequence,
        "channel": event.channel,
        "reviewer": event.reviewer,
        "is_anonymous": event.is_anonymous,
        "rated_department": event.department,
        "rated_staff": event.staff,
        "department": event.department,
        "area": _area(event),
        "status": "open",
        "round": 0,
        "received_at": event.received_at,
        "linked_to": linked_to,
    }
    db.session.execute(insert(table_of(Case)), row)
    return number, case_id


def _area(event: BadReviewReceived) -> str:
    query = select(Department.area).where(Department.programme == event.programme, Department.code == event.department)
    return db.session.scalar(query) or ""


def _insert_instance(case_id: int, version: int, variables: dict[str, Any], at: datetime) -> None:
    head = Head()
    row = {
        "case_id": case_id,
        "version": version,
        "status": "running",
        "revision": 0,
        "moved_at": at,
        "variables": variables,
        "state": [],
        "audit_seq": head.seq,
        "audit_digest": head.digest,
    }
    db.session.execute(insert(table_of(Instance)), row)


def _loaded(event: BadReviewReceived, case_id: int, number: str, version: int, variables: dict[str, Any]) -> Loaded:
    return Loaded(
        case_id=case_id,
        number=number,
        programme=event.programme,
        version=version,
        status="running",
        revision=0,
        moved_at=event.received_at,
        variables=variables,
        state=[],
        head=Head(),
        department=event.department,
        area=_area(event),
        rated_department=event.department,
        rated_staff=event.staff,
        round=0,
        reviewer=event.reviewer,
        is_anonymous=event.is_anonymous,
        received_at=event.received_at,
        voided_at=None,
        case_status="open",
        newest_notice=0,
        read_at=event.received_at,
    )


def _first_step(loaded: Loaded) -> Step:
    bundle = bundle_of(loaded.version)
    calendar = calendar_for(db.session(), bundle.rules.calendar)
    host = Host(loaded, bundle, calendar, loaded.received_at, CLOCK)
    loaded.variables = dict.fromkeys(bundle.variables) | loaded.variables
    machine = Machine(bundle.program, host, loaded.variables)
    host.step = step = Step(loaded, bundle, calendar, loaded.received_at, CLOCK, host, machine)
    return step
