"""退单: a department returns what is not its own; each stretch is kept, the clock runs from the first sending."""

from __future__ import annotations

from sqlalchemy import select, update

from app.cases.acts import forward
from app.cases.errors import WindowClosed
from app.cases.models import Hop
from app.cases.registry import RULINGS, Form
from app.cases.step import AppealStillOpen, Step, iso
from app.cases.store import OpenTask
from app.cases.windows import message_event, require_handling_department, require_open_window
from app.db import db
from app.identity.actor import Actor

# After the second return the ruling binds.
RETURNS = 2


def return_case(step: Step, actor: Actor, duty_clause: str) -> None:
    """Return a case to whoever sent it, with the clause of duty that says why.

    Raises:
        NotYourTask: another department.
        WindowClosed: too late, the round is closed, or the ruling after the second return binds.
        AppealStillOpen: the department has claimed or appealed, and must hear the ruling first.
        MessageNotExpected: the case is not being handled.
    """
    require_handling_department(step, actor)
    if step.case_status == "closed":
        raise WindowClosed("本轮已经办结，不能再退。")
    if any(step.node(element).act in RULINGS for element in step.machine.open_tasks()):
        raise AppealStillOpen("还有复核或误评恶意的申请没有裁定，裁定之后才能退回。")
    returns = int(step.variables.get("bounces") or 0)
    if returns >= RETURNS:
        raise WindowClosed("已经两次退回并由监督单位裁定，裁定有约束力，不能再退。")
    require_open_window(step, message_event(step, "bounce"))
    _end_hop(step, duty_clause)
    step.audit("bounce", department=actor.department, returns=returns + 1)
    step.send("bounce", bounces=returns + 1, bounced_at=iso(step.now))


def _end_hop(step: Step, duty_clause: str) -> None:
    newest = select(Hop.number).where(Hop.case_id == step.case_id).order_by(Hop.number.desc()).limit(1).scalar_subquery()
    statement = update(Hop).where(Hop.case_id == step.case_id, Hop.number == newest)
    db.session.execute(statement.values(returned_at=step.now, duty_clause=duty_clause))


def resend(step: Step, task: OpenTask, form: Form) -> None:
    """Send the case on to another department; the round's clock is not set back."""
    forward(step, task, form)


def rule_bounce(step: Step, task: OpenTask, form: Form) -> None:
    """Rule which department handles the case; this binds."""
    forward(step, task, form)
    step.audit("rule_bounce", department=form["department"])
