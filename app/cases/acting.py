"""What people do with their tasks: submit, sign, send back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.cases import registry
from app.cases.errors import TaskNotSubmitted
from app.cases.forms import read_form, sample_form
from app.cases.models import Task, TaskForm
from app.cases.ownership import require_head, require_may_act, require_second_person
from app.cases.step import Step, iso
from app.cases.store import OpenTask
from app.db import db, table_of
from app.engine.definition import Node
from app.engine.errors import TaskNotOpen
from app.identity.actor import Actor, Role

FORMS = table_of(TaskForm)
# Who submits what is only tried: nobody who could also be the one to sign.
SOMEBODY_ELSE = "somebody else"
ADD_FORM = insert(FORMS).inline()
KEEP_FORM = ADD_FORM.on_conflict_do_update(
    index_elements=["task_id"], set_={name: ADD_FORM.excluded[name] for name in ("body", "entered_at", "entered_by")}
)


def submit_task(step: Step, element: str, actor: Actor, body: Mapping[str, Any]) -> None:
    """Enter a step's form; the step is done at once, or waits for a signature.

    Raises:
        TaskNotOpen, NotYourTask, ConflictOfInterest, FormInvalid: see there.
    """
    task = _open(step, element)
    require_may_act(step, task, actor)
    form = read_form(step.node(element).form, body)
    _check(task, form)
    _keep_form(step, task, actor, form)
    if needs_signature(step.node(element), actor):
        step.audit("submit", element=element)
        _mark(step, task, status="submitted", submitted_at=step.now, submitted_by=actor.id, submitted_for=actor.for_account)
        return
    _finish(step, task, form)


def try_task(step: Step, element: str, form: Mapping[str, Any]) -> None:
    """Let a step come to what it would once it is entered and signed by whoever must; for a step that is thrown away.

    Raises:
        TaskNotOpen, FormInvalid: see `submit_task`; and whatever refuses what was entered.
    """
    task = step.open_task(element)
    if task is None:
        raise TaskNotOpen("这一步已经办过，或还没有轮到。请刷新后再看。", element=element)
    entered = read_form(step.node(element).form, sample_form(step.node(element).form) | dict(form))
    _finish(step, replace(task, submitted_by=SOMEBODY_ELSE, submitted_for=None), entered)


def sign_task(step: Step, element: str, actor: Actor) -> None:
    """Sign what somebody submitted (审签), or as second person confirm a ruling; the step is done.

    Raises:
        TaskNotSubmitted: nothing waits for a signature.
        SignatureNeeded: the actor is not who must sign.
    """
    task = _submitted(step, element)
    require_may_act(step, task, actor)
    _require_signer(step, task, actor)
    step.audit("sign", element=element)
    _finish(step, task, _stored_form(task))


def return_task(step: Step, element: str, actor: Actor) -> None:
    """Send a submitted form back to its author; the limit runs on.

    Raises:
        TaskNotSubmitted, SignatureNeeded: see `sign_task`.
    """
    task = _submitted(step, element)
    require_may_act(step, task, actor)
    _require_signer(step, task, actor)
    step.audit("return", element=element)
    _mark(step, task, status="open", submitted_at=None, submitted_by=None, submitted_for=None)


def require_open_to(step: Step, element: str, actor: Actor) -> None:
    """Refuse whoever could not enter a step's form, without entering it."""
    task = step.open_task(element)
    if task:
        require_may_act(step, task, actor)


def _mark(step: Step, task: OpenTask, **columns: Any) -> None:
    step.update(Task, {"id": task.id}, **columns)


def _open(step: Step, element: str) -> OpenTask:
    task = step.open_task(element)
    if task is None or task.status != "open":
        raise TaskNotOpen("这一步已经办过、已提交审签，或还没有轮到。请刷新后再看。", element=element)
    return task


def _submitted(step: Step, element: str) -> OpenTask:
    task = step.open_task(element)
    if task is None or task.status != "submitted":
        raise TaskNotSubmitted("这一步没有待审签的内容。", element=element)
    return task


def needs_signature(node: Node, actor: Actor) -> bool:
    """Whether what an actor enters waits for another: a ruling for a second person, what leaves a department for its head."""
    if node.properties.get("second_person") == "true":
        return True
    return node.properties.get("sign_off") == "head" and actor.role is not Role.HEAD


def _require_signer(step: Step, task: OpenTask, actor: Actor) -> None:
    if step.node(task.element).properties.get("second_person") == "true":
        require_second_person(task, actor)
    else:
        require_head(task, actor)


def _check(task: OpenTask, form: dict[str, Any]) -> None:
    """Make sure that the act finds the fields it needs, whatever was drawn."""
    act = registry.ACTS.get(task.act or "")
    missing = sorted(act.fields - form.keys()) if act else []
    if missing:
        raise TaskNotOpen(f"流程图的这一步缺少表单项：{'、'.join(missing)}。请联系流程管理员。", element=task.element)


def _keep_form(step: Step, task: OpenTask, actor: Actor, form: dict[str, Any]) -> None:
    """Store the form; one that was sent back is replaced, the audit keeps that it was."""
    entered = {"body": form, "entered_at": step.now, "entered_by": actor.id}
    row = {"task_id": task.id, "case_id": step.case_id, "element": task.element, "round": step.round, **entered}
    step.execute(KEEP_FORM, row)


def replace_form(step: Step, task: OpenTask, form: dict[str, Any]) -> None:
    """Store another form for a task than was entered, for acts that keep a part of it elsewhere."""
    step.update(TaskForm, {"task_id": task.id}, body=form)


def _stored_form(task: OpenTask) -> dict[str, Any]:
    body: dict[str, Any] = db.session.scalars(select(FORMS.c.body).where(FORMS.c.task_id == task.id)).one()
    return body


def _finish(step: Step, task: OpenTask, form: dict[str, Any]) -> None:
    """Do what the step's act means, set its variables, and let the instance run on."""
    wanted = step.bundle.variables
    step.variables.update({name: value for name, value in form.items() if name in wanted})
    act = registry.ACTS.get(task.act or "")
    if act:
        step.variables[act.moment] = iso(step.now)
        act.run(step, task, form)
    step.audit("complete", element=task.element, round=step.round)
    step.complete(task.element)
