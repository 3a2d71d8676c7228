"""Reading cases."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Row, select

from app.cases.errors import CaseNotFound
from app.cases.models import Case, Incident, Instance
from app.db import db


def find_case(number: str) -> int:
    """Return a case's key by its number.

    Raises:
        CaseNotFound: there is none.
    """
    key = db.session.scalar(select(Case.id).where(Case.number == number))
    if key is None:
        raise CaseNotFound("没有这个工单号。", number=number)
    return key


def list_incidents(*conditions: ColumnElement[bool]) -> list[Row[str, str, str, datetime]]:
    """Return what stopped cases wait for: number, error code, message, since when; oldest first. Conditions are on `Case`."""
    query = (
        select(Case.number, Incident.code, Incident.message, Incident.opened_at)
        .join(Incident, Incident.case_id == Case.id)
        .where(Incident.resolved_at.is_(None), *conditions)
        .order_by(Incident.opened_at, Incident.id)
    )
    return list(db.session.execute(query))


def list_due(now: datetime, limit: int) -> list[int]:
    """Return cases in which something is due, longest due first; locked ones are left to who has them.

    The rows stay locked until the transaction ends.
    """
    query = (
        select(Instance.case_id)
        .where(Instance.due_at <= now)
        .order_by(Instance.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(db.session.scalars(query))
