"""Who owns a step: the lane says, the rules name the department, and nobody judges themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.cases.errors import ConflictOfInterest, NotYourTask, SignatureNeeded
from app.cases.store import Handled, OpenTask
from app.engine.definition import Node
from app.identity.actor import Actor, Role
from app.programmes.rules import LaneRule, Rules

if TYPE_CHECKING:
    from app.cases.step import Step


def lane_department(step: Step, lane: str) -> str:
    """Return the department that stands in a lane for this case."""
    rule = step.rules.lanes[lane]
    if rule.department == "record":
        return str(step.get("department"))
    if rule.department == "area":
        return rule.by_area.get(str(step.get("area"))) or rule.code or _fixed(rule)
    return _fixed(rule)


def _fixed(rule: LaneRule) -> str:
    return rule.code or next(iter(rule.by_area.values()))


def department_for(step: Step, element: str) -> str:
    """Return the accountable department of a step; the superior where owner and judged are one."""
    node = step.node(element)
    lane = node.lane or ""
    department = lane_department(step, lane)
    if is_judging(node) and department in judged_departments(step):
        return step.rules.lanes[lane].superior or step.rules.superior
    return department


def judged_departments(step: Step) -> set[str]:
    """Return the departments whose work a judging step would judge: the rated one, and those that handled the case."""
    return {str(step.get("rated_department"))} | {each.department for each in _handlers(step)}


def _handlers(step: Step) -> list[Handled]:
    """Return who handled the matter itself, in the lane of the department concerned; passing on and telling is no handling."""
    lanes = {lane for lane, rule in step.rules.lanes.items() if rule.department == "record"}
    return [each for each in step.loaded.handled if each.lane in lanes]


def overseer_department(step: Step) -> str:
    """Return who supervises this case."""
    return lane_department(step, step.rules.overseer)


def is_overseer(step: Step, actor: Actor) -> bool:
    """Whether somebody works for the department that supervises this case."""
    return actor.handles and (actor.programme, actor.department) == (step.loaded.programme, overseer_department(step))


def overseers(rules: Rules) -> frozenset[str]:
    """Return the departments that supervise cases of a programme, one or one an area."""
    rule = rules.lanes[rules.overseer]
    return frozenset(code for code in (rule.code, *rule.by_area.values()) if code)


def is_judging(node: Node) -> bool:
    """Whether the step judges, revisits or audits what others did."""
    return node.properties.get("judge") == "true"


def require_may_act(step: Step, task: OpenTask, actor: Actor) -> None:
    """Refuse who is not of the step's department, or judges what they handled or are rated by.

    Raises:
        NotYourTask: another programme, another department, or no handling role.
        ConflictOfInterest: the actor is the rated person, of the rated unit, or handled the case.
    """
    if actor.programme != step.loaded.programme or actor.department != task.department or not actor.handles:
        raise NotYourTask("这一步由别的单位承办，您不能办理。", element=task.element)
    require_no_interest(step, actor, judging=is_judging(step.node(task.element)))


def require_no_interest(step: Step, actor: Actor, *, judging: bool) -> None:
    """Refuse the rated person, and for judging also the rated unit and whoever handled the case.

    For a substitute both count: who acts, and whom they stand in for.
    """
    if step.get("rated_staff") in actor.staff_codes:
        raise ConflictOfInterest("您（或您代办的同事）是这件差评的被评价人，不能承办。")
    if not judging:
        return
    if actor.department in judged_departments(step) or actor.persons & {each.person for each in _handlers(step)}:
        raise ConflictOfInterest("您（或您代办的同事）或您所在单位被评价或承办过这件差评，不能由您裁定或回访。")


def require_head(task: OpenTask, actor: Actor) -> None:
    """Refuse everybody but the head of the step's department, and who signs what they submitted under another hat.

    Raises:
        SignatureNeeded: the actor is not that head.
    """
    if actor.role is not Role.HEAD or actor.department != task.department or actor.persons & task.submitters:
        raise SignatureNeeded("只有本单位负责人可以审签，且不能审签自己提交的内容。", element=task.element)


def require_second_person(task: OpenTask, actor: Actor) -> None:
    """Refuse the one who submitted: two persons decide whether a rating is voided (r).

    A substitute and whom they stand in for are one person here, either way round.

    Raises:
        SignatureNeeded: the same person.
    """
    if actor.persons & task.submitters or actor.department != task.department or not actor.handles:
        raise SignatureNeeded("作废评价须由本单位另一人复核，提交人不能自己确认。", element=task.element)
