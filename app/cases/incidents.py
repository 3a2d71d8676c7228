"""A step that cannot be made stops its own case and no other; when its cause is mended, the case goes on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from app.audit.record import Act, Head, append
from app.cases.errors import CaseNotStopped
from app.cases.models import Case, Incident, Instance
from app.db import db, table_of
from app.errors import AppError
from app.identity.actor import CLOCK


def open_incident(case_id: int, error: AppError, at: datetime) -> None:
    """Stop a case: nothing of the step is stored, nothing more falls due, and somebody must look."""
    _change_status(case_id, "incident", Act(CLOCK, "incident", {"code": error.code}), at, due_at=None)
    incident = {"case_id": case_id, "code": error.code, "message": error.message, "opened_at": at}
    db.session.execute(insert(table_of(Incident)), incident)


def close_incidents(case_id: int, by: str, at: datetime) -> None:
    """Let a stopped case go on; its next step, to be made in the same transaction, sets its alarm again.

    Raises:
        CaseNotStopped: it has no open incident.
    """
    closed = {"resolved_at": at, "resolved_by": by}
    stopped = update(Incident).where(Incident.case_id == case_id, Incident.resolved_at.is_(None))
    if not list(db.session.scalars(stopped.values(**closed).returning(Incident.id))):
        raise CaseNotStopped("这件差评没有因流程故障暂停，无须恢复。")
    _change_status(case_id, "running", Act(by, "resume"), at)


def _change_status(case_id: int, status: str, act: Act, at: datetime, **columns: Any) -> None:
    query = (
        select(Instance.audit_seq, Instance.audit_digest, Case.number)
        .join(Case, Case.id == Instance.case_id)
        .where(Instance.case_id == case_id)
        .with_for_update(of=Instance)
    )
    row = db.session.execute(query).one()
    head = append(f"case:{row.number}", Head(row.audit_seq, row.audit_digest), [act], at)
    values = columns | {"status": status, "audit_seq": head.seq, "audit_digest": head.digest}
    db.session.execute(update(Instance).where(Instance.case_id == case_id).values(**values))
