"""One way of walking instances, for the stock engine and for ours: same chance, same host, same clock.

python -m bench.walk stock|ours xs 7      prints what was seen after every step, one JSON object a line
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from app.cases.limits import FUNCTIONS, Rule
from app.engine.specs import Program
from app.programmes.bundle import SHIPPED, Bundle, read_bundle

START = datetime(2025, 4, 1, 1, tzinfo=UTC)
KEPT = {"received_at", "anonymous", "linked", "round", "round_at", "forwarded_at", "bounces", "bounced_at"}


class WalkHost:
    """A host in memory: every limit is one day a unit, with a ladder of four moments."""

    functions = FUNCTIONS

    def __init__(self, names: frozenset[str], variables: dict[str, Any]) -> None:
        self.names, self.variables = names, variables
        self.now = START
        self.log: list[Any] = []
        self.left: dict[str, int] = {}

    def arm(self, timer: str, limit: Rule) -> datetime | None:
        self.left[timer] = 3
        self.variables["handle_by"] = "2025-04-30"
        days = limit.limit.n if limit.limit else 2
        return self.now + timedelta(days=days + 1)

    def fire(self, timer: str, due: datetime) -> datetime | None:
        self.log.append(["fire", timer, due.isoformat()])
        self.left[timer] -= 1
        return due + timedelta(days=1) if self.left[timer] else None

    def call(self, function: str, element: str) -> None:
        self.log.append(["call", function])
        if function == "begin_round":
            self.variables |= dict.fromkeys(self.names - KEPT)
            self.variables |= {"round": (self.variables["round"] or 0) + 1, "round_at": self.now.isoformat()}
        if function == "close":
            self.variables["closed_at"] = self.now.isoformat()


def start(bundle: Bundle, make: Callable[..., Any]) -> tuple[Any, WalkHost, dict[str, Any]]:
    """Start an instance and run to its first task."""
    variables: dict[str, Any] = dict.fromkeys(bundle.variables) | {"bounces": 0, "linked": False, "anonymous": False, "round": 0}
    variables["received_at"] = START.isoformat()
    host = WalkHost(bundle.variables, variables)
    machine = make(bundle.program, host, variables)
    machine.run()
    return machine, host, variables


CHOICES = {"handling": None, "result": ["fixed", "not_fixed", "untrue"], "decision": ["new_round", "settle"]}


def answer(program: Program, element: str, chance: random.Random, host: WalkHost) -> dict[str, Any]:
    """Return the variables that completing a task sets, drawn by chance."""
    node = program.definition.nodes[element]
    values: dict[str, Any] = {}
    for field in node.form:
        if field.type == "enum":
            values[field.id] = chance.choice(CHOICES.get(field.id) or sorted(field.choices))
        elif field.type == "boolean":
            values[field.id] = chance.random() < 0.5
        elif field.type == "date":
            values[field.id] = "2025-05-01"
    moments = {
        name: host.now.isoformat()
        for name in host.names
        if name.endswith("_at") and name not in KEPT and name not in ("refused_at",)
    }
    return {name: value for name, value in (values | moments).items() if name in host.names}


def walk(bundle: Bundle, make: Callable[..., Any], seed: int, steps: int, *, store: bool = True) -> list[Any]:
    """Walk one instance by chance, stored and restored between all steps; return what was seen."""
    chance = random.Random(seed)
    machine, host, variables = start(bundle, make)
    seen = [view(machine, host, variables)]
    for _ in range(steps):
        if machine.is_ended or machine.outcome:
            break
        if store:
            machine = make(bundle.program, host, variables, machine.dump())
        move(machine, host, variables, chance)
        seen.append(view(machine, host, variables))
    return seen


def move(machine: Any, host: WalkHost, variables: dict[str, Any], chance: random.Random) -> None:
    """Make one step: time passes, a message comes, or somebody completes a task."""
    dice, tasks, messages = chance.random(), sorted(machine.open_tasks()), sorted(machine.messages())
    if "rule_appeal" in tasks:  # The service refuses to leave the handling while a ruling is outstanding.
        tasks = [each for each in tasks if each != "revisit"]
        messages = [each for each in messages if each not in {"bounce", "draw"}]
    if dice < 0.25:
        host.now += timedelta(hours=chance.randint(1, 100))
    machine.fire_due(host.now)
    if messages and (dice > 0.8 or not tasks):
        message = chance.choice(messages)
        variables |= {f"{message}ed_at": host.now.isoformat(), "extension_asked_at": host.now.isoformat()}
        variables |= {"bounced_at": host.now.isoformat(), "appealed_at": host.now.isoformat(), "drawn_at": host.now.isoformat()}
        variables |= {"drawn": chance.random() < 0.6, "bounces": (variables["bounces"] or 0) + (message == "bounce")}
        machine.send(message)
    elif tasks:
        element = chance.choice(tasks)
        variables |= answer(machine.program, element, chance, host)
        machine.complete(element)
    machine.run()


def view(machine: Any, host: WalkHost, variables: dict[str, Any]) -> Any:
    """Return all that must be equal: ready tasks, due moments, messages, variables, what the host was asked."""
    log, host.log = host.log, []
    return {
        "tasks": sorted(machine.open_tasks()),
        "timers": dict(sorted(machine.timers().items())),
        "messages": sorted(machine.messages()),
        "variables": {name: value for name, value in sorted(variables.items()) if value is not None},
        "outcome": machine.outcome,
        "ended": machine.is_ended,
        "log": log,
    }


def machine_of(kind: str) -> Callable[..., Any]:
    """Return the engine to walk with; ours patches this process, so a process walks with one only."""
    if kind == "stock":
        from bench.stock import StockMachine

        return StockMachine
    from app.engine.machine import Machine

    return Machine


def main(kind: str, programme: str, first: int, count: int) -> None:
    """Print the walks of some seeds."""
    bundle = read_bundle(SHIPPED / programme)
    make = machine_of(kind)
    for seed in range(first, first + count):
        print(json.dumps(walk(bundle, make, seed, 60), ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
