"""The benches of lead department, overseer and window staff in a browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cases.conftest import OTHER, RATED, Driver, handling, person
from intake.conftest import Take, bad_review, record
from playwright.sync_api import expect
from sqlalchemy import select

from app.appeals.applying import add_evidence, apply_for_review
from app.cases.bounces import return_case
from app.cases.models import Case
from app.clock import VirtualClock
from app.db import db
from app.identity.actor import Actor, Role
from browser.conftest import Open
from browser.test_desk import SCREENS, assert_open_to_everybody

Make = Callable[..., Driver]


@pytest.fixture
def bounced(city: None, catalogue: object, take: Take, clock: VirtualClock, make_case: Make) -> Driver:
    """A case of XS with all that a reviewer says, that came back once, before some that came in."""
    take("records", record(programme="xs"))
    take("reviews", bad_review(programme="xs"))
    case = Driver(db.session.scalars(select(Case.id)).one(), "xs", clock)
    case.do(next(iter(case.open_tasks())), department=RATED)
    case.at("2025-04-01 15:20")
    returning = person("xs", RATED)
    case.act(lambda step: return_case(step, returning, "职责规定第三条：异地就医备案由医保经办机构受理"), returning)
    for _ in range(3):
        make_case()
    return case


def test_a_case_is_passed_on_by_name(bounced: Driver, visit: Open) -> None:
    element, task = next(iter(bounced.open_tasks().items()))
    watched = visit(f"xs.{task.department}.handler")
    page = watched.open("/inbox")
    page.get_by_role("navigation", name="主导航").get_by_role("link", name="转办").click()
    page.get_by_role("link", name="异地就医备案").click()
    page.wait_for_url(f"**/forwarding/{bounced.case.number}/{element}")
    expect(page.get_by_text("用时")).to_be_visible()
    page.get_by_role("combobox").select_option(label=OTHER)
    page.get_by_role("button", name="转给所选单位").click()
    page.wait_for_url(f"**?done={bounced.case.number}")
    expect(page.get_by_role("status")).to_contain_text("已转办")
    assert bounced.case.department == OTHER
    assert watched.wrong == []


@pytest.mark.parametrize(("screen", "size"), SCREENS)
def test_passing_on_is_open_to_everybody(bounced: Driver, visit: Open, screen: str, size: tuple[int, int]) -> None:
    element, task = next(iter(bounced.open_tasks().items()))
    watched = visit(f"xs.{task.department}.handler", size)
    watched.open("/forwarding")
    assert_open_to_everybody(watched, f"forwarding-{screen}", size)
    watched.open(f"/forwarding/{bounced.case.number}/{element}")
    assert_open_to_everybody(watched, f"forward-{screen}", size)


@pytest.fixture
def appealed(city: None, catalogue: object, take: Take, clock: VirtualClock, make_case: Make) -> Driver:
    """A case of XS whose department and staff have spoken against its rating."""
    take("records", record(programme="xs"))
    take("reviews", bad_review(programme="xs"))
    case = Driver(db.session.scalars(select(Case.id)).one(), "xs", clock)
    case.do(next(iter(case.open_tasks())), department=RATED)
    head, staff = person("xs", RATED, "head"), Actor("77", Role.WINDOW, "xs", RATED, staff="s1")
    case.act(lambda step: step.change(rated_staff="s1"))
    case.act(
        lambda step: apply_for_review(
            step, head, "差评是否采纳", "当天窗口没有这笔业务，评价人去的是医院的便民点。", "情况属实，建议不采纳。"
        ),
        head,
    )
    case.act(lambda step: add_evidence(step, staff, "我那天不当班，排班表可查。"), staff)
    other = handling(make_case)
    other.act(lambda step: apply_for_review(step, head, "差评是否采纳", "没有办过", "属实"), head)
    other.do("rule_appeal")
    handling(make_case).act(lambda step: apply_for_review(step, head, "差评是否采纳", "没有办过", "属实"), head)
    return case


def test_two_persons_rule(appealed: Driver, visit: Open) -> None:
    department = appealed.open_tasks()["rule_appeal"].department
    first = visit(f"xs.{department}.handler")
    page = first.open("/rulings")
    page.get_by_role("link", name="异地就医备案").click()
    page.get_by_role("radio", name="是 评价不予采纳").check()
    page.get_by_label("认定理由").fill("排班表与叫号记录相符")
    page.get_by_role("radio", name="未发生服务").check()
    page.get_by_role("button", name="提交裁定，待第二人确认").click()
    page.wait_for_url(f"**?done={appealed.case.number}")
    second = visit(f"xs.{department}.head")
    page = second.open(f"/rulings/{appealed.case.number}/rule_appeal")
    page.get_by_role("button", name="确认裁定，即时生效").click()
    page.wait_for_url(f"**?done={appealed.case.number}")
    assert appealed.case.voided_at is not None
    assert (first.wrong, second.wrong) == ([], [])


@pytest.mark.parametrize(("screen", "size"), SCREENS)
def test_ruling_is_open_to_everybody(appealed: Driver, visit: Open, screen: str, size: tuple[int, int]) -> None:
    watched = visit(f"xs.{appealed.open_tasks()['rule_appeal'].department}.handler", size)
    watched.open("/rulings")
    assert_open_to_everybody(watched, f"rulings-{screen}", size)
    page = watched.open(f"/rulings/{appealed.case.number}/rule_appeal")
    assert_open_to_everybody(watched, f"ruling-{screen}", size)
    page.get_by_role("radio", name="是 评价不予采纳").check()
    page.get_by_role("radio", name="未发生服务").check()
    page.get_by_label("认定理由").fill("排班表与叫号记录相符")
    page.get_by_role("button", name="提交裁定，待第二人确认").click()
    page.wait_for_url(f"**?done={appealed.case.number}")
    watched.open(f"/rulings/{appealed.case.number}/rule_appeal")
    assert_open_to_everybody(watched, f"ruling-second-{screen}", size)
