"""Joint handling: one department leads (主办), others help (协办); one case, one answer (r)."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from app.cases.errors import CaseOver, FormInvalid, NotYourTask
from app.cases.models import CoHandler
from app.cases.step import Step
from app.cases.windows import require_handling_department
from app.catalogue.models import Department
from app.db import db
from app.identity.actor import Actor


def ask_for_help(step: Step, actor: Actor, department: str) -> None:
    """Ask another department to help; the leading one stays accountable and answers.

    Raises:
        NotYourTask: the actor is not of the leading department.
        CaseOver: there is nothing to help with any more.
        FormInvalid: there is no such department, or it is the leading one.
    """
    require_handling_department(step, actor)
    _require_running(step)
    known = select(Department.code).where(Department.programme == step.loaded.programme, Department.code == department)
    if department == step.get("department") or db.session.scalar(known) is None:
        raise FormInvalid("协办部门：请从名录中选择本单位以外的部门。", fields={"协办部门": department})
    row = {"case_id": step.case_id, "department": department, "asked_at": step.now}
    db.session.execute(insert(CoHandler).values(**row).on_conflict_do_nothing())
    step.audit("ask_for_help", department=department)


def _require_running(step: Step) -> None:
    if step.is_over:
        raise CaseOver("这件差评已经结束，不再协办。")


def contribute(step: Step, actor: Actor, contribution: str) -> None:
    """Enter what a helping department found or did.

    Raises:
        NotYourTask: the department was not asked; whether the case has ended is not told then.
        CaseOver: the case has ended.
    """
    asked = (CoHandler.case_id == step.case_id, CoHandler.department == actor.department)
    is_asked = db.session.scalar(select(CoHandler.department).where(*asked)) is not None
    if actor.programme != step.loaded.programme or not actor.handles or not is_asked:
        raise NotYourTask("本单位不是这件差评的协办单位。")
    _require_running(step)
    db.session.execute(update(CoHandler).where(*asked).values(contribution=contribution, contributed_at=step.now))
    step.audit("contribute", department=actor.department)
