"""Requests that are open for a time only: the window stands on the message event."""

from __future__ import annotations

from datetime import datetime

from app.cases.errors import NotYourTask, WindowClosed
from app.cases.limits import FUNCTIONS, Rule
from app.cases.step import Step
from app.engine.definition import Node
from app.engine.errors import MessageNotExpected
from app.engine.expressions import compile_expression
from app.identity.actor import Actor


def require_handling_department(step: Step, actor: Actor) -> None:
    """Refuse whoever is not of the department that handles the case.

    Raises:
        NotYourTask: another department, or no handling role.
    """
    if actor.programme != step.loaded.programme or actor.department != step.get("department") or not actor.handles:
        raise NotYourTask("只有承办这件差评的单位可以提出。")


def message_event(step: Step, message: str) -> Node:
    """Return the event that waits for a message now: that of an open task, else that of the subprocess.

    Raises:
        MessageNotExpected: nothing waits for it.
    """
    open_now = step.machine.open_tasks()
    events = [node for node in step.definition.of_kind("boundaryEvent") if node.reference == message and node.event == "message"]
    waiting = [node for node in events if node.attached_to in open_now or step.node(str(node.attached_to)).kind == "subProcess"]
    if not waiting or message not in step.machine.messages():
        raise MessageNotExpected("现在不能这样做：流程的这一步不接受它，或本轮已经用过一次。", message_name=message)
    return waiting[0]


def require_open_window(step: Step, node: Node) -> datetime | None:
    """Refuse a request that comes too late; return until when it was possible.

    Raises:
        WindowClosed: the first instant too late has come.
    """
    written = node.properties.get("window")
    if written is None:
        return None
    rule = compile_expression(written).evaluate(step.variables, FUNCTIONS)
    if not isinstance(rule, Rule):
        raise WindowClosed("提出的期限还没有起算。")
    deadline = rule.deadline(step.calendar)
    if deadline.is_late(step.now):
        raise WindowClosed(f"提出的期限已过：最后一天是 {deadline.last_day:%Y-%m-%d}。")
    return deadline.due_at
