"""What the benches share: whose turn it is, one step at a time, and on to the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.acts import on_case, reading, refusal_of
from app.cases.acting import require_open_to, sign_task, submit_task
from app.cases.dossier import Facts, read_case, read_task
from app.cases.errors import CaseNotFound
from app.cases.inbox import Wanted, count_inbox, horizon, list_inbox
from app.cases.outline import Line, outline
from app.cases.rating import read_review, read_service
from app.cases.step import Step
from app.cases.worklist import describe
from app.catalogue.queries import department_names
from app.db import db, unit_of_work
from app.engine.errors import TaskNotOpen
from app.errors import AppError
from app.http_errors import status_of
from app.identity.actor import Actor
from app.pages.cases import entered
from app.request import clock, vault

# As many as are listed at once; the others come up as these are done.
MOST = 100


def waiting(wanted: Wanted) -> Facts:
    """Return what waits for the actor's department, due first: the first `lines`, how many there are in all, and who is rated."""
    actor: Actor = g.actor
    at = horizon(actor.programme, clock().now(db.session.connection()))
    lines = describe(list_inbox(actor, None, MOST, wanted), at, vault())
    return {
        "lines": lines, "every": sum(count_inbox(actor, at, wanted).values()),
        "names": department_names(actor.programme, {line.entry.rated_department for line in lines}),
    }  # fmt: skip


@dataclass(frozen=True)
class Bench:
    """The steps that are done at a bench, by what their diagrams say they mean; `more` returns what its page shows beside."""

    page: str
    template: str
    wanted: Wanted
    more: Callable[[int, Line, Facts], Facts]

    def index(self) -> str:
        """List what waits for the actor's department, due first."""
        with unit_of_work():
            return render_template(self.template, case=None, **waiting(self.wanted))

    def show(self, number: str, element: str) -> ResponseReturnValue:
        """Show one step; one that is not to be done here is shown on its case's page."""
        try:
            return self._show(number, element)
        except TaskNotOpen:
            return redirect(url_for("page_cases.show", number=number))

    def submit(self, number: str, element: str, chosen: dict[str, str] | None = None) -> ResponseReturnValue:
        """Enter the step's form; `chosen` is what a button of it chose."""
        return self.act(
            number, element, lambda step, each: submit_task(step, element, each, entered(step, element) | (chosen or {}))
        )

    def act(self, number: str, element: str, act: Callable[[Step, Actor], None]) -> ResponseReturnValue:
        """Do it and go on to the next; when it is refused, show why, with what was typed."""

        def on_open(step: Step, actor: Actor) -> None:
            self._require_here(step.node(element).act if element in step.definition.nodes else None, element)
            act(step, actor)

        try:
            on_case(number, on_open)
        except CaseNotFound:
            raise
        except AppError as error:
            return self._again(number, element, error)
        return self._next(number, element)

    def _again(self, number: str, element: str, error: AppError) -> ResponseReturnValue:
        try:
            return self._show(number, element, error), status_of(error)
        except TaskNotOpen:
            return redirect(url_for("page_cases.show", number=number), 303)

    def _next(self, number: str, element: str) -> ResponseReturnValue:
        with unit_of_work():
            entries = list_inbox(g.actor, None, 2, self.wanted)
        following = next((each for each in entries if (each.number, each.element) != (number, element)), None)
        if following is None:
            return redirect(url_for(f"{self.page}.index", done=number), 303)
        return redirect(url_for(f"{self.page}.show", number=following.number, element=following.element, done=number), 303)

    def _require_here(self, act: str | None, element: str) -> None:
        if act not in self.wanted.acts:
            raise TaskNotOpen("这一步不在这里办。", element=element)

    def _show(self, number: str, element: str, wrong: AppError | None = None) -> str:
        actor: Actor = g.actor
        with reading(number) as case_id:
            line = self._line(case_id, element, actor)
            case, task = read_case(case_id), read_task(case_id, element)
            shown = {"service": read_service(case_id), "review": read_review(case_id, vault())}
            listed = waiting(self.wanted)
        more = self.more(case_id, line, case | {"task": task})
        enter = sign_task if task["status"] == "submitted" else require_open_to
        refusal = refusal_of(case_id, lambda step, each: enter(step, element, each))
        with unit_of_work():
            names = department_names(actor.programme, {*_departments(case), *more.pop("departments", ())})
        listed["names"] |= names
        return render_template(
            self.template, case=case, task=task, left=line.left, refusal=refusal, wrong=wrong, typed=request.form,
            here=(number, element), **shown, **more, **listed,
        )  # fmt: skip

    def _line(self, case_id: int, element: str, actor: Actor) -> Line:
        lines = outline(case_id, clock().now(db.session.connection()))
        found = next((each for each in lines if each.element == element and each.is_open), None)
        if found is None or found.task is None or found.department != actor.department:
            raise TaskNotOpen("这一步已经办过，或不由您的单位办。", element=element)
        self._require_here(found.task.act, element)
        return found


def _departments(case: dict[str, Any]) -> set[str]:
    return {case["rated_department"], case["department"]}
