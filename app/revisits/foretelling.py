"""What each answer of a revisit leads to, told before it is given."""

from __future__ import annotations

from dataclasses import dataclass

from app.cases.acting import submit_task
from app.cases.forms import sample_form
from app.cases.step import Step
from app.identity.actor import Actor
from app.revisits.calling import PRESSED


@dataclass(frozen=True)
class Course:
    """Where a case would stand after an answer.

    `round` is the new one that begins, None when none does; `steps` are the names of the
    steps that would wait, each with its department; `is_reported` says that overseer and
    discipline body would hear of it.
    """

    round: int | None
    steps: tuple[tuple[str, str], ...]
    is_reported: bool


def foretell(step: Step, element: str, actor: Actor, result: str) -> Course:
    """Give an answer and return what comes of it; for a step that is thrown away.

    Raises:
        AppError: what refuses the answer itself.
    """
    before = step.round
    submit_task(step, element, actor, sample_form(step.node(element).form) | {"result": result})
    waiting = tuple((step.node(each).name, step.department_of(each)) for each in sorted(step.machine.open_tasks()))
    return Course(step.round if step.round > before else None, waiting, result == PRESSED)
