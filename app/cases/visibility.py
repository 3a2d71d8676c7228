"""Which cases somebody may see. What is not theirs answers as if it were not there.

One condition for lists, one look-up for a number, both made of the same parts. What may
be done with a case that is seen is another matter: see `ownership`.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select, union_all
from sqlalchemy.orm import aliased

from app.cases.errors import CaseNotFound
from app.cases.models import Case, CoHandler, Task
from app.db import db
from app.identity.actor import Actor, Role
from app.identity.rights import Right, may
from app.programmes.errors import ProgrammeUnknown
from app.programmes.rules import LaneRule, Rules
from app.programmes.versions import bundle_of, current_version

# What 12345 handed over itself, and may be asked about by the person who complained.
HOTLINE = "12345"


def visible_cases(actor: Actor, right: Right = Right.READ_CASES) -> ColumnElement[bool]:
    """Return the condition on `Case` that lists are filtered by; `right` is the one for whose sake is asked.

    Leaders and auditors see their whole programme; departments what they are rated by,
    handle or handled, help with, or stand in a lane for; the overseer, the superior and
    who stands in a lane for all of them, all; window staff what rates them; a system what
    is its department's. Nobody whom a case rates sees it as a colleague's.
    """
    if actor.role is Role.WINDOW:
        return and_(Case.programme == actor.programme, Case.rated_staff == actor.staff) if actor.staff else false()
    if not may(actor, right):
        return false()
    if _sees_all(actor):
        return and_(Case.programme == actor.programme, *_not_rated(actor))
    return and_(Case.programme == actor.programme, Case.id.in_(union_all(*_parts(actor))), *_not_rated(actor))


def find_visible(number: str, actor: Actor) -> int:
    """Return a case's key by its number.

    Raises:
        CaseNotFound: there is none, or none that the actor may see; which of both is not told.
    """
    key = db.session.scalar(select(Case.id).where(Case.number == number, _may_see_one(actor)))
    if key is None:
        raise CaseNotFound("没有这个工单号。", number=number)
    return key


def _may_see_one(actor: Actor) -> ColumnElement[bool]:
    """Return the same condition for one case: each part looked up by the case, not listed.

    A clerk asks by number alone, and about what 12345 handed over.
    """
    if actor.role is Role.CLERK:
        return and_(Case.programme == actor.programme, Case.channel == HOTLINE)
    if actor.role is Role.WINDOW or not may(actor, Right.READ_CASES) or _sees_all(actor):
        return visible_cases(actor)
    parts = (exists(part.where(part.selected_columns[0] == Case.id).correlate(Case)) for part in _parts(actor))
    return and_(Case.programme == actor.programme, or_(*parts), *_not_rated(actor))


def _not_rated(actor: Actor) -> list[ColumnElement[bool]]:
    """Keep the rated person out: they have their own neutral summary (P3)."""
    return [or_(Case.rated_staff.is_(None), Case.rated_staff.not_in(actor.staff_codes))] if actor.staff_codes else []


def _sees_all(actor: Actor) -> bool:
    if actor.role in {Role.LEADER, Role.AUDITOR}:
        return True
    rules = _rules(actor.programme)
    return rules is not None and actor.handles and rules.concerns_all(actor.department)


def _rules(programme: str) -> Rules | None:
    try:
        return bundle_of(current_version(programme)).rules
    except ProgrammeUnknown:
        return None


def _parts(actor: Actor) -> Iterator[Select[int]]:
    """Yield the ways a case can be a department's, each found by an index of its own."""
    mine, department = aliased(Case), actor.department
    of_programme = select(mine.id).where(mine.programme == actor.programme)
    yield of_programme.where(mine.rated_department == department)
    yield of_programme.where(mine.department == department)
    if actor.role is Role.SYSTEM:
        return
    yield select(Task.case_id).where(Task.department == department)
    yield select(CoHandler.case_id).where(CoHandler.department == department)
    rules = _rules(actor.programme)
    areas = sorted({area for rule in rules.lanes.values() for area in _areas(rule, department)}) if rules else []
    if areas:
        yield of_programme.where(mine.area.in_(areas))


def _areas(rule: LaneRule, department: str) -> Iterator[str]:
    yield from (area for area, code in rule.by_area.items() if code == department)
