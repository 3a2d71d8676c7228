"""Objections to a counted day: an official whose limit it is says why a day should, or should not, have been counted.

The overseer answers in writing. No answer moves a date by itself: what moves dates is a
calendar notice, and then all cases alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, insert, select, update

from app.cases.errors import FormInvalid, NotYourTask
from app.cases.models import Case, CaseDeadline, Instance, Task
from app.cases.notices import message
from app.cases.ownership import is_overseer, overseer_department
from app.cases.step import Step
from app.casework.errors import ObjectionMade, ObjectionUnknown
from app.casework.models import DayObjection
from app.db import db, table_of
from app.identity.actor import Actor
from app.programmes.versions import bundle_of

OBJECTIONS = table_of(DayObjection)
LONGEST = 2000


def object_to_day(step: Step, actor: Actor, limit: int, day: date, reason: str) -> None:
    """Say that a day of a limit was counted, or passed over, wrongly; the overseer is told.

    Raises:
        NotYourTask: the limit is another department's.
        FormInvalid: no reason, or a day outside of the limit.
        ObjectionMade: somebody objected to this day before.
    """
    found = _own_limit(step, actor, limit)
    if not found.began_at.date() <= day <= found.last_day:
        raise FormInvalid("请选这个期限里的一天。", fields={"日期": "不在期限内"})
    _require_words(reason, "理由")
    if db.session.scalar(select(DayObjection.id).where(DayObjection.deadline_id == limit, DayObjection.day == day)):
        raise ObjectionMade("这一天已经提出过异议，请等监督单位答复。")
    row = {"case_id": step.case_id, "deadline_id": limit, "day": day, "department": actor.department, "reason": reason}
    db.session.execute(insert(OBJECTIONS).values(**row, made_at=step.now, made_by=actor.id))
    overseer = {"capacity": "overseer", "department": overseer_department(step), "person": None}
    number = step.loaded.number
    body = {
        "case": number,
        "step": step.node(found.element).name,
        "text": f"{number} 有人对 {day.month}月{day.day}日 的计算提出异议。",
    }
    step.host.messages.append(message(step, f"{number}/{limit}/{day}", "day_objection", overseer, body))
    step.audit("object_to_day", element=found.element, day=day.isoformat())


def steps_with_a_say(case_id: int, actor: Actor) -> set[str]:
    """Return the steps of a case of whose limits the actor may say that a day was counted wrongly: those their department had."""
    own = select(Task.element).where(Task.case_id == case_id, Task.department == actor.department)
    return set(db.session.scalars(own)) if actor.handles else set()


def _own_limit(step: Step, actor: Actor, limit: int) -> CaseDeadline:
    found = db.session.scalar(select(CaseDeadline).where(CaseDeadline.id == limit, CaseDeadline.case_id == step.case_id))
    if found is None or found.element not in steps_with_a_say(step.case_id, actor):
        raise NotYourTask("只有这个期限的承办单位可以对计算提出异议。")
    return found


def _require_words(words: str, label: str) -> None:
    if not 0 < len(words) <= LONGEST:
        raise FormInvalid(f"请写{label}，不超过 {LONGEST} 字。", fields={label: "缺少或过长"})


def answer_objection(step: Step, actor: Actor, objection: int, is_upheld: bool, answer: str) -> None:
    """Answer an objection; where it is right, the calendar is put right by a notice for all cases.

    Raises:
        NotYourTask: the actor is not of the overseer.
        ObjectionUnknown: there is none that waits.
        FormInvalid: no words.
    """
    if not is_overseer(step, actor):
        raise NotYourTask("对日期计算的异议由监督单位答复。")
    _require_words(answer, "答复")
    waiting = (OBJECTIONS.c.id == objection, OBJECTIONS.c.case_id == step.case_id, OBJECTIONS.c.answered_at.is_(None))
    values = {"answer": answer, "is_upheld": is_upheld, "answered_at": step.now, "answered_by": actor.id}
    if db.session.execute(update(OBJECTIONS).where(*waiting).values(**values).returning(OBJECTIONS.c.id)).first() is None:
        raise ObjectionUnknown("没有这项待答复的异议。")
    step.audit("answer_day_objection", objection=objection, is_upheld=is_upheld)


@dataclass(frozen=True)
class Waiting:
    """An objection that waits for its answer: in which case, against the limit of which step."""

    number: str
    step: str
    last_day: date
    objection: DayObjection


def list_waiting(mine: ColumnElement[bool]) -> list[Waiting]:
    """Return the objections to counted days that nobody has answered, oldest first; `mine` is a condition on `Case`."""
    query = (
        select(DayObjection, Case.number, CaseDeadline.element, CaseDeadline.last_day, Instance.version)
        .join(Case, Case.id == DayObjection.case_id)
        .join(CaseDeadline, CaseDeadline.id == DayObjection.deadline_id)
        .join(Instance, Instance.case_id == Case.id)
        .where(mine, DayObjection.answered_at.is_(None))
        .order_by(DayObjection.id)
    )
    return [
        Waiting(number, bundle_of(version).program.definition.nodes[element].name, last_day, objection)
        for objection, number, element, last_day, version in db.session.execute(query)
    ]


def list_objections(case_id: int) -> Sequence[DayObjection]:
    """Return the objections to counted days of a case, oldest first."""
    return db.session.scalars(select(DayObjection).where(DayObjection.case_id == case_id).order_by(DayObjection.id)).all()
