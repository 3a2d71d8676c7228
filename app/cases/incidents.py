"""A step that cannot be made stops its own case and no other."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select, update

from app.audit.record import Act, Head, append
from app.cases.models import Case, Incident, Instance
from app.db import db, table_of
from app.errors import AppError
from app.identity.actor import CLOCK, Actor


def open_incident(case_id: int, error: AppError, at: datetime) -> None:
    """Stop a case: nothing of the step is stored, nothing more falls due, and somebody must look."""
    query = (
        select(Instance.audit_seq, Instance.audit_digest, Case.number)
        .join(Case, Case.id == Instance.case_id)
        .where(Instance.case_id == case_id)
        .with_for_update(of=Instance)
    )
    row = db.session.execute(query).one()
    act = Act(CLOCK, "incident", {"code": error.code})
    head = append(f"case:{row.number}", Head(row.audit_seq, row.audit_digest), [act], at)
    values = {"status": "incident", "due_at": None, "audit_seq": head.seq, "audit_digest": head.digest}
    db.session.execute(update(Instance).where(Instance.case_id == case_id).values(**values))
    incident = {"case_id": case_id, "code": error.code, "message": error.message, "opened_at": at}
    db.session.execute(insert(table_of(Incident)), incident)


def resume(case_id: int, actor: Actor, at: datetime) -> None:
    """Let a stopped case go on, after its cause was mended; the next step sets its alarm again."""
    db.session.execute(update(Instance).where(Instance.case_id == case_id).values(status="running", due_at=at))
    closed = {"resolved_at": at, "resolved_by": actor.id}
    db.session.execute(update(Incident).where(Incident.case_id == case_id, Incident.resolved_at.is_(None)).values(**closed))
