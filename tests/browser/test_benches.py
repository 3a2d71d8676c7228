"""The benches of lead department, overseer and window staff in a browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from cases.conftest import OTHER, RATED, Driver, account_row, handling, person, rows
from intake.conftest import Take, bad_review, record
from playwright.sync_api import expect
from sqlalchemy import insert, select

from app.appeals.applying import add_evidence, apply_for_review
from app.cases.bounces import return_case
from app.cases.incidents import close_incidents, open_incident
from app.cases.models import Case, CaseDeadline
from app.casework.objections import object_to_day
from app.clock import VirtualClock
from app.db import db, unit_of_work
from app.errors import Conflict
from app.identity.actor import Actor, Role
from app.identity.models import Account
from app.supervision.referrals import store_referral
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


@pytest.fixture
def supervised(appealed: Driver) -> Driver:
    """The same, with steps that are late by then, an objection to a counted day, and a case that stands still."""
    head = person("xs", RATED)
    limit = rows(CaseDeadline, case_id=appealed.case_id, element="verify", status="running")[0].id
    appealed.act(lambda step: object_to_day(step, head, limit, date(2025, 4, 2), "当天全市停电，窗口没有办公"), head)
    for each in db.session.scalars(select(Case.id)).all():
        Driver(each, "xs", appealed.clock).at("2025-04-08 09:00")
        Driver(each, "xs", appealed.clock).tick()
    with unit_of_work():
        open_incident(appealed.case_id, Conflict("下一步没有承办部门。"), appealed.clock.moment)
    return appealed


OVERSEER, AUDITOR = "xs.xs-affairs-centre.handler", "xs.auditor"


def test_an_objection_is_answered_at_the_board(supervised: Driver, visit: Open) -> None:
    with unit_of_work():
        close_incidents(supervised.case_id, "1", supervised.clock.moment)
    watched = visit(OVERSEER)
    page = watched.open("/inbox")
    page.get_by_role("navigation", name="主导航").get_by_role("link", name="督办").click()
    page.get_by_text("答复…").click()
    page.get_by_role("radio", name="不成立").check()
    page.get_by_label("答复必填").fill("当天各窗口正常办公，有排班表")
    page.get_by_role("button", name="答复异议").click()
    expect(page.get_by_role("status")).to_contain_text("已答复")
    assert watched.wrong == []


@pytest.mark.parametrize(("screen", "size"), SCREENS)
def test_the_board_is_open_to_everybody(supervised: Driver, visit: Open, screen: str, size: tuple[int, int]) -> None:
    watched = visit(OVERSEER, size)
    watched.open("/board")
    assert_open_to_everybody(watched, f"board-{screen}", size)


def test_a_matter_is_referred_and_answered(supervised: Driver, visit: Open) -> None:
    number = supervised.case.number
    with unit_of_work() as session:
        close_incidents(supervised.case_id, "1", supervised.clock.moment)
        session.execute(insert(Account), account_row("xs", "xs-discipline", "auditor") | {"login": AUDITOR})
    overseer = visit(OVERSEER)
    page = overseer.open("/referrals")
    page.get_by_label("工单号必填").fill(number)
    page.get_by_label("移交的理由").fill("窗口人员收受评价人购物卡")
    page.get_by_role("button", name="移交线索").click()
    expect(page.get_by_role("status")).to_contain_text("已移交")
    auditor = visit(AUDITOR)
    page = auditor.open("/referrals")
    page.get_by_text("记录办理结果…").click()
    page.get_by_label("办理结果必填").fill("已立案查处")
    page.get_by_role("button", name="记录办理结果").click()
    expect(page.get_by_role("status")).to_contain_text("已记录办理结果")
    assert (overseer.wrong, auditor.wrong) == ([], [])


@pytest.mark.parametrize(("screen", "size"), SCREENS)
def test_referrals_and_requests_are_open_to_everybody(
    supervised: Driver, visit: Open, screen: str, size: tuple[int, int]
) -> None:
    with unit_of_work():
        store_referral(
            supervised.case_id, "xs", "reprisal", "评价后被窗口人员打电话要求改评价。", "reviewer", supervised.clock.moment
        )
    watched = visit(OVERSEER, size)
    watched.open("/referrals")
    assert_open_to_everybody(watched, f"referrals-{screen}", size)
    page = watched.open("/requests")
    page.get_by_label("登记的电话").fill("15410000001")
    page.get_by_role("radio", name="查阅").check()
    page.get_by_role("button", name="登记请求").click()
    expect(page.get_by_role("status")).to_contain_text("已登记")
    assert_open_to_everybody(watched, f"requests-{screen}", size)
    page.get_by_text("显示所存信息，交给本人…").click()
    page.get_by_role("button", name="显示所存信息，交给本人").click()
    expect(page.get_by_text("15410000001")).to_be_visible()
    assert_open_to_everybody(watched, f"held-{screen}", size)


@pytest.fixture
def rated(appealed: Driver) -> Driver:
    """The same, with the window person whom it rates."""
    with unit_of_work() as session:
        session.execute(insert(Account), account_row("xs", RATED, "window") | {"login": WINDOW, "staff": "s1"})
    return appealed


WINDOW = "xs.window"


def test_window_staff_say_that_it_was_not_them(rated: Driver, visit: Open) -> None:
    watched = visit(WINDOW)
    page = watched.open("/home")
    page.get_by_text("评价的不是我…").click()
    page.get_by_label("写明情况必填").nth(1).fill("当天我休假，由同事顶岗")
    page.get_by_role("button", name="请监督单位核对").click()
    expect(page.get_by_role("status")).to_contain_text("已告诉监督单位")
    overseer = visit(OVERSEER)
    page = overseer.open("/board")
    expect(page.get_by_text("当天我休假，由同事顶岗")).to_be_visible()
    page.get_by_text("答复无误…").click()
    page.get_by_label("为什么没有认错").fill("叫号系统记录是您受理的")
    page.get_by_role("button", name="答复评价对象无误").click()
    expect(page.get_by_role("status")).to_be_visible()
    assert (watched.wrong, overseer.wrong) == ([], [])


@pytest.mark.parametrize(("screen", "size"), SCREENS)
def test_ones_own_ratings_are_open_to_everybody(rated: Driver, visit: Open, screen: str, size: tuple[int, int]) -> None:
    watched = visit(WINDOW, size)
    page = watched.open("/my-ratings")
    page.get_by_text("举证、申辩…").click()
    assert_open_to_everybody(watched, f"my-ratings-{screen}", size)
