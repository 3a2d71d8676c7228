"""Between the engine and its host: what a running instance may ask, and the variables it sees."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Protocol

from app.engine.errors import EngineFault
from app.engine.expressions import Functions, compile_expression
from app.engine.specs import Program


class Host(Protocol):
    """Whoever runs an instance: a case, a rehearsal, a test."""

    functions: Functions

    def arm(self, timer: str, limit: Any) -> datetime | None:
        """Start a limit: record it and return the first moment at which to fire, or None."""

    def fire(self, timer: str, due: datetime) -> datetime | None:
        """Record that a moment has come; return the next one, or None."""

    def call(self, function: str, element: str) -> None:
        """Do what a service task asks for."""


class Bridge:
    """Stands where SpiffWorkflow expects its script engine. No text of a diagram is Python here."""

    def __init__(self, program: Program, host: Host, variables: dict[str, Any]) -> None:
        self.program = program
        self.host = host
        self.variables = variables
        self.outcome: str | None = None

    def evaluate(self, _task: Any, expression: str, external_context: Any = None) -> Any:
        """Return the value of a condition."""
        return compile_expression(expression).evaluate(self.variables, self.host.functions)

    def arm(self, timer: str, expression: str) -> int | None:
        """Return the first moment of a limit in epoch seconds."""
        limit = compile_expression(expression).evaluate(self.variables, self.host.functions)
        return epoch(self.host.arm(timer, limit))

    def fire(self, timer: str, due: int) -> int | None:
        """Fire a limit's moment and return the next, in epoch seconds."""
        return epoch(self.host.fire(timer, datetime.fromtimestamp(due, UTC)))

    def call(self, function: str, element: str) -> None:
        """Run a service task's function."""
        self.host.call(function, element)

    def reach_end(self, element: str) -> None:
        """Note the outcome when a main end is reached; side branches end without one."""
        outcome = self.program.definition.nodes[element].outcome
        if outcome and self.outcome:
            raise EngineFault(f"流程同时到达两个结局（{self.outcome}、{outcome}）。")
        self.outcome = outcome or self.outcome

    def execute(self, *_: Any, **__: Any) -> None:
        """Refuse scripts: the linter does not let them in, and neither do we."""
        raise EngineFault("流程图里不能有脚本。")


def epoch(moment: datetime | None) -> int | None:
    """Return whole seconds since 1970; moments of limits never have fractions."""
    return None if moment is None else int(moment.timestamp())
