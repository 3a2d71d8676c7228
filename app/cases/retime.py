"""Reckoning a running deadline again: extension, set date, calendar. Nothing else moves an alarm clock."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from app.cases import registry
from app.cases.limits import ladder_rules, moments_json, rule_from_json, with_extensions
from app.cases.models import Firing
from app.cases.notices import message
from app.cases.ownership import overseer_department
from app.cases.step import Step
from app.cases.store import RunningDeadline
from app.db import db
from app.deadlines.compute import Deadline
from app.deadlines.ladder import Level, moments

LATE_LEVELS = (Level.OVERDUE, Level.SUPERVISE, Level.LEADERS)


def retime(step: Step, timer: str, reason: str) -> Deadline:
    """Reckon a deadline from its row with the present calendar and set the alarm anew.

    What fired and would not have been stays recorded, marked withdrawn with the reason.
    A moment that now lies in the past never fires: it becomes a task of the overseer.
    """
    running = step.host.deadlines[timer]
    deadline = with_extensions(rule_from_json(running.rule).deadline(step.calendar), running.extensions, step.calendar)
    every = moments(deadline, ladder_rules(step.rules.ladder), step.calendar)
    to_come = tuple(moment for moment in every if moment.at > step.now)
    _withdraw(running, [moment.level for moment in to_come if moment.level in LATE_LEVELS], reason)
    _tell_of_skipped(step, running, {moment.level for moment in to_come}, reason)
    running.moments = moments_json(to_come)
    running.due_at, running.last_day = deadline.due_at, deadline.last_day
    running.is_provisional, running.calendar_version = deadline.provisional, deadline.calendar_version
    running.is_changed = True
    if step.node(running.element).act in registry.HANDLING_ACTS:
        step.variables[registry.HANDLE_BY] = deadline.last_day.isoformat()
    step.machine.set_timer(timer, running.next_at)
    step.audit("retime", element=running.element, reason=reason, due_at=deadline.due_at.isoformat())
    return deadline


def _withdraw(running: RunningDeadline, levels: list[Level], reason: str) -> None:
    """Mark the late levels that lie ahead again: what fired of them no longer counts."""
    if running.id is not None and levels:
        fired = (Firing.deadline_id == running.id, Firing.level.in_(levels), Firing.withdrawn.is_(None))
        db.session.execute(update(Firing).where(*fired).values(withdrawn=reason))


def _tell_of_skipped(step: Step, running: RunningDeadline, ahead: set[Level], reason: str) -> None:
    """Hand the overseer the late levels that jumped into the past without having fired."""
    skipped = [level for level, _at in running.moments if level in LATE_LEVELS and level not in ahead]
    if not skipped:
        return
    overseer = {"capacity": "overseer", "department": overseer_department(step), "person": None}
    body: dict[str, Any] = {
        "case": step.loaded.number,
        "step": step.node(running.element).name,
        "levels": skipped,
        "reason": reason,
        "text": f"日历调整使 {step.loaded.number} 的期限落到过去，是否按超期处理请您决定。",
    }
    key = f"{step.loaded.number}/{running.id}/{reason}"
    step.host.messages.append(message(step, key, "deadline_in_past", overseer, body))
    step.audit("skip_levels", element=running.element, levels=skipped, reason=reason)
