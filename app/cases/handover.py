"""Handing a colleague's open tasks over to another of the same department, one case at a time."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.cases.errors import ConflictOfInterest, NotYourTask
from app.cases.models import Case, Task
from app.cases.step import Step
from app.db import db
from app.identity.actor import Actor, Role
from app.identity.errors import AccountNotFound
from app.identity.models import Account
from app.identity.rights import Right, require_right

OPEN = ("open", "submitted")


@dataclass(frozen=True)
class Handover:
    """Whose tasks go to whom, as logins and as ids for the record, and in which cases."""

    department: str
    giver: str
    giver_id: int
    taker: str
    taker_id: int
    cases: tuple[int, ...]


def plan_handover(actor: Actor, from_login: str, to_login: str) -> Handover:
    """Return what there is to hand over: by the person, or by the department's head. Nothing is changed yet.

    Raises:
        RightMissing: the actor has no tasks at all.
        NotYourTask: neither the person nor a head.
        AccountNotFound: one of the two is not of the department, or the taker cannot handle.
    """
    require_right(actor, Right.HAND_OVER)
    if actor.for_account is not None or (actor.login != from_login and actor.role is not Role.HEAD):
        raise NotYourTask("只有本人或本单位负责人可以移交待办。")
    giver, taker = _colleague(actor, from_login), _colleague(actor, to_login)
    if giver is None or taker is None or giver.id == taker.id or not (taker.is_active and taker.actor().handles):
        raise AccountNotFound("本单位没有这位承办人。")
    query = (
        select(Task.case_id)
        .join(Case, Case.id == Task.case_id)
        .where(Task.department == actor.department, Task.status.in_(OPEN), Task.owner == from_login)
        .where(Case.programme == actor.programme)
    )
    cases = db.session.scalars(query.distinct().order_by(Task.case_id)).all()
    return Handover(actor.department, giver.login, giver.id, taker.login, taker.id, tuple(cases))


def _colleague(actor: Actor, login: str) -> Account | None:
    query = select(Account).where(Account.login == login, Account.programme == actor.programme)
    return db.session.scalar(query.where(Account.department == actor.department))


def hand_over_case(step: Step, handover: Handover) -> int:
    """Hand the open tasks of one case over, on the case's own record; return how many there were.

    A task that was done meanwhile, or belongs to somebody else by now, stays as it is.

    Raises:
        ConflictOfInterest: the taker is the person whom this case rates.
    """
    tasks = [
        task for task in step.loaded.tasks.values() if task.owner == handover.giver and task.department == handover.department
    ]
    taker = db.session.get_one(Account, handover.taker_id)
    if tasks and taker.staff is not None and taker.staff == step.get("rated_staff"):
        raise ConflictOfInterest("接手人是这件差评的被评价人，请另选一位。")
    for task in tasks:
        step.update(Task, {"id": task.id}, owner=handover.taker, claimed_at=step.now)
        step.audit("hand_over", element=task.element, giver=handover.giver_id, taker=handover.taker_id)
    return len(tasks)
