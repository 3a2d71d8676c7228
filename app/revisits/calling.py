"""Recording a revisit and what follows from it."""

from __future__ import annotations

from sqlalchemy import insert, update

from app.cases.acts import require_tries
from app.cases.registry import Form
from app.cases.step import Step
from app.cases.store import OpenTask
from app.db import db, table_of
from app.events import publish
from app.revisits.events import ReviewerPressed
from app.revisits.models import DrawMember, Revisit

# Answers that send the case back for a new round (L4); “lawful but unwelcome” stays closed.
SENT_BACK = frozenset({"not_fixed", "untrue", "not_told"})


def revisit(step: Step, task: OpenTask, form: Form) -> None:
    """Record a revisit: was the reviewer called, when, what was done, and how it is now (L4).

    Pressed by staff becomes a report of reprisal, seen by overseer and discipline body alone.

    Raises:
        NotReached: “unreachable” without the tries the rules ask for.
    """
    result = form["result"]
    if result == "unreachable" and not step.get("is_anonymous"):
        require_tries(step)
    row = {
        "case_id": step.case_id,
        "round": step.round,
        "called": bool(form.get("called")),
        "called_on": form.get("called_on"),
        "told": form.get("done_told"),
        "result": result,
        "made_at": step.now,
        "made_by": step.actor,
    }
    db.session.execute(insert(table_of(Revisit)), row)
    member = (DrawMember.case_id == step.case_id, DrawMember.status == "drawn")
    status = "unreachable" if result == "unreachable" else "made"
    db.session.execute(update(DrawMember).where(*member).values(status=status))
    if result == "pressed":
        publish(ReviewerPressed(step.case_id, step.loaded.programme, step.actor, step.now))
    step.audit("revisit", result=result, round=step.round)
