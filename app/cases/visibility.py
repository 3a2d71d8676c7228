"""Which cases somebody may see. What is not theirs answers as if it were not there.

One condition for lists, one look-up for a number, both made of the same parts. What may
be done with a case that is seen is another matter: see `ownership`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from enum import StrEnum
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, false, or_, select, union_all
from sqlalchemy.orm import aliased

from app.cases.errors import CaseNotFound
from app.cases.models import Case, CoHandler, Task
from app.cases.ownership import overseers
from app.catalogue.models import CatalogueEntry
from app.db import db
from app.identity.actor import Actor, Role
from app.identity.rights import Right, may
from app.programmes.errors import ProgrammeUnknown
from app.programmes.rules import LaneRule, Rules
from app.programmes.versions import bundle_of, current_version


class Concern(StrEnum):
    """What a post is about beside the steps of its own inbox. Navigation follows it; no right does."""

    OTHERS = "others"  # passes cases on, or rules on them
    OVERSIGHT = "oversight"  # supervises the programme, leads it, or audits it
    REFERRALS = "referrals"  # hands suspected breaches over, or takes them
    ONESELF = "oneself"  # may be rated


# What came by 12345, and may be asked about by the person who called: complaints, and reviews by its channels.
HOTLINE = "12345"


def came_by_hotline(programme: str) -> ColumnElement[bool]:
    """Return the condition that a case came by 12345."""
    by_phone = (CatalogueEntry.programme == programme, CatalogueEntry.kind == "channel", CatalogueEntry.detail == "hotline")
    return or_(Case.channel == HOTLINE, Case.channel.in_(select(CatalogueEntry.code).where(*by_phone)))


def visible_cases(actor: Actor, right: Right = Right.READ_CASES) -> ColumnElement[bool]:
    """Return the condition on `Case` that lists are filtered by; `right` is the one for whose sake is asked.

    Leaders and auditors see their whole programme; departments what they are rated by,
    handle or handled, help with, or stand in a lane for; the overseer, the superior and
    who stands in a lane for all of them, all; window staff what rates them; a system what
    is its department's. Nobody whom a case rates sees it as a colleague's.
    """
    return _visible(actor, _rules(_version(actor.programme)), right)


def _visible(actor: Actor, rules: Rules | None, right: Right = Right.READ_CASES) -> ColumnElement[bool]:
    if actor.role is Role.WINDOW:
        return and_(Case.programme == actor.programme, Case.rated_staff == actor.staff) if actor.staff else false()
    if not may(actor, right):
        return false()
    if _sees_all(actor, rules):
        return and_(Case.programme == actor.programme, *not_rated(actor))
    return and_(Case.programme == actor.programme, Case.id.in_(union_all(*_parts(actor, rules))), *not_rated(actor))


def concerns_of(actor: Actor) -> frozenset[Concern]:
    """Return what somebody's post is about, by the rules of the programme as they are now."""
    mine = {Concern.ONESELF} if actor.staff else set()
    if actor.role in {Role.LEADER, Role.AUDITOR}:
        auditing = {Concern.REFERRALS} if actor.role is Role.AUDITOR else set()
        return frozenset(mine | auditing | {Concern.OVERSIGHT})
    rules = _rules(_version(actor.programme)) if actor.handles else None
    if rules is None:
        return frozenset(mine)
    above = {rules.superior} | {rule.superior for rule in rules.lanes.values()}
    named = {code for rule in rules.lanes.values() for code in (rule.code, *rule.by_area.values())}
    mine |= {Concern.OTHERS} if actor.department in above | named else set()
    mine |= {Concern.OVERSIGHT} if actor.department in overseers(rules) | {rules.superior} else set()
    mine |= {Concern.REFERRALS} if actor.department in overseers(rules) else set()
    return frozenset(mine)


def find_visible(number: str, actor: Actor) -> int:
    """Return a case's key by its number.

    Raises:
        CaseNotFound: there is none, or none that the actor may see; which of both is not told.
    """
    look_up = _look_up(replace(actor, id="", login="", name="", for_account=None), _version(actor.programme))
    key: int | None = db.session.connection().execute(look_up, {"number_of_case": number}).scalar()
    if key is None:
        raise CaseNotFound("没有这个工单号。", number=number)
    return key


def seen_among(actor: Actor, cases: Collection[int]) -> set[int]:
    """Return those of some cases that an actor may see."""
    return set(db.session.scalars(select(Case.id).where(Case.id.in_(cases), visible_cases(actor))))


@lru_cache(maxsize=1024)
def _look_up(post: Actor, version: int | None) -> Select[int]:
    """Return the statement that finds a case for all who hold the same post.

    Made once and kept: building it costs more than running it. Nothing in it grows stale,
    since it is made of what the actor is at this moment and of a version, which never changes.
    """
    return select(Case.id).where(Case.number == bindparam("number_of_case"), _may_see_one(post, _rules(version)))


def _may_see_one(actor: Actor, rules: Rules | None) -> ColumnElement[bool]:
    """Return the same condition for one case: each part looked up by the case, not listed.

    A clerk asks by number alone, and about what 12345 handed over.
    """
    if actor.role is Role.CLERK:
        return and_(Case.programme == actor.programme, came_by_hotline(actor.programme))
    if actor.role is Role.WINDOW or not may(actor, Right.READ_CASES) or _sees_all(actor, rules):
        return _visible(actor, rules)
    parts = (exists(part.where(part.selected_columns[0] == Case.id).correlate(Case)) for part in _parts(actor, rules))
    return and_(Case.programme == actor.programme, or_(*parts), *not_rated(actor))


def not_rated(actor: Actor) -> list[ColumnElement[bool]]:
    """Keep the rated person out: they have their own neutral summary (P3)."""
    return [or_(Case.rated_staff.is_(None), Case.rated_staff.not_in(actor.staff_codes))] if actor.staff_codes else []


def _sees_all(actor: Actor, rules: Rules | None) -> bool:
    if actor.role in {Role.LEADER, Role.AUDITOR}:
        return True
    return rules is not None and actor.handles and rules.concerns_all(actor.department)


def _version(programme: str) -> int | None:
    try:
        return current_version(programme)
    except ProgrammeUnknown:
        return None


def _rules(version: int | None) -> Rules | None:
    return None if version is None else bundle_of(version).rules


def _parts(actor: Actor, rules: Rules | None) -> Iterator[Select[int]]:
    """Yield the ways a case can be a department's, each found by an index of its own."""
    mine, department = aliased(Case), actor.department
    of_programme = select(mine.id).where(mine.programme == actor.programme)
    yield of_programme.where(mine.rated_department == department)
    yield of_programme.where(mine.department == department)
    if actor.role is Role.SYSTEM:
        return
    yield select(Task.case_id).where(Task.department == department)
    yield select(CoHandler.case_id).where(CoHandler.department == department)
    areas = sorted({area for rule in rules.lanes.values() for area in _areas(rule, department)}) if rules else []
    if areas:
        yield of_programme.where(mine.area.in_(areas))


def _areas(rule: LaneRule, department: str) -> Iterator[str]:
    yield from (area for area, code in rule.by_area.items() if code == department)
