"""The demo's people: who acts, and what they write into the forms that are drawn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.clock import SHANGHAI
from app.db import unit_of_work
from app.engine.definition import FormField
from app.identity.actor import Actor, Role
from app.identity.models import Account

TEXTS = {
    "summary": "评价人反映窗口办理要求与办事指南不一致。",
    "findings": "经调阅监控、询问窗口人员并与评价人核对，反映的情况已查清。",
    "measures": "当面致歉并一次性补办，窗口重新公示材料清单，组织当班人员学习。",
    "result_text": "事项已办结，同类问题已排查三个月内的办件。",
    "found": "经核实，窗口告知的材料与办事指南不一致。",
    "done": "已为您补办，并统一了窗口口径。",
    "basis": "依据办事指南和相关规定办理；如有异议，可向政务服务主管部门反映或拨打12345。",
    "words": "已耐心说明办理依据和其他可行的办法。",
    "response": "评价人表示理解。",
    "plan": "分三步核对材料清单、修订指南、回告评价人。",
    "evidence": "叫号记录、办件日志和监控显示评价对应的服务与实际不符。",
    "reasons": "已听取双方意见并核对证据。",
    "ledger_number": "台账2025-17",
    "done_told": "单位已上门说明并补办。",
    "named_person": "综合科专人",
    "section": "综合科",
    "number": "省级申诉2025-0417",
}


class People:
    """The accounts of the demo, by programme and department."""

    def __init__(self) -> None:
        with unit_of_work() as session:
            accounts = [account.actor() for account in session.scalars(select(Account).order_by(Account.id))]
        self._accounts = [account for account in accounts if account.handles]

    def of(self, programme: str, department: str, *, head_first: bool = False) -> list[Actor]:
        """Return who can act for a department, handlers first unless the head is asked for."""
        found = [each for each in self._accounts if (each.programme, each.department) == (programme, department)]
        return sorted(found, key=lambda actor: (actor.role is Role.HEAD) is not head_first)


def fill(form: tuple[FormField, ...], given: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Return a form as a person would fill it in: what the scenario says, else something fitting."""
    required = {field.id: _answer(field, now) for field in form if field.required}
    known = {field.id for field in form}
    return required | {name: value for name, value in given.items() if name in known}


def _answer(field: FormField, now: datetime) -> Any:
    match field.type:
        case "boolean":
            return True
        case "long":
            return 1
        case "date":
            return now.astimezone(SHANGHAI).date().isoformat()
        case "enum":
            return next(iter(field.choices))
        case _:
            return TEXTS.get(field.id, f"{field.label}：已按规定办理。")


def until(now: datetime, days: int) -> str:
    """Return the day so many days from now."""
    return (now.astimezone(SHANGHAI) + timedelta(days=days)).date().isoformat()


def first_who_may(actors: list[Actor], act: Callable[[Actor], None], refusals: tuple[type[Exception], ...]) -> Actor:
    """Let the first of several people act who is not refused for a conflict of interest."""
    last: Exception | None = None
    for actor in actors:
        try:
            act(actor)
        except refusals as error:
            last = error
        else:
            return actor
    raise last or LookupError("nobody works in this department")
