"""The desks of the service centre and of 12345 in a browser, with single keys; draws recomputed by whoever reads them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cases.conftest import RULES, Driver, account_row, to_revisit
from intake.conftest import Take, bad_review, record
from playwright.sync_api import FilePayload, expect
from revisits.conftest import call_all, freeze, members, published
from sqlalchemy import insert, select

from app.cases.models import Case
from app.clock import VirtualClock
from app.db import db, unit_of_work
from app.identity.models import Account
from app.identity.vault import Vault
from app.intake.models import Review
from app.revisits.models import Revisit
from app.revisits.recipe import check, pool_digest
from browser.conftest import DESKTOP, PHONE, ZOOMED, Open, Watched, picture

Make = Callable[..., Driver]
STAFF_PAGE = 300_000
SCREENS = [("desktop", DESKTOP), ("zoomed", ZOOMED), ("phone", PHONE)]


def assert_open_to_everybody(watched: Watched, name: str, size: tuple[int, int]) -> None:
    """The page has no barrier, does not scroll sideways, is light, and nothing went wrong on it."""
    picture(watched, name)
    assert watched.barriers() == [], name
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= size[0], f"{name} scrolls sideways"
    assert watched.transferred() <= STAFF_PAGE, name
    assert watched.wrong == [], name


@pytest.fixture
def due(city: None, catalogue: object, take: Take, clock: VirtualClock, make_case: Make) -> Driver:
    """A case of HK with all that a reviewer says, to be called back before some others."""
    take("records", record(programme="hk"))
    take("reviews", bad_review(programme="hk"))
    case = Driver(db.session.scalars(select(Case.id)).one(), "hk", clock)
    case.do(next(iter(case.open_tasks())), department="rated")
    to_revisit(case)
    for _ in range(3):
        to_revisit(make_case("hk"))
    return case


def caller_of(case: Driver) -> str:
    return f"hk.{case.open_tasks()['revisit'].department}.handler"


@pytest.mark.clause("HK 5", "L4")
def test_a_reviewer_is_called_and_the_case_sent_back_with_the_keyboard(due: Driver, visit: Open) -> None:
    watched = visit(caller_of(due))
    page = watched.open("/inbox")
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.wait_for_url(f"{watched.site}/revisits")
    page.get_by_role("link", name="异地就医备案").click()
    page.get_by_text("拨打并显示号码").click()
    page.get_by_role("button", name="查看 60 秒").click()
    expect(page.get_by_role("link", name="15410000001")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("y")
    page.keyboard.press("2")
    expect(page.get_by_role("radio", name="未解决")).to_be_checked()
    button = page.get_by_role("button", name="记录并退回整改")
    expect(button).to_be_visible()
    page.keyboard.press("1")
    expect(page.get_by_role("button", name="记录回访结果")).to_be_visible()
    page.keyboard.press("2")
    page.get_by_label("告知了哪些处理").fill("1 2 q")
    expect(page.get_by_role("radio", name="未解决")).to_be_checked()
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/revisits/*?done=*")
    expect(page.get_by_role("status")).to_contain_text("已记录")
    assert [(each.result, each.told) for each in db.session.scalars(select(Revisit))] == [("not_fixed", "1 2 q")]
    assert due.case.round == 2
    assert watched.wrong == []


@pytest.mark.parametrize(("screen", "size"), SCREENS)
def test_the_bench_is_open_to_everybody(due: Driver, visit: Open, screen: str, size: tuple[int, int]) -> None:
    watched = visit(caller_of(due), size)
    watched.open("/revisits")
    assert_open_to_everybody(watched, f"revisits-{screen}", size)
    page = watched.open(f"/revisits/{due.case.number}")
    page.get_by_role("radio", name="未解决").check()
    assert_open_to_everybody(watched, f"revisit-{screen}", size)


@pytest.mark.parametrize(("screen", "size"), SCREENS)
def test_the_call_of_a_drawn_case_is_open_to_everybody(
    month: Callable[..., list[Driver]], clock: VirtualClock, vault: Vault, visit: Open, screen: str, size: tuple[int, int]
) -> None:
    month()
    freeze(clock, vault)
    watched = visit("xs.xs-affairs-centre.handler", size)
    watched.open(f"/revisits/{members(status='drawn')[0].number}")
    assert_open_to_everybody(watched, f"revisit-drawn-{screen}", size)


@pytest.fixture
def drawn(month: Callable[..., list[Driver]], clock: VirtualClock, vault: Vault) -> Path:
    """April's draw, whose calls are over."""
    cases = month()
    freeze(clock, vault)
    call_all(clock, vault, cases, unreachable=1)
    return Path("/draws/2025-04")


def tampered(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what somebody might do to a published draw."""
    drawn = next(number for number, status in body["members"].items() if status == "made")
    spared = next(number for number, status in body["members"].items() if status == "spared")
    yield "应回访", body | {"members": body["members"] | {drawn: "spared", spared: "made"}}
    yield "随机数与事先公布的摘要不符", body | {"secret": "ff" * 32}
    smaller = {department: numbers[1:] for department, numbers in body["pool"].items()}
    yield "名单池与冻结时公布的摘要不符", body | {"pool": smaller}
    yield "应回访", body | {"share": "1/2"}
    yield "不是一份抽取公示文件", {"secret": body["secret"]}


@pytest.mark.clause("XS 6")
def test_a_browser_recomputes_a_right_draw_and_finds_each_tampered_one(
    drawn: Path,
    vault: Vault,
    visit: Open,
) -> None:
    watched = visit("xs.rated-department.leader")
    page = watched.open(str(drawn))
    page.get_by_role("button", name="在浏览器里重算一遍").click()
    verdict = page.locator("[data-verdict]")
    expect(verdict).to_contain_text("本期核验通过")
    picture(watched, "draw-checked")
    body = published(vault)
    odd = {"departement-b": body["pool"]["rated-department"], "部门10": ["XS-2025-1"], "部门2": [], "10": ["X-9"], "9": ["X-8"]}
    odd_members = {number: "made" for numbers in odd.values() for number in numbers} | body["members"]
    for share in ("1", "0.5", "1/3"):
        case = body | {"pool": odd, "pool_digest": pool_digest(odd), "members": odd_members, "share": share}
        page.get_by_label("核验别处得到的公示文件").set_input_files(files=[payload("odd.json", case)])
        problems = check(case)
        expect(verdict).to_contain_text("odd.json")
        assert verdict.locator("li").all_inner_texts() == problems
        page.get_by_label("核验别处得到的公示文件").set_input_files(files=[])
        verdict.evaluate("place => place.replaceChildren()")
    for says, changed in tampered(body):
        page.get_by_label("核验别处得到的公示文件").set_input_files(files=[payload("公示.json", changed)])
        expect(verdict).to_contain_text("公示.json 核验不通过")
        expect(verdict).to_contain_text(says)
        page.get_by_label("核验别处得到的公示文件").set_input_files(files=[])
        verdict.evaluate("place => place.replaceChildren()")
    assert watched.wrong == []


def payload(name: str, body: dict[str, Any]) -> FilePayload:
    return {"name": name, "mimeType": "application/json", "buffer": json.dumps(body, ensure_ascii=False).encode()}


@pytest.mark.parametrize(("screen", "size"), SCREENS)
def test_draws_are_open_to_everybody(drawn: Path, visit: Open, screen: str, size: tuple[int, int]) -> None:
    watched = visit("xs.rated-department.leader", size)
    watched.open("/draws")
    assert_open_to_everybody(watched, f"draws-{screen}", size)
    watched.open(str(drawn))
    assert_open_to_everybody(watched, f"draw-{screen}", size)


@pytest.fixture
def called(city: None, catalogue: object, take: Take) -> str:
    """A programme that takes calls, and a service whose person calls; the clerk's login."""
    take("catalogue", {"programme": "zb", "kind": "channel", "code": "hotline-12345", "name": "12345热线", "detail": "hotline"})
    take("records", record(), record(projectNo="P2"))
    department = RULES["zb"].lanes[RULES["zb"].overseer].code
    with unit_of_work() as session:
        session.execute(insert(Account), account_row("zb", str(department), "clerk"))
    return f"zb.{department}.clerk"


@pytest.mark.clause("C4", "X2")
def test_a_clerk_takes_a_callers_review_with_the_keyboard_alone(called: str, visit: Open) -> None:
    watched = visit(called)
    page = watched.open("/home")
    page.wait_for_load_state()
    page.keyboard.type("15410000001")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="异地就医备案").first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/hotline/reviews/*")
    page.wait_for_load_state()
    page.keyboard.press("5")
    page.keyboard.press("i")
    expect(page.get_by_role("radio", name="非常不满意")).to_be_checked()
    expect(page.get_by_role("checkbox", name="服务态度差效率低")).to_be_checked()
    expect(page.get_by_role("checkbox", name="服务热情效率高")).to_be_hidden()
    picture(watched, "call-typed")
    page.get_by_label("原话").focus()
    page.keyboard.type("q 等了两个小时")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/hotline?number=*")
    expect(page.get_by_role("status")).to_contain_text("请告诉来电人")
    assert watched.wrong == []


def test_single_keys_that_were_switched_off_choose_nothing(called: str, visit: Open) -> None:
    page = visit(called).open("/hotline")
    page.evaluate("localStorage.setItem('bihuan-no-single-keys', '1')")
    page.get_by_label("手机号或办件编号").fill("15410000001")
    page.get_by_role("button", name="查最近 30 天的办件").click()
    page.get_by_role("link", name="异地就医备案").first.click()
    page.wait_for_load_state()
    page.keyboard.press("5")
    expect(page.locator("[name=level]:checked")).to_have_count(0)


@pytest.mark.parametrize(("screen", "size"), SCREENS)
def test_the_clerks_desk_is_open_to_everybody(called: str, visit: Open, screen: str, size: tuple[int, int]) -> None:
    watched = visit(called, size)
    page = watched.open("/hotline")
    assert_open_to_everybody(watched, f"hotline-{screen}", size)
    page.get_by_label("手机号或办件编号").fill("15410000001")
    page.get_by_role("button", name="查最近 30 天的办件").click()
    page.wait_for_selector(".matters")
    assert_open_to_everybody(watched, f"hotline-found-{screen}", size)
    page.get_by_role("link", name="异地就医备案").first.click()
    page.get_by_role("radio", name="不满意").last.check()
    assert_open_to_everybody(watched, f"call-{screen}", size)


@pytest.fixture
def typist(city: None, catalogue: object, take: Take) -> str:
    """Somebody who types cards; their login."""
    take("records", record(), record(projectNo="P2"))
    return f"zb.{RULES['zb'].lanes[RULES['zb'].overseer].code}.handler"


@pytest.mark.clause("C5")
def test_two_cards_are_typed_with_the_keyboard_alone(typist: str, visit: Open) -> None:
    watched = visit(typist)
    page = watched.open("/cards")
    for number, level, count in (("P1", "1", 1), ("P2", "2", 2)):
        page.wait_for_load_state()
        page.keyboard.type(number)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/cards?*record={number}")
        page.wait_for_load_state()
        page.keyboard.press(level)
        page.keyboard.press("w")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/cards?*done={number}*")
        expect(page.get_by_role("status")).to_contain_text(f"这次已录 {count} 张")
    with unit_of_work() as session:
        kept = session.execute(select(Review.record, Review.level, Review.reasons, Review.channel).order_by(Review.id)).all()
    assert [tuple(each) for each in kept] == [("P1", 5, ["511"], "card"), ("P2", 4, ["407"], "card")]
    assert watched.wrong == []


@pytest.mark.parametrize(("screen", "size"), SCREENS)
def test_the_cards_are_open_to_everybody(typist: str, visit: Open, screen: str, size: tuple[int, int]) -> None:
    watched = visit(typist, size)
    watched.open("/cards")
    assert_open_to_everybody(watched, f"cards-{screen}", size)
    page = watched.open("/cards?way=card&record=P1")
    page.get_by_role("radio", name="不满意").last.check()
    assert_open_to_everybody(watched, f"card-{screen}", size)


@pytest.mark.parametrize(("screen", "size"), SCREENS)
def test_the_audit_is_open_to_everybody(make_case: Make, visit: Open, screen: str, size: tuple[int, int]) -> None:
    case = to_revisit(make_case("hk"))
    watched = visit(caller_of(case), size)
    watched.open("/quality")
    assert_open_to_everybody(watched, f"quality-{screen}", size)
    watched.open("/quality?kind=linked")
    assert_open_to_everybody(watched, f"quality-empty-{screen}", size)
