"""Who hears of what on a case, and when: the ladder's recipients, in business hours only."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.cases.ownership import overseer_department
from app.cases.store import RunningDeadline
from app.db import db
from app.deadlines.calendar import WorkCalendar
from app.deadlines.hours import BusinessHours, next_open
from app.identity.actor import Role
from app.identity.models import Account

if TYPE_CHECKING:
    from app.cases.step import Step

LEVEL_NAMES = {"remind": "提醒", "overdue": "超期", "supervise": "督办", "leaders": "报领导"}


def recipients(step: Step, level: str, department: str, owner: str | None) -> list[dict[str, Any]]:
    """Return who is told of a level: department, capacity and the person's login where one is known.

    The overseer's own steps go to the superior instead.
    """
    rules = step.rules
    match rules.ladder.recipients[level]:
        case "owner":
            return [{"capacity": "owner", "department": department, "person": owner}]
        case "head":
            return [_person("head", rules.code, department)]
        case "overseer":
            overseer = overseer_department(step)
            return [_person("overseer", rules.code, rules.superior if department == overseer else overseer)]
        case _:
            return [_person("leader", rules.code, rules.superior)]


def _person(capacity: str, programme: str, department: str) -> dict[str, Any]:
    role = Role.LEADER if capacity == "leader" else Role.HEAD
    query = (
        select(Account.login)
        .where(Account.programme == programme, Account.department == department, Account.role == role, Account.is_active)
        .order_by(Account.id)
        .limit(1)
    )
    return {"capacity": capacity, "department": department, "person": db.session.scalar(query)}


def escalation_messages(
    step: Step, running: RunningDeadline, level: str, due: datetime, told: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the outbox rows of one firing; its key makes a second one impossible."""
    number, name = step.loaded.number, step.node(running.element).name
    body = {
        "case": number,
        "step": name,
        "level": level,
        "due_at": due.isoformat(),
        "text": f"{LEVEL_NAMES[level]}：{number}“{name}”，期限 {running.last_day.month}月{running.last_day.day}日。",
    }
    return [
        message(
            step,
            f"{number}/{step.round}/{running.timer}/{running.began_key(step.now)}/{running.fired}/{i}",
            "escalation",
            each,
            body,
        )
        for i, each in enumerate(told)
    ]


def message(step: Step, key: str, kind: str, recipient: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """Return an outbox row for a colleague, to be sent in business hours."""
    return {
        "key": key,
        "programme": step.loaded.programme,
        "kind": kind,
        "recipient": recipient["person"] or recipient["department"],
        "body": body | {"capacity": recipient["capacity"], "department": recipient["department"]},
        "created_at": step.now,
        "not_before": in_hours(step.now, step.rules.business_hours, step.calendar),
    }


def in_hours(moment: datetime, hours: tuple[time, time], calendar: WorkCalendar) -> datetime:
    """Return the first instant from now at which people may be disturbed."""
    return next_open(moment, BusinessHours((hours,)), calendar)
