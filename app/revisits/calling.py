"""Recording a revisit and what follows from it."""

from __future__ import annotations

from sqlalchemy import insert, update

from app.cases.acting import replace_form
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
# What a case shows of a reviewer who was pressed: not content, and no way to see that there is a report (C9).
PRESSED, SHOWN = "pressed", "unwelcome"


def revisit(step: Step, task: OpenTask, form: Form) -> None:
    """Record a revisit: was the reviewer called, when, what was done, and how it is now (L4).

    Pressed by staff becomes a report of reprisal, seen by overseer and discipline body
    alone: in form, row, variables and record the case has what else is true of it.

    Raises:
        NotReached: “unreachable” without the tries the rules ask for.
    """
    result = form["result"]
    if result == PRESSED:
        publish(ReviewerPressed(step.case_id, step.loaded.programme, step.actor, step.now))
        result = _withhold(step, task, form)
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
    step.audit("revisit", result=result, round=step.round)


def _withhold(step: Step, task: OpenTask, form: Form) -> str:
    """Take the report of reprisal out of the form and the variables; return the result that is shown."""
    replace_form(step, task, dict(form) | {"result": SHOWN})
    if step.variables.get("result") == PRESSED:
        step.variables["result"] = SHOWN
    return SHOWN
