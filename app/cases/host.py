"""What an instance asks of its case: start a limit, fire a level, run a function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.audit.record import Act as AuditAct
from app.cases import registry
from app.cases.limits import FUNCTIONS, Rule, ladder_rules, moments_json
from app.cases.notices import escalation_messages, recipients
from app.cases.ownership import department_for
from app.cases.store import Loaded, RunningDeadline
from app.deadlines.calendar import WorkCalendar
from app.deadlines.ladder import moments_from_birth
from app.engine.errors import EngineFault
from app.programmes.bundle import Bundle

if TYPE_CHECKING:
    from app.cases.step import Step


class Host:
    """The case's side of the engine, for one step. Collects; `store.save` writes."""

    def __init__(self, loaded: Loaded, bundle: Bundle, calendar: WorkCalendar, now: datetime, clock: str) -> None:
        self.functions: Mapping[str, Callable[..., Any]] = FUNCTIONS
        self.deadlines: dict[str, RunningDeadline] = dict(loaded.deadlines)
        self.armed: set[str] = set()
        self.messages: list[dict[str, Any]] = []
        self._loaded, self._bundle, self._calendar, self._now, self._clock = loaded, bundle, calendar, now, clock
        self.step: Step | None = None

    def arm(self, timer: str, limit: Any) -> datetime | None:
        """Start a limit: reckon it, keep it for its row, return the first moment of its ladder.

        Raises:
            EngineFault: the timer does not say `escalate(…)`.
        """
        if not isinstance(limit, Rule):
            raise EngineFault("限时事件没有写明时限。", element=timer)
        node = self._bundle.program.definition.nodes[timer]
        deadline = limit.deadline(self._calendar)
        ladder = moments_from_birth(deadline, ladder_rules(self._bundle.rules.ladder), self._calendar, self._now)
        running = RunningDeadline(
            id=None,
            timer=timer,
            element=str(node.attached_to),
            rule=limit.as_json(),
            extensions=[],
            moments=moments_json(ladder),
            fired=0,
            due_at=deadline.due_at,
            last_day=deadline.last_day,
            is_provisional=deadline.provisional,
            calendar_version=deadline.calendar_version,
        )
        self.deadlines[timer] = running
        self.armed.add(timer)
        self._note_handle_by(running)
        return running.next_at

    def fire(self, timer: str, due: datetime) -> datetime | None:
        """Record that a level fell due, tell those whom the ladder names, return the next moment."""
        running = self.deadlines[timer]
        level = running.moments.pop(0)[0]
        running.fired += 1
        step = self._stepping()
        department = self._department(running.element)
        told = recipients(step, level, department, self._owner(running.element))
        running.firings.append(
            {
                "position": running.fired,
                "level": level,
                "due_at": due,
                "fired_at": self._now,
                "recipients": told,
                "withdrawn": None,
            }
        )
        self.messages += escalation_messages(step, running, level, due, told)
        payload = {"element": running.element, "level": level, "due_at": due.isoformat(), "recipients": told}
        step.acts.append(AuditAct(self._clock, "escalate", payload))
        return running.next_at

    def call(self, function: str, element: str) -> None:
        """Run the function of a service task.

        Raises:
            EngineFault: there is none of this name.
        """
        known = registry.FUNCTIONS.get(function)
        if known is None:
            raise EngineFault(f"流程图要用的功能 {function} 不存在。", element=element)
        known.run(self._stepping())

    def _note_handle_by(self, running: RunningDeadline) -> None:
        if self._bundle.program.definition.nodes[running.element].act in registry.HANDLING_ACTS:
            self._loaded.variables[registry.HANDLE_BY] = running.last_day.isoformat()

    def _department(self, element: str) -> str:
        task = self._loaded.tasks.get(element)
        return task.department if task else department_for(self._stepping(), element)

    def _owner(self, element: str) -> str | None:
        task = self._loaded.tasks.get(element)
        return task.owner if task else None

    def _stepping(self) -> Step:
        if self.step is None:
            raise EngineFault("流程还没有开始。")
        return self.step
