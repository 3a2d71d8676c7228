"""How a programme stands now, beside what was counted by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from cases.conftest import RATED, Driver, handling, to_revisit

from app.clock import VirtualClock
from app.figures.standing import standing

Make = Callable[..., Driver]


def test_nothing_is_wrong_while_all_is_in_time(make_case: Make, clock: VirtualClock) -> None:
    handling(make_case, "hk")
    to_revisit(make_case("hk"))
    now = standing("hk", clock.moment)
    assert (now.handled, now.closed, now.overdue, now.late, now.reported) == (1, 1, 0, [], [])


def test_who_is_late_since_when_and_what_went_up(make_case: Make, clock: VirtualClock) -> None:
    cases = [handling(make_case, "hk") for _ in range(2)]
    lying = make_case("hk")
    clock.set(datetime.fromisoformat("2025-04-07T09:00:00+08:00"))
    for each in (*cases, lying):
        each.tick()
    now = standing("hk", clock.moment)
    first, second = now.late
    # 核实 ended on 3 April; the 4th is a holiday, the 7th the first working day after it.
    assert (first.name, first.count, f"{first.since:%m-%d}", first.left.words) == (RATED, 2, "04-03", "超期 1 个工作日")
    assert (second.count, f"{second.since:%m-%d}", second.left.words) == (1, "04-02", "超期 2 个工作日")
    assert (now.handled, now.overdue, now.reported) == (3, 3, [])
    clock.set(datetime.fromisoformat("2025-04-11T09:00:00+08:00"))
    for each in (*cases, lying):
        each.tick()
    now = standing("hk", clock.moment)
    assert (now.overdue, now.supervised) == (3, 3)
    assert {each.number for each in now.reported} == {each.case.number for each in (*cases, lying)}
    assert now.reported[0].left.words == "督办 · 超期 6 个工作日"
    assert standing("xs", clock.moment).overdue == 0
