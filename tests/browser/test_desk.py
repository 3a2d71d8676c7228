"""The service centre's desk in a browser: calling people back with single keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cases.conftest import Driver
from intake.conftest import Take, bad_review, catalogue, record, take  # noqa: F401  fixtures
from pages.test_revisits import to_revisit
from playwright.sync_api import expect
from sqlalchemy import select

from app.cases.models import Case
from app.clock import VirtualClock
from app.db import db
from app.revisits.models import Revisit
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
def due(city: None, catalogue: object, take: Take, clock: VirtualClock, make_case: Make) -> Driver:  # noqa: F811
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
