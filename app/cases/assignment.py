"""Who works on a step: taken by oneself (认领), given by the head or the one who has it (指派), or given back.

One owner a step at any moment (L1): until somebody takes it, the one who answers for the
department. Taking it keeps no colleague from acting when a limit presses.
"""

from __future__ import annotations

from sqlalchemy import select

from app.cases.errors import ConflictOfInterest, NotYourTask, TaskTaken
from app.cases.models import Task
from app.cases.ownership import require_may_act
from app.cases.saving import owner_of
from app.cases.step import Step
from app.cases.store import OpenTask
from app.db import db
from app.engine.errors import TaskNotOpen
from app.identity.accounts import find_colleague
from app.identity.actor import Actor, Role
from app.identity.models import Account


def take_task(step: Step, element: str, actor: Actor) -> None:
    """Take a step that nobody has taken; taken by oneself already, nothing changes.

    Raises:
        TaskNotOpen, NotYourTask, ConflictOfInterest: see `require_may_act`.
        TaskTaken: a colleague has it.
    """
    task = _waiting(step, element)
    require_may_act(step, task, actor)
    if task.claimed_at is None:
        step.update(Task, {"id": task.id}, owner=actor.login, claimed_at=step.now)
        step.audit("take", element=element)
    elif task.owner != actor.login:
        raise TaskTaken(f"这一步已由{_name_of(task.owner)}认领。需要您来办的，请其转交，或由负责人指派。", element=element)


def assign_task(step: Step, element: str, actor: Actor, login: str) -> None:
    """Give a step to a colleague: by the head, or by the one who has taken it.

    Raises:
        TaskNotOpen: the step is not open.
        NotYourTask: another department's, or a colleague's.
        AccountNotFound: the department has no such colleague who handles.
        ConflictOfInterest: the colleague is the one whom this case rates.
    """
    task = _waiting(step, element)
    _require_giver(step, task, actor)
    taker = find_colleague(actor, login)
    if taker.staff is not None and taker.staff == step.get("rated_staff"):
        raise ConflictOfInterest("接手人是这件差评的被评价人，请另选一位。")
    step.update(Task, {"id": task.id}, owner=taker.login, claimed_at=step.now)
    step.audit("assign", element=element, taker=taker.id)


def release_task(step: Step, element: str, actor: Actor) -> None:
    """Give a step back to those that wait to be taken: by the head, or by the one who has taken it.

    Raises:
        TaskNotOpen, NotYourTask: see `assign_task`.
        TaskTaken: nobody has taken it.
    """
    task = _waiting(step, element)
    _require_giver(step, task, actor)
    if task.claimed_at is None:
        raise TaskTaken("这一步还没有人认领，不用放回。", element=element)
    owner = owner_of(step.loaded.programme, task.department)
    step.update(Task, {"id": task.id}, owner=owner, claimed_at=None)
    step.audit("release", element=element)


def _waiting(step: Step, element: str) -> OpenTask:
    task = step.open_task(element)
    if task is None:
        raise TaskNotOpen("这一步已经办完，或还没有轮到。请刷新后再看。", element=element)
    return task


def _require_giver(step: Step, task: OpenTask, actor: Actor) -> None:
    """Let the head give what is the department's, and everybody what they have taken themselves."""
    require_may_act(step, task, actor)
    if actor.role is not Role.HEAD and (task.claimed_at is None or task.owner != actor.login):
        raise NotYourTask("只有本单位负责人，或已认领这一步的人，可以转交。", element=task.element)


def _name_of(login: str) -> str:
    return db.session.scalar(select(Account.name).where(Account.login == login)) or login
