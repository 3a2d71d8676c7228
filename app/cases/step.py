"""One step on one case: one lock, one moment, one transaction.

Lock the row, read the moment now that the lock is held, fire what is due, act, run on,
store. On any exception the caller's transaction is rolled back and nothing of it remains.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Executable

from app.audit.record import Act as AuditAct
from app.cases import store
from app.cases.errors import CaseStopped
from app.cases.events import CaseEnded
from app.cases.host import Host
from app.cases.limits import instant
from app.cases.ownership import department_for
from app.cases.saving import save
from app.cases.store import Loaded, OpenTask
from app.clock import Clock
from app.db import table_of, update_by
from app.deadlines.calendar import WorkCalendar
from app.engine.definition import Definition, Node
from app.engine.machine import Machine
from app.errors import Conflict
from app.events import publish
from app.identity.actor import CLOCK, Actor
from app.programmes.bundle import Bundle
from app.programmes.rules import Rules


class AppealStillOpen(Conflict):
    """The case cannot come to its end while a ruling is outstanding."""

    code = "appeal_still_open"


@dataclass
class Step:
    """What an act works with. Made by `case_step`, gone when the transaction ends."""

    loaded: Loaded
    bundle: Bundle
    calendar: WorkCalendar
    now: datetime
    actor: str
    host: Host
    machine: Machine
    for_account: str | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    rows: list[tuple[type[Any], dict[str, Any]]] = field(default_factory=list)
    statements: list[tuple[Executable, dict[str, Any]]] = field(default_factory=list)
    acts: list[AuditAct] = field(default_factory=list)
    completed: dict[str, str] = field(default_factory=dict)
    brought: dict[str, Any] = field(default_factory=dict)

    @property
    def persons(self) -> frozenset[str]:
        """Who acts in this step, and whom they stand in for."""
        return frozenset(each for each in (self.actor, self.for_account) if each)

    @property
    def case_id(self) -> int:
        """The case's key."""
        return self.loaded.case_id

    @property
    def rules(self) -> Rules:
        """The rules of the version the case is pinned to."""
        return self.bundle.rules

    @property
    def definition(self) -> Definition:
        """The diagram of the version the case is pinned to."""
        return self.bundle.program.definition

    @property
    def variables(self) -> dict[str, Any]:
        """What conditions and timers read; instants as ISO text."""
        return self.machine.bridge.variables

    @property
    def round(self) -> int:
        """The present round, 0 before the first."""
        return int(self.variables.get("round") or 0)

    def get(self, column: str) -> Any:
        """Return a column of the case, as changed in this step."""
        return self.changes.get(column, getattr(self.loaded, column, None))

    @property
    def case_status(self) -> str:
        """Whether the case is open or closed, as changed in this step; see `is_over` for its end."""
        return str(self.changes.get("status", self.loaded.case_status))

    @property
    def is_over(self) -> bool:
        """Whether the case has come to its end, in this step or before; what is recorded later opens nothing anew."""
        return self.loaded.status == "ended" or self.machine.is_ended

    def change(self, **columns: Any) -> None:
        """Change columns of the case's row."""
        self.changes.update(columns)

    def add(self, model: type[Any], **values: Any) -> None:
        """Store a row at the end of the step."""
        self.rows.append((model, values))

    def update(self, model: type[Any], keys: dict[str, Any], **columns: Any) -> None:
        """Change a row at the end of the step, together with all that is stored then."""
        statement = update_by(table_of(model), tuple(keys), tuple(columns))
        parameters = {f"key_{name}": value for name, value in keys.items()}
        self.execute(statement, parameters | {f"new_{name}": value for name, value in columns.items()})

    def execute(self, statement: Executable, parameters: dict[str, Any]) -> None:
        """Run a statement that returns nothing at the end of the step."""
        self.statements.append((statement, parameters))

    def audit(self, act: str, **payload: Any) -> None:
        """Record an act in the case's stream; ids and instants only. A substitute's names whom it was done for as well."""
        done_for = {"for": self.for_account} if self.for_account else {}
        self.acts.append(AuditAct(self.actor, act, payload | done_for))

    def moment(self, variable: str) -> datetime | None:
        """Return a variable that holds an instant."""
        return instant(self.variables.get(variable))

    def node(self, element: str) -> Node:
        """Return what the diagram says of an element."""
        return self.definition.nodes[element]

    def open_task(self, element: str) -> OpenTask | None:
        """Return a task that waits for somebody."""
        return self.loaded.tasks.get(element)

    def send(self, message: str, **variables: Any) -> None:
        """Send a message into the instance with what it brings along, and run on."""
        self.variables.update(variables)
        self.machine.send(message)
        self.machine.run()

    def complete(self, element: str) -> None:
        """Complete a user task as the step's actor, and run on."""
        self.completed[element] = self.actor
        self.machine.complete(element)
        self.machine.run()

    def department_of(self, element: str) -> str:
        """Return the department accountable for a step of this case."""
        return department_for(self, element)


@contextmanager
def case_step(case_id: int, actor: Actor | None, clock: Clock) -> Iterator[Step]:
    """Lock a case, fire what is due, hand out the step, and store what came of it.

    Without an actor the clock itself steps: only what is due happens.

    Raises:
        CaseNotFound: there is no such case.
        CaseStopped: it has an open incident.
    """
    step = begin_step(store.lock_case(case_id), actor, clock)
    yield step
    finish_step(step)


def begin_step(loaded: Loaded, actor: Actor | None, clock: Clock) -> Step:
    """Restore the instance of a locked case and fire what is due."""
    if loaded.status == "incident":
        raise CaseStopped("这件差评因流程故障暂停，故障排除后方可办理。", number=loaded.number)
    now = max(clock.of(loaded.read_at), loaded.moved_at)  # On one case moments never go backwards.
    bundle = store.bundle(loaded)
    loaded.variables = dict.fromkeys(bundle.variables) | loaded.variables
    calendar = store.calendar(bundle.rules.calendar, loaded.newest_notice)
    host = Host(loaded, bundle, calendar, now, CLOCK)
    machine = Machine(bundle.program, host, loaded.variables, loaded.state)
    step = Step(loaded, bundle, calendar, now, CLOCK, host, machine)
    host.step = step
    machine.fire_due(now)
    if actor:
        step.actor, step.for_account = actor.id, actor.for_account
    return step


def finish_step(step: Step) -> None:
    """Store state, tasks, deadlines, audit and messages."""
    machine = step.machine
    machine.fire_due(step.now)  # A level that a new limit had already reached fires at once.
    _require_rulings(step)
    if machine.is_ended:
        step.change(status="ended", outcome=machine.outcome, ended_at=step.now)
        step.audit("end", outcome=machine.outcome)
    save(step)
    if machine.is_ended:
        publish(CaseEnded(step.case_id, str(machine.outcome), step.now))


def _require_rulings(step: Step) -> None:
    """Refuse to leave the handling, or to end, while a ruling is outstanding: an upheld one must find what it voids."""
    machine = step.machine
    appealed = any(step.node(element).act == "rule_appeal" for element in machine.open_tasks())
    if (appealed and not machine.signals()) or (machine.outcome and not machine.is_ended):
        raise AppealStillOpen("还有复核或延期申请没有裁定，裁定之后才能这样做。")


def iso(moment: datetime) -> str:
    """Return an instant as variables keep it."""
    return moment.astimezone(UTC).isoformat()
