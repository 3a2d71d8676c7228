"""科内: loads as they are, everything handed over, and who stands in."""

from __future__ import annotations

from collections.abc import Callable

from cases.conftest import RATED, Driver, handling

from app.clock import VirtualClock
from app.identity.actor import Role
from pages.conftest import Visit, text_of

Make = Callable[..., Driver]
HANDLER, SECOND, HEAD = (f"xs.{RATED}.{role}" for role in ("handler", "handler2", "head"))


def test_loads_are_told_per_person_and_what_nobody_has_taken(make_case: Make, visit: Visit) -> None:
    taken, free = handling(make_case), handling(make_case)
    visit(Role.HANDLER, login=HANDLER).post("/inbox/tasks", take_one=f"{taken.case.number}/verify")
    said = text_of(visit(Role.HEAD, login=HEAD).get("/team"))
    assert "张三 承办人 1 — 1 —" in said
    assert "待认领 1 — 1 —" in said
    free.at("2025-04-03 09:00")
    assert "张三 承办人 1 1 — —" in text_of(visit(Role.HEAD, login=HEAD).get("/team"))


def test_everything_is_handed_over_by_the_person_or_the_head(make_case: Make, visit: Visit) -> None:
    case = handling(make_case)
    mine = visit(Role.HANDLER, login=HANDLER)
    mine.post("/inbox/tasks", take_one=f"{case.case.number}/verify")
    refused = visit(Role.HANDLER, login=SECOND).post("/team/handovers", **{"from": HANDLER, "to": SECOND})
    assert refused.status_code == 403
    assert "只有本人或本单位负责人可以移交待办" in text_of(refused)
    assert mine.post("/team/handovers", **{"from": HANDLER, "to": SECOND}).status_code == 303
    assert case.open_tasks()["verify"].owner == SECOND


def test_a_substitute_is_appointed_for_days_and_ended(visit: Visit, make_case: Make, clock: VirtualClock) -> None:
    handling(make_case)
    mine = visit(Role.HANDLER, login=HANDLER)
    assert "请选代办的第一天和最后一天" in text_of(mine.post("/team/substitutes", substitute=SECOND))
    days = {"from_on": "2025-04-01", "until_on": "2025-04-03"}
    assert mine.post("/team/substitutes", substitute=SECOND, **days).status_code == 303
    assert "04-01 至 04-03 张三休假，张三代办 提前结束" in text_of(mine.get("/team"))
    assert "已有代办安排" in text_of(mine.post("/team/substitutes", substitute=SECOND, **days))
    assert mine.post("/team/substitutes/1/end").status_code == 303
    assert "没有代班安排" in text_of(mine.get("/team"))
    assert visit(Role.LEADER).get("/team").status_code == 403
