"""The engine alone: one human step of ours beside stock, fifty reopenings, and the state of running cases.

python -m bench.engine stock|ours REPETITIONS      prints seconds a step, one figure a repetition
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import mean, median
from typing import Any

from app.config import ROOT
from app.programmes.bundle import SHIPPED, Bundle, read_bundle
from bench.walk import KEPT, machine_of, move, start

Script = list[tuple[str, dict[str, Any]]]

# A GC case of 14 human steps: filed, returned, sent on, a ledger, revisited, and a second round.
FOURTEEN: Script = [
    ("file", {}),
    (">bounce", {"bounces": 1}),
    ("resend", {}),
    ("contact", {}),
    ("verify", {"handling": "complex"}),
    ("ledger", {}),
    ("rectify_complex", {}),
    ("answer", {}),
    ("revisit", {"result": "not_fixed"}),
    ("contact", {}),
    ("verify", {"handling": "clear"}),
    ("rectify_clear", {}),
    ("answer", {}),
    ("revisit", {"result": "fixed"}),
]
# One more round of an XS case, with an appeal that is refused and an extension that is granted.
REOPENING: Script = [
    (">appeal", {}),
    ("verify", {"handling": "complex"}),
    (">extension", {}),
    ("rule_extension", {"granted": True}),
    ("rule_appeal", {"upheld": False}),
    ("rectify_complex", {}),
    ("answer", {}),
    ("report", {}),
    (">draw", {"drawn": True}),
    ("revisit", {"result": "not_fixed"}),
]
REOPENINGS = 50
PROGRAMMES = ("gc", "zb", "sx", "xs", "hk")


class Walked:
    """One instance, stored as text between all steps."""

    def __init__(self, bundle: Bundle, make: Callable[..., Any]) -> None:
        self.bundle, self._make = bundle, make
        machine, self.host, self.variables = start(bundle, make)
        self.stored = json.dumps(machine.dump())

    def step(self, what: str, values: dict[str, Any]) -> float:
        """Restore, act, run on, store; return the seconds it took."""
        self.host.now += timedelta(hours=1)
        moment = self.host.now.isoformat()
        came = {name: moment for name in self.host.names if name.endswith("_at") and name not in KEPT and name != "refused_at"}
        came |= {"bounced_at": moment} if what == ">bounce" else {}
        began = time.perf_counter()
        machine = self._make(self.bundle.program, self.host, self.variables, json.loads(self.stored))
        self.variables.update(came | values)
        machine.send(what[1:]) if what[0] == ">" else machine.complete(what)
        machine.run()
        self.stored = json.dumps(machine.dump())
        taken = time.perf_counter() - began
        self.ended = machine.is_ended
        return taken


def seconds_a_step(kind: str, repetitions: int) -> Iterator[float]:
    """Yield the mean of the 14 steps, for one case after another."""
    bundle, make = read_bundle(SHIPPED / "gc"), machine_of(kind)
    for repetition in range(repetitions + 1):
        case = Walked(bundle, make)
        taken = [case.step(*each) for each in FOURTEEN]
        if not case.ended:
            raise RuntimeError("the case did not end")
        if repetition:  # The first warms up.
            yield mean(taken)


class Engine:
    """An engine in a process of its own: ours patches the whole process."""

    def __init__(self, kind: str) -> None:
        command = [sys.executable, "-m", "bench.engine", kind]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def measure(self, repetitions: int) -> list[float]:
        """Ask for some more repetitions."""
        print(repetitions, file=self._process.stdin, flush=True)
        return list(json.loads(self._process.stdout.readline()))  # type: ignore[union-attr]  # it has a pipe

    def close(self) -> None:
        """Let the process end."""
        self._process.communicate()


@contextmanager
def engine(kind: str) -> Iterator[Engine]:
    """Run an engine for as long as it is needed."""
    running = Engine(kind)
    try:
        yield running
    finally:
        running.close()


def compare(turns: int = 8) -> dict[str, float]:
    """Measure both engines in turns on this machine; return milliseconds a step and their ratio."""
    with engine("stock") as stock, engine("ours") as ours:
        pairs = [(stock.measure(2), ours.measure(10)) for _ in range(turns)]
    slow, fast = (median(each for pair in pairs for each in pair[side]) * 1000 for side in (0, 1))
    return {"stock_ms": round(slow, 3), "ours_ms": round(fast, 3), "ratio": round(fast / slow, 4)}


def reopen_growth(repetitions: int = 15) -> dict[str, float]:
    """Return what the first and the fiftieth reopening of one case cost, in milliseconds, and their ratio."""
    bundle, make = read_bundle(SHIPPED / "xs"), machine_of("ours")
    costs = [_reopenings(bundle, make) for _ in range(repetitions)]
    first, last = (median(each[index] for each in costs) * 1000 for index in (0, -1))
    return {"first_ms": round(first, 3), "fiftieth_ms": round(last, 3), "growth": round(last / first, 3)}


def _reopenings(bundle: Bundle, make: Callable[..., Any]) -> list[float]:
    case = Walked(bundle, make)
    case.step("forward", {})
    for _ in range(2):  # Two rounds end by themselves; from then on the overseer decides.
        _reopen(case)
    return [_reopen(case) for _ in range(REOPENINGS)]


def _reopen(case: Walked) -> float:
    decided = case.variables["round"] >= 2
    return sum(case.step(*each) for each in [*REOPENING, *([("decide_round", {"decision": "new_round"})] if decided else [])])


def state_bytes(walks: int = 30) -> dict[str, float]:
    """Return the bytes of state and variables over running cases of all programmes, at every point of random walks."""
    make, sizes = machine_of("ours"), []
    for programme in PROGRAMMES:
        bundle = read_bundle(SHIPPED / programme)
        for seed in range(walks):
            sizes += _sizes(bundle, make, seed)
    states, variables = ([each[side] for each in sizes] for side in (0, 1))
    whole = [sum(each) for each in sizes]
    return {
        "mean": round(mean(whole)),
        "largest": max(whole),
        "state_mean": round(mean(states)),
        "variables_mean": round(mean(variables)),
        "points": len(sizes),
    }


def _sizes(bundle: Bundle, make: Callable[..., Any], seed: int) -> Iterator[tuple[int, int]]:
    chance = random.Random(seed)
    machine, host, variables = start(bundle, make)
    for _ in range(60):
        if machine.is_ended or machine.outcome:
            return
        kept = {name: value for name, value in variables.items() if value is not None}
        yield len(json.dumps(machine.dump())), len(json.dumps(kept, ensure_ascii=False).encode())
        machine = make(bundle.program, host, variables, json.loads(json.dumps(machine.dump())))
        move(machine, host, variables, chance)


if __name__ == "__main__":
    for asked in sys.stdin:
        print(json.dumps(list(seconds_a_step(sys.argv[1], int(asked)))), flush=True)
