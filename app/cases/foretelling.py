"""What an answer to a step leads to, told before it is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.cases.acting import try_task
from app.cases.registry import RULINGS
from app.cases.step import Step
from app.identity.actor import Actor


@dataclass(frozen=True)
class Outlook:
    """Where a case would stand.

    `round` is the new one that begins, None when none does; `steps` are the names of the
    steps that would begin, each with its department; `is_voided` says that the rating would
    no longer count, `is_over` that nothing would remain to be done.
    """

    round: int | None
    steps: tuple[tuple[str, str], ...]
    is_voided: bool
    is_over: bool


def look_ahead(step: Step, element: str, actor: Actor, answer: dict[str, Any]) -> Outlook:
    """Give an answer and return what comes of it; for a step that is thrown away.

    A ruling in favour names the first ground that there is: which one makes no difference to what follows.

    Raises:
        AppError: what refuses the answer itself.
    """
    before, waiting = step.round, set(step.machine.open_tasks())
    if step.node(element).act in RULINGS:
        answer = {"ground": step.rules.voiding_grounds[0], "reviewer_confirmed": True} | answer
    try_task(step, element, answer)
    new = tuple((step.node(each).name, step.department_of(each)) for each in sorted(set(step.machine.open_tasks()) - waiting))
    over = step.is_over or not step.machine.open_tasks()
    return Outlook(step.round if step.round > before else None, new, bool(step.variables.get("voided")), over)
