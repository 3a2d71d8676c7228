"""Looks of discipline auditors: kept in a stream that the audit administrator alone reads."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, false, select

from app.audit.chain import LOOKS, REFERRAL
from app.audit.models import AuditEntry
from app.audit.record import Act, record
from app.db import db
from app.identity.actor import Actor, Role
from app.identity.rights import Right, may, require_right


def record_look(actor: Actor, what: str, now: datetime) -> None:
    """Record what a discipline auditor looked at (`what` is a number or a list's name, no personal data).

    Looks of others leave nothing: nobody is to learn from a record whom the auditors look
    into, and everybody else sees only what is theirs.
    """
    if actor.role is Role.AUDITOR:
        record(LOOKS, Act(actor.id, "look", {"what": what, "programme": actor.programme}), now)


def list_auditors_looks(actor: Actor) -> list[AuditEntry]:
    """Return all looks of discipline auditors, newest first.

    Raises:
        RightMissing: the actor is not the audit administrator.
    """
    require_right(actor, Right.READ_LOOKS)
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.stream == LOOKS).order_by(AuditEntry.seq.desc())))


def visible_entries(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `AuditEntry` for whoever reads the record as such.

    Referrals stay out of it: overseer and discipline body see them where they are kept,
    and nobody else learns that there are any.
    """
    return AuditEntry.stream.not_like(f"{REFERRAL}%") if may(actor, Right.READ_AUDIT) else false()
