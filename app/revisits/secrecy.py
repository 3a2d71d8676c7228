"""Who may know that a case was drawn: until the calls of its draw end, nobody but those who call (design §5)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select, true

from app.cases.dossier import NOTHING, bundle_in, never_came
from app.cases.models import Task
from app.db import db
from app.identity.actor import Actor
from app.programmes.rules import Rules
from app.programmes.versions import bundle_of, current_version
from app.revisits.models import Draw, DrawMember


def hidden_elements(case_id: int, actor: Actor) -> frozenset[str]:
    """Return the elements of a case's diagram of which an actor must not hear yet: those that only a drawn case comes to."""
    bundle = bundle_in(case_id)
    if bundle.rules.draw.period is None or actor.department in _callers(bundle.rules):
        return NOTHING
    running = (
        select(Draw.id)
        .join(DrawMember, DrawMember.draw_id == Draw.id)
        .where(DrawMember.case_id == case_id, Draw.finished_at.is_(None))
    )
    if db.session.scalar(running.limit(1)) is None:
        return NOTHING
    return frozenset(node.id for node in bundle.program.definition.nodes.values() if node.act == "revisit")


def hidden_tasks(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `Task` that keeps calls of drawn cases out of lists for whoever must not hear of them."""
    rules = bundle_of(current_version(actor.programme)).rules
    is_told = rules.draw.period is None or actor.department in _callers(rules)
    return true() if is_told else Task.act.is_distinct_from("revisit")


def require_shown(case_id: int, element: str, actor: Actor) -> None:
    """Refuse an element of which the actor must not hear, in the words of one that the case never came to.

    Raises:
        TaskNotOpen: it is hidden.
    """
    if element in hidden_elements(case_id, actor):
        raise never_came(element)


def _callers(rules: Rules) -> set[str | None]:
    lane = rules.lanes[rules.draw.lane]
    return {lane.code, *lane.by_area.values(), lane.superior, rules.superior} - {None}
