"""The leaders' page: the finding as its title, figures with their parts, a month in the address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from cases.conftest import RATED, Driver, handling, to_revisit

from app.clock import VirtualClock
from app.identity.actor import Role
from pages.conftest import Visit, text_of

Make = Callable[..., Driver]


@pytest.fixture
def late(make_case: Make, clock: VirtualClock) -> Driver:
    """A case of HK that RATED should have verified by 3 April; it is the 11th, and the leaders have heard."""
    case = handling(make_case, "hk")
    to_revisit(make_case("hk")).do("revisit", result="fixed")
    clock.set(datetime.fromisoformat("2025-04-11T09:00:00+08:00"))
    case.tick()
    return case


def test_the_title_says_what_is_wrong_where_and_since_when(late: Driver, visit: Visit) -> None:
    shown = text_of(visit(Role.LEADER, programme="hk").get("/leaders"))
    assert f"{RATED} 1 件超期，最早的已超期 5 个工作日" in shown
    assert "从 4 月 3 日起" in shown
    assert "按期 50% 1 / 2 件到期的 目标 100%，差 1 件" in shown
    assert "回访确认已解决 100% 1 / 1 件" in shown
    assert "不足千件，不折合每万件" in shown
    assert "报到您这里的 1 件" in shown
    assert late.case.number in shown


def test_a_month_stands_in_the_address(late: Driver, visit: Visit) -> None:
    leader = visit(Role.LEADER, programme="hk")
    march = text_of(leader.get("/leaders?month=2025-03"))
    assert "3 月到期的差评 0 件，0 件按期" in march
    assert 'href="/leaders?month=2025-02"' in leader.get("/leaders?month=2025-03").text
    for nonsense in ("2025-13", "x", "2099-01"):
        assert "2025 年 4 月" in text_of(leader.get(f"/leaders?month={nonsense}"))


def test_all_is_well_without_cases(city: None, visit: Visit) -> None:
    shown = text_of(visit(Role.LEADER, programme="hk").get("/leaders"))
    assert "没有超期，也没有在办的差评" in shown
    assert "nan" not in shown.lower()


def test_leaders_land_here_and_nobody_else_sees_it(city: None, visit: Visit) -> None:
    assert visit(Role.LEADER, programme="hk").get("/home").location == "/leaders"
    for role in (Role.HANDLER, Role.HEAD, Role.AUDITOR, Role.CLERK, Role.SYSTEM_ADMIN):
        assert visit(role, programme="hk").get("/leaders").status_code == 403
