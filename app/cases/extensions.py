"""More time: asked by the department before its limit ends, ruled by another lane, once a round."""

from __future__ import annotations

from datetime import date

from sqlalchemy import insert, select, update

from app.cases.errors import FormInvalid, WindowClosed
from app.cases.models import Extension
from app.cases.registry import Form
from app.cases.retime import retime
from app.cases.step import Step, iso
from app.cases.store import OpenTask
from app.cases.windows import message_event, require_handling_department
from app.db import db, table_of
from app.deadlines.compute import runs_out
from app.deadlines.limits import Limit
from app.identity.actor import Actor


class ExtensionNotGranted(WindowClosed):
    """The programme grants none here, the limit is over, or the round has had its one."""

    code = "extension_not_granted"


def request_extension(step: Step, actor: Actor, reason: str, explained: str) -> None:
    """Ask for more time; the limit stands until it is granted. XS 一(二)2.

    `explained` says how the reviewer was told.

    Raises:
        ExtensionNotGranted: the limit has run out, or the round has had its one.
        MessageNotExpected: no step is open that may be extended.
    """
    require_handling_department(step, actor)
    if _this_round(step) is not None:
        raise ExtensionNotGranted("本轮已经申请过一次延期。")
    node = message_event(step, "extension")
    running = step.host.deadlines[f"{node.attached_to}_limit"]
    if step.now >= running.due_at:
        raise ExtensionNotGranted("延期要在期限届满前提出，现已超期。")
    row = {
        "case_id": step.case_id,
        "round": step.round,
        "element": str(node.attached_to),
        "reason": reason,
        "explained": explained,
        "asked_at": step.now,
        "asked_by": actor.id,
    }
    db.session.execute(insert(table_of(Extension)), row)
    step.audit("request_extension", element=row["element"], round=step.round)
    step.send("extension", extension_asked_at=iso(step.now))


def _this_round(step: Step) -> Extension | None:
    return db.session.scalar(select(Extension).where(Extension.case_id == step.case_id, Extension.round == step.round))


def rule_extension(step: Step, task: OpenTask, form: Form) -> None:
    """Grant or refuse more time; silence is not approval. More than the diagram's largest needs a written reason.

    Raises:
        FormInvalid: granted without days or day, or beyond the largest without a reason.
    """
    asked = _this_round(step)
    if asked is None:
        raise ExtensionNotGranted("本轮没有延期申请。")
    granted = bool(form["granted"])
    days, until = form.get("days"), form.get("until")
    if granted:
        _check_size(step, asked, days, until, form.get("reasons") or "")
    values = {
        "granted": granted,
        "limit": f"{days}wd" if granted and days else None,
        "until": date.fromisoformat(until) if granted and until else None,
        "ruled_at": step.now,
        "ruled_by": step.actor,
    }
    db.session.execute(update(Extension).where(Extension.case_id == step.case_id, Extension.round == step.round).values(**values))
    step.audit("rule_extension", granted=granted, round=step.round)


def _check_size(step: Step, asked: Extension, days: int | None, until: str | None, reasons: str) -> None:
    if not days and not until:
        raise FormInvalid("同意延期须写明延长几个工作日，或改到哪一天。", fields={"延期": "必填"})
    timer = f"{asked.element}_limit"
    largest = _largest(step, asked.element)
    if largest is None or timer not in step.host.deadlines:
        return
    most = Limit.parse(largest)
    beyond = days > most.n if days else _is_beyond(step, timer, most, str(until))
    if beyond and not reasons.strip():
        raise FormInvalid(f"原则上延期不超过 {most.n} 个工作日；确需更长，请写明理由。", fields={"理由": "必填"})


def _largest(step: Step, element: str) -> str | None:
    events = (node for node in step.definition.of_kind("boundaryEvent") if node.attached_to == element)
    return next((node.properties.get("largest") for node in events if node.reference == "extension"), None)


def _is_beyond(step: Step, timer: str, most: Limit, until: str) -> bool:
    end = runs_out(step.now, most, step.calendar).last_day
    return date.fromisoformat(until) > max(end, step.host.deadlines[timer].last_day)


def grant_extension(step: Step) -> None:
    """Add what was granted to the running limit. A step that is done meanwhile needs no more time."""
    granted = _this_round(step)
    if granted is None or f"{granted.element}_limit" not in step.machine.timers():
        step.audit("extension_moot", round=step.round)
        return
    running = step.host.deadlines[f"{granted.element}_limit"]
    more = {"until": granted.until.isoformat()} if granted.until else {"limit": granted.limit}
    running.extensions = [*running.extensions, more | {"ruled_by": granted.ruled_by, "at": iso(step.now)}]
    if granted.until and "promised_on" in step.variables:
        step.variables["promised_on"] = granted.until.isoformat()
    retime(step, running.timer, "extension")


def promise(step: Step, task: OpenTask, form: Form) -> None:
    """Enter the promised date (承诺答复), at most so many days from the promise. SX 十四.

    Raises:
        FormInvalid: the date is past, or later than the largest.
    """
    promised = date.fromisoformat(form["promised_on"])
    largest = Limit.parse(_largest_promise(step))
    end = runs_out(step.now, largest, step.calendar).last_day
    if not step.now.date() <= promised <= end:
        raise FormInvalid(
            f"承诺日期应在今天到 {end:%Y-%m-%d} 之间（{largest.n} 个工作日以内）。", fields={"承诺日期": "超出范围"}
        )


def _largest_promise(step: Step) -> str:
    """Return the longest promise; a later round has the shorter one unless the overseer granted more (r)."""
    rules = step.rules.raw
    if step.round > 1 and not step.variables.get("complex_granted"):
        return str(rules["rounds"].get("promise_largest", rules["promise"]["largest"]))
    return str(rules["promise"]["largest"])
