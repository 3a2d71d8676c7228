"""Deciding on appeals and claims, and what an upheld one does to the rating."""

from __future__ import annotations

from sqlalchemy import insert, select, update

from app.appeals.applying import claim_by_verification, find_open
from app.appeals.errors import NoAppealOpen, VoidingNotFounded
from app.appeals.models import Appeal, Objection
from app.cases.errors import NotYourTask, WindowClosed
from app.cases.models import Firing
from app.cases.ownership import overseer_department
from app.cases.registry import Form
from app.cases.step import Step, iso
from app.cases.store import OpenTask
from app.db import db, table_of
from app.deadlines.compute import runs_out
from app.deadlines.limits import WORKING_DAYS, Limit
from app.identity.actor import Actor

LATE = ("overdue", "supervise", "leaders")


def rule_appeal(step: Step, task: OpenTask, form: Form) -> None:
    """Decide an appeal. XS 二(二)2–3, HK (九). Refused: nothing moves, an appeal gives no time back (L6)."""
    _rule(step, task, form)


def rule_claim(step: Step, task: OpenTask, form: Form) -> None:
    """Decide a claim. GC 二(三), ZB 13, SX 十四. Refused: back to verification with the rest of the limit (L6)."""
    if find_open(step) is None:
        claim_by_verification(step)
    _rule(step, task, form)
    if not form["upheld"]:
        step.variables["refused_at"] = iso(step.now)


def _rule(step: Step, task: OpenTask, form: Form) -> None:
    appeal = find_open(step)
    if appeal is None:
        raise NoAppealOpen("没有等待裁定的申请。")
    upheld = bool(form["upheld"])
    if upheld:
        _require_ground(step, task, form)
    values = {
        "upheld": upheld,
        "ground": form.get("ground"),
        "ruled_at": step.now,
        "ruled_by": task.submitted_by or step.actor,
        "second": step.actor,
    }
    db.session.execute(update(Appeal).where(Appeal.id == appeal.id).values(**values))
    step.audit("rule", appeal=appeal.id, upheld=upheld, ground=form.get("ground"))


def _require_ground(step: Step, task: OpenTask, form: Form) -> None:
    """Hold a voiding to its closed list of grounds, its two persons, and the reviewer's own word (design §5)."""
    ground = form.get("ground")
    if ground not in step.rules.voiding_grounds:
        raise VoidingNotFounded("不予采纳须写明规定的理由之一：未发生服务、误操作、要挟或牟利、同一人多次无事实、辱骂无事实。")
    if ground == "mistake" and not form.get("reviewer_confirmed"):
        raise VoidingNotFounded("以误操作为由的，须由评价人本人向监督单位确认。")
    if step.rules.voiding_persons > 1 and (not task.submitters or task.submitters & step.persons):
        raise VoidingNotFounded("作废评价须由两人决定。")
    if task.department == step.get("rated_department"):
        raise VoidingNotFounded("被评价单位不能决定作废自己的差评。")


def void_rating(step: Step) -> None:
    """Take a rating out of the figures; it never changes itself. Overdue marks are withdrawn (L6).

    Raises:
        VoidingNotFounded: no upheld ruling stands behind it.
    """
    query = select(Appeal.id).where(Appeal.case_id == step.case_id, Appeal.upheld.is_(True))
    if db.session.scalar(query.limit(1)) is None:
        raise VoidingNotFounded("没有经两人裁定成立的申请，不能作废评价。")
    step.change(voided_at=step.now)
    step.variables["voided"] = True
    late = (Firing.case_id == step.case_id, Firing.level.in_(LATE), Firing.withdrawn.is_(None))
    db.session.execute(update(Firing).where(*late).values(withdrawn="voided"))
    step.audit("void")


def hear_objection(step: Step, actor: Actor, words: str) -> None:
    """Take a reviewer's objection down, as the superior or the overseer who heard it.

    Raises:
        NotYourTask: the actor is of neither.
        WindowClosed: see `object_to_voiding`.
    """
    hearing = {step.rules.superior, overseer_department(step)}
    if actor.programme != step.loaded.programme or actor.department not in hearing or not actor.handles:
        raise NotYourTask("评价人的异议由上级单位或监督单位记录。")
    object_to_voiding(step, words)


def object_to_voiding(step: Step, words: str) -> None:
    """Record a reviewer's objection within its window; the superior hears it (r).

    Raises:
        WindowClosed: the rating is not voided, or the window is over.
    """
    voided_at = step.loaded.voided_at
    if voided_at is None:
        raise WindowClosed("这件评价没有被作废。")
    until = runs_out(voided_at, Limit(step.rules.objection_days, WORKING_DAYS), step.calendar)
    if until.is_late(step.now):
        raise WindowClosed(f"提出异议的期限已过：最后一天是 {until.last_day:%Y-%m-%d}。")
    row = {"case_id": step.case_id, "words": words, "received_at": step.now, "department": step.rules.superior}
    db.session.execute(insert(table_of(Objection)), row)
    step.audit("object")
