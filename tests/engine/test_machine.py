"""What a running instance does at its edges."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.engine.errors import EngineFault, MessageNotExpected, TaskNotOpen
from app.engine.machine import Machine
from app.engine.specs import build_program
from app.programmes.bundle import SHIPPED, Bundle, read_bundle
from bench.walk import START, WalkHost, move, start, walk

XS = read_bundle(SHIPPED / "xs")


def opened(bundle: Bundle = XS) -> tuple[Machine, WalkHost, dict[str, Any]]:
    return start(bundle, Machine)


def test_a_moment_equal_to_now_has_come() -> None:
    machine, host, _ = opened()
    due = datetime.fromtimestamp(machine.timers()["forward_limit"] or 0, UTC)
    host.log.clear()
    machine.fire_due(due - timedelta(microseconds=1))
    assert host.log == []
    machine.fire_due(due)
    assert [entry[0] for entry in host.log] == ["fire"]


def test_levels_missed_while_nobody_ran_fire_in_the_order_of_their_moments_once_each() -> None:
    machine, host, _ = opened()
    host.log.clear()
    machine.fire_due(START + timedelta(days=60))
    machine.fire_due(START + timedelta(days=60))
    moments = [moment for _, _, moment in host.log]
    assert len(moments) == 3
    assert moments == sorted(moments)


def test_two_thousand_rounds_never_count_as_completed() -> None:
    machine, host, variables = opened()
    machine.complete("forward")
    machine.run()
    sizes = set()
    for _ in range(2000):
        for element in ("verify", "rectify_clear", "answer", "report"):
            variables |= {"handling": "clear", "handled_at": START.isoformat(), "handle_by": "2025-04-30"}
            machine = Machine(XS.program, host, variables, machine.dump())
            machine.complete(element)
            machine.run()
        variables |= {"drawn": True, "drawn_at": START.isoformat(), "result": "not_fixed", "decision": "new_round"}
        variables |= {"revisited_at": START.isoformat()}
        machine.send("draw")
        machine.run()
        machine.complete("revisit")
        variables["round"] = 1
        machine.run()
        assert not machine.is_ended
        assert machine.open_tasks() == {"verify"}
        sizes.add(len(json.dumps(machine.dump())))
    assert max(sizes) - min(sizes) <= 8  # moments differ by a digit, history leaves nothing


def test_a_task_is_completed_once() -> None:
    machine, _, _ = opened()
    machine.complete("forward")
    with pytest.raises(TaskNotOpen):
        machine.complete("forward")


def test_a_message_that_nothing_waits_for_is_refused() -> None:
    machine, _, _ = opened()
    with pytest.raises(MessageNotExpected):
        machine.send("appeal")


def test_a_loop_without_anybody_to_wait_for_is_stopped() -> None:
    endless = XS.diagram.decode().replace(
        'sourceRef="begin_round" targetRef="merge_in"', 'sourceRef="begin_round" targetRef="begin_round"'
    )
    program = build_program(endless.encode())
    variables: dict[str, Any] = dict.fromkeys(XS.variables) | {"round": 0, "linked": False, "received_at": START.isoformat()}
    machine = Machine(program, WalkHost(XS.variables, variables), variables)
    machine.run()
    machine.complete("forward")
    with pytest.raises(EngineFault):
        machine.run()


@pytest.mark.parametrize("programme", ["gc", "zb", "sx", "xs", "hk"])
def test_every_main_end_of_every_programme_is_reached(programme: str) -> None:
    bundle = read_bundle(SHIPPED / programme)
    ends = {node.outcome for node in bundle.program.definition.of_kind("endEvent") if node.outcome}
    reached = {walk(bundle, Machine, seed, 60)[-1]["outcome"] for seed in range(150)}
    linked = "linked"  # needs a running case of the same matter; the case tests walk there
    assert ends - {linked} <= reached


def test_state_stays_small_whatever_happened() -> None:
    chance = random.Random(3)
    sizes = []
    for _case in range(30):
        machine, host, variables = opened()
        for _ in range(40):
            if machine.outcome:
                break
            machine = Machine(XS.program, host, variables, machine.dump())
            move(machine, host, variables, chance)
            sizes.append(len(json.dumps(machine.dump())))
    assert max(sizes) < 1000
