"""Reading appeals, claims, their evidence, and objections."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import select

from app.appeals.models import Appeal, Evidence, Objection
from app.db import db, table_of


def list_appeals(case_id: int) -> list[dict[str, Any]]:
    """Return the appeals and claims of a case, each with its evidence, in the order they came."""
    evidence: dict[int, list[dict[str, Any]]] = defaultdict(list)
    of_case = select(table_of(Evidence)).join(Appeal, Appeal.id == Evidence.appeal_id).where(Appeal.case_id == case_id)
    for row in db.session.execute(of_case.order_by(Evidence.id)).mappings():
        evidence[row["appeal_id"]].append(dict(row))
    appeals = select(table_of(Appeal)).where(Appeal.case_id == case_id).order_by(Appeal.id)
    return [dict(row) | {"evidence": evidence[row["id"]]} for row in db.session.execute(appeals).mappings()]


def list_objections(case_id: int) -> list[dict[str, Any]]:
    """Return what reviewers said against the voiding of their rating."""
    query = select(table_of(Objection)).where(Objection.case_id == case_id).order_by(Objection.id)
    return [dict(row) for row in db.session.execute(query).mappings()]
