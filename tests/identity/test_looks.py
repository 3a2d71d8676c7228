"""Looks of discipline auditors, and what the record tells whom."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.audit.record import Act, record
from app.db import db, unit_of_work
from app.identity.actor import Actor, Role
from app.identity.looks import list_auditors_looks, record_look, visible_entries
from app.identity.rights import RightMissing
from identity.conftest import AT, AUDIT, SECURITY, SYSTEM

AUDITOR = Actor("7", Role.AUDITOR, "xs", "discipline")


@pytest.fixture
def looked(database: Flask) -> None:
    with unit_of_work():
        record_look(AUDITOR, "XS-2025-000001", AT)
        record_look(Actor("8", Role.LEADER, "xs", "office"), "XS-2025-000001", AT)
        record("referral:1", Act("9", "refer", {"case": 1}), AT)
        record("case:XS-2025-000001", Act("9", "verify"), AT)


@pytest.mark.usefixtures("looked")
def test_auditors_looks_are_recorded_and_the_audit_administrator_alone_reads_them() -> None:
    (entry,) = list_auditors_looks(AUDIT)
    assert (entry.actor, entry.payload) == ("7", {"what": "XS-2025-000001", "programme": "xs"})
    for other in (AUDITOR, SECURITY, SYSTEM, Actor("1", Role.LEADER, "xs", "office"), Actor("1", Role.HEAD, "xs", "d")):
        with pytest.raises(RightMissing):
            list_auditors_looks(other)


@pytest.mark.usefixtures("looked")
@pytest.mark.clause("L5")
def test_who_reads_the_record_does_not_learn_that_there_are_referrals() -> None:
    def streams(actor: Actor) -> list[str]:
        return list(db.session.scalars(select(AuditEntry.stream).where(visible_entries(actor)).order_by(AuditEntry.id)))

    assert streams(AUDIT) == ["looks", "case:XS-2025-000001"]
    assert streams(AUDITOR) == streams(SYSTEM) == streams(SECURITY) == []
