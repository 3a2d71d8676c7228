"""The acts of the department's and the forwarder's steps, and the functions every diagram calls."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from app.cases.errors import FormInvalid, HandlingNotOpen, NotReached
from app.cases.events import RoundClosed
from app.cases.models import ContactTry, Hop, Round
from app.cases.ownership import require_may_act
from app.cases.registry import CASE_VARIABLES, Form
from app.cases.step import Step, iso
from app.cases.store import OpenTask
from app.catalogue.models import Department
from app.clock import SHANGHAI
from app.db import db
from app.engine.errors import TaskNotOpen
from app.events import publish
from app.identity.actor import Actor


def forward(step: Step, task: OpenTask, form: Form) -> None:
    """Send the case to the department that is to handle it; its stretch begins. XS 一(二)1, GC 二(一)."""
    department = form["department"]
    known = select(Department.code).where(Department.programme == step.loaded.programme, Department.code == department)
    hops = select(func.coalesce(func.max(Hop.number), 0)).where(Hop.case_id == step.case_id)
    is_known, so_far = db.session.execute(select(known.exists(), hops.scalar_subquery())).one()
    if not is_known:
        raise FormInvalid("承办部门：名录里没有这个部门，请从名录中选择。", fields={"承办部门": department})
    step.change(department=department)
    number = so_far + 1
    step.add(
        Hop,
        case_id=step.case_id,
        number=number,
        department=department,
        sent_at=step.now,
        sent_by=step.actor,
        returned_at=None,
        duty_clause=None,
    )
    step.audit("forward", department=department, hop=number)


def verify(step: Step, task: OpenTask, form: Form) -> None:
    """Record truth, responsibility and class of handling (L7); a person is named only with 个人.

    Raises:
        FormInvalid: a person is named without 个人.
        HandlingNotOpen: a class that later rounds do not open without the overseer's leave.
    """
    if form.get("person") and form["responsibility"] != "person":
        raise FormInvalid("责任人：只有责任归属为“个人”时才填写。", fields={"责任人": "多填"})
    handling = form["handling"]
    if step.round > 1 and handling not in step.rules.later_round_handling and not step.variables.get("complex_granted"):
        raise HandlingNotOpen("第二轮起按简单事项的时限办理；确需按复杂事项办理的，由监督单位在决定下一轮时批准。")
    values = {"truth": form["truth"], "responsibility": form["responsibility"], "handling": handling}
    _change_round(step, **values)
    step.audit("verify", **values)


def plain(step: Step, task: OpenTask, form: Form) -> None:
    """Nothing beyond the form and the moment."""


def answer(step: Step, task: OpenTask, form: Form) -> None:
    """Record the three-part answer, or that the reviewer cannot be reached (L3).

    Raises:
        NotReached: “unreachable” without the tries the rules ask for.
    """
    outcome = form["outcome"]
    if outcome == "unanswerable" and not step.get("is_anonymous"):
        require_tries(step)
    if step.round:
        _change_round(step, answer=outcome, answered_at=step.now)
    else:
        step.add(Round, **_new_round(step, 0), answer=outcome, answered_at=step.now)
    step.audit("answer", outcome=outcome)


def require_tries(step: Step) -> None:
    """Refuse “unreachable” without the tries that the rules ask for, in this round (r).

    Raises:
        NotReached: with what is asked for and what there is.
    """
    rule = step.rules.contact
    query = select(ContactTry.tried_at, ContactTry.method).where(
        ContactTry.case_id == step.case_id, ContactTry.round == step.round
    )
    tries = [(tried.astimezone(SHANGHAI), method) for tried, method in db.session.execute(query)]
    days = {tried.date() for tried, _ in tries if step.calendar.is_working_day(tried.date())}
    late = any(method == "sms" or tried.time() >= rule.after for tried, method in tries)
    if len(tries) < rule.tries or len(days) < rule.days or not late:
        raise NotReached(
            f"记为“无法联系”须有 {rule.tries} 次联系记录，分在 {rule.days} 个工作日，"
            f"其中一次在 {rule.after:%H:%M} 以后或用短信；现有 {len(tries)} 次。"
        )


def begin_round(step: Step) -> None:
    """Start a round: its moment, its row, and a clean sheet of the round's variables (design §2.5)."""
    number = step.round + 1
    for name in step.bundle.variables - CASE_VARIABLES:
        step.variables[name] = None
    step.variables.update(round=number, round_at=iso(step.now))
    step.change(round=number, status="open", closed_at=None)
    step.add(Round, **_new_round(step, number), answer=None, answered_at=None)
    step.audit("begin_round", round=number)


def _new_round(step: Step, number: int) -> dict[str, Any]:
    return {
        "case_id": step.case_id,
        "number": number,
        "began_at": step.now,
        "closed_at": None,
        "truth": None,
        "responsibility": None,
        "handling": None,
        "may_be_complex": bool(step.variables.get("complex_granted")),
    }


def close(step: Step) -> None:
    """Close the round (办结): a fact that the end of the case does not change."""
    step.variables["closed_at"] = iso(step.now)
    step.change(status="closed", closed_at=step.now)
    if step.round:
        _change_round(step, closed_at=step.now)
    step.audit("close", round=step.round)
    publish(RoundClosed(step.case_id, step.round, step.now))


def _change_round(step: Step, **values: Any) -> None:
    pending = [row for model, row in step.rows if model is Round and row["number"] == step.round]
    if pending:
        pending[0].update(values)
        return
    step.update(Round, {"case_id": step.case_id, "number": step.round}, **values)


def record_try(step: Step, element: str, method: str, actor: Actor) -> None:
    """Record one try to reach the reviewer, for the task that needs it.

    Raises:
        TaskNotOpen: the step is not open.
        NotYourTask, ConflictOfInterest: see `require_may_act`.
    """
    task = step.open_task(element)
    if task is None:
        raise TaskNotOpen("这一步已经办过，或还没有轮到，不能再记联系。", element=element)
    require_may_act(step, task, actor)
    step.add(ContactTry, case_id=step.case_id, round=step.round, element=element, tried_at=step.now, method=method, by=actor.id)
    step.audit("contact_try", element=element, method=method)


def decide_round(step: Step, task: OpenTask, form: Form) -> None:
    """Decide how a matter goes on from its third round on, and whether as a complex one (r)."""
    step.variables["complex_granted"] = bool(form.get("complex_granted"))
    step.audit("decide_round", decision=form["decision"], complex_granted=bool(form.get("complex_granted")))


def province(step: Step, task: OpenTask, form: Form) -> None:
    """Note that the province was asked; its answer is asked for again from here on. GC 二(三)."""
    step.variables["asked_at"] = iso(step.now)
