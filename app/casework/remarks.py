"""Remarks (科内留言): what colleagues of one department tell each other about a case. No other department reads them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.cases.errors import FormInvalid
from app.cases.step import Step
from app.casework.models import Remark
from app.db import db
from app.identity.actor import Actor

LONGEST = 1000


def remark(step: Step, actor: Actor, words: str, element: str | None = None) -> None:
    """Tell one's colleagues something about a case.

    Raises:
        FormInvalid: nothing was said, or too much.
    """
    if not 0 < len(words) <= LONGEST:
        raise FormInvalid(f"请写留言，不超过 {LONGEST} 字。", fields={"留言": "缺少或过长"})
    made = {"made_at": step.now, "made_by": actor.id}
    step.add(Remark, case_id=step.case_id, department=actor.department, element=element, words=words, **made)
    step.audit("remark")


def list_remarks(case_id: int, actor: Actor) -> Sequence[Remark]:
    """Return what was said of a case in the actor's department, oldest first."""
    query = select(Remark).where(Remark.case_id == case_id, Remark.department == actor.department)
    return db.session.scalars(query.order_by(Remark.id)).all()
