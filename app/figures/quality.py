"""Cases that were settled otherwise than by being put right, or were put right, each with why: for whoever audits them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import aliased

from app.appeals.models import Appeal
from app.cases.models import Case, Round, Task
from app.cases.visibility import visible_cases
from app.db import db
from app.identity.actor import Actor
from app.programmes.versions import bundle_of, current_version

# What a settled case can be looked at as; a case may stand under two of them.
KINDS = {"closed": "办结", "explained": "解释说明", "voided": "不予采纳", "linked": "并案"}
Words = Mapping[str, Mapping[str, str]]
UPHELD = and_(Appeal.case_id == Case.id, Appeal.upheld.is_(True))


@dataclass(frozen=True)
class Settled:
    """One case: what was found of it, and why it was settled as it was; codes are told in the words of the diagram."""

    id: int
    number: str
    rated_department: str
    department: str
    round: int
    settled_at: datetime
    truth: str
    responsibility: str
    handling: str
    ground: str
    linked_to: str | None
    answer: str


def count_settled(actor: Actor) -> dict[str, int]:
    """Return how many settled cases of each kind an actor may see."""
    counts = [func.count().filter(condition).label(kind) for kind, condition in _conditions().items()]
    return dict(db.session.execute(select(*counts).select_from(Case).where(visible_cases(actor))).mappings().one())


def list_settled(actor: Actor, kind: str, after: int | None, limit: int) -> list[Settled]:
    """Return the settled cases of a kind that an actor may see, newest first; `after` is the key of the last one seen."""
    main, words = aliased(Case), _words(actor.programme)
    ground = select(Appeal.ground).where(UPHELD).order_by(Appeal.id.desc()).limit(1).scalar_subquery()
    query = (
        select(Case, Round, ground, main.number)
        .outerjoin(Round, and_(Round.case_id == Case.id, Round.number == Case.round))
        .outerjoin(main, main.id == Case.linked_to)
        .where(visible_cases(actor), _conditions()[kind])
        .order_by(Case.id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(Case.id < after)
    return [_settled(case, found, why, number, words) for case, found, why, number in db.session.execute(query)]


def _conditions() -> Mapping[str, ColumnElement[bool]]:
    explained = (Task.case_id == Case.id, Task.act == "explain", Task.status == "done", Task.round == Case.round)
    return {
        "closed": and_(Case.closed_at.is_not(None), Case.voided_at.is_(None), Case.linked_to.is_(None)),
        "explained": and_(Case.closed_at.is_not(None), Case.voided_at.is_(None), exists().where(*explained)),
        "voided": Case.voided_at.is_not(None),
        "linked": Case.linked_to.is_not(None),
    }


def _words(programme: str) -> Words:
    """Return what the codes of the forms are called: field → code → word."""
    nodes = bundle_of(current_version(programme)).program.definition.nodes.values()
    return {field.id: field.choices for node in nodes for field in node.form if field.choices}


def _settled(case: Case, found: Round | None, ground: str | None, main: str | None, words: Words) -> Settled:
    def word(field: str, code: str | None) -> str:
        return words.get(field, {}).get(code, code) if code else ""

    return Settled(
        id=case.id,
        number=case.number,
        rated_department=case.rated_department,
        department=case.department,
        round=case.round,
        settled_at=case.voided_at or case.closed_at or case.ended_at or case.received_at,
        truth=word("truth", found.truth if found else None),
        responsibility=word("responsibility", found.responsibility if found else None),
        handling=word("handling", found.handling if found else None),
        ground=word("ground", ground),
        linked_to=main,
        answer=word("outcome", found.answer if found else None),
    )
