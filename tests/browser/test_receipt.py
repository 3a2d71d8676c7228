"""A citizen with a receipt on a phone: without scripts from the review to the answer, and what is said afterwards."""

from __future__ import annotations

import pytest
from cases.conftest import Driver
from flask import Flask
from intake.conftest import Take, catalogue, record, take  # noqa: F401  fixtures
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from app.cases.models import Case
from app.catalogue.links import SERVICE, Link, sign_link
from app.cli import config
from app.clock import VirtualClock
from app.db import db
from app.identity.vault import load_vault
from app.revisits.models import RectificationRating
from app.supervision.models import Referral
from browser.conftest import DESKTOP, PHONE, ZOOMED, Open, picture

PUBLIC_PAGE = 100_000
pytestmark = pytest.mark.usefixtures("catalogue", "city", "served")


@pytest.fixture
def served(database: Flask, catalogue: object, take: Take) -> None:  # noqa: F811
    assert take("records", record(programme="xs")).refused == []


def address() -> str:
    return "/r/" + sign_link(Link(SERVICE, "xs", ("P1", "1")), load_vault(config().key_file).index_key)


def review(page: Page, site: str) -> str:
    """Review the service as a citizen does; return the path of the receipt."""
    page.goto(site + address())
    page.get_by_text("非常不满意").first.click()
    page.get_by_label("还想说的").fill("跑了三趟，电话 15410000001 没有人接")
    page.get_by_role("button", name="提交评价").click()
    expect(page.get_by_text("已收到您的评价。")).to_be_visible()
    return page.url.removeprefix(site).partition("?")[0]


def answer(clock: VirtualClock) -> None:
    case = Driver(db.session.scalars(select(Case.id)).one(), "xs", clock)
    case.do("forward", department="rated")
    case.do("verify")
    case.do("rectify_clear")
    case.do(
        "answer",
        found="当天办理高峰，窗口少开了一个。",
        done="4月2日起增开两个窗口，并公布了排队人数。",
        basis="仍有疑问请拨打 12345。",
    )


def test_from_the_review_to_the_answer_with_scripts_off(browser: Browser, site: str, clock: VirtualClock) -> None:
    context = browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]}, java_script_enabled=False)
    page = context.new_page()
    path = review(page, site)
    expect(page.locator("[aria-current=step]")).to_have_text("已收到")
    answer(clock)
    page.goto(site + path)
    expect(page.get_by_text("增开两个窗口")).to_be_visible()
    page.get_by_text("基本满意").first.click()
    page.get_by_role("button", name="提交对整改的评价").click()
    expect(page.get_by_text("您对整改的评价：基本满意")).to_be_visible()
    page.get_by_text("我因为评价受到了压力").click()
    page.get_by_label("发生了什么").fill("窗口的人打电话来问是不是我评的")
    page.get_by_role("button", name="告诉监督单位").click()
    expect(page.get_by_role("status")).to_have_text("已收到。")
    context.close()
    assert [each.level for each in db.session.scalars(select(RectificationRating))] == [3]
    assert [each.kind for each in db.session.scalars(select(Referral))] == ["reprisal"]


@pytest.mark.parametrize(("screen", "size"), [("desktop", DESKTOP), ("zoomed", ZOOMED), ("phone", PHONE)])
def test_the_receipt_is_light_and_open_to_everybody(visit: Open, clock: VirtualClock, screen: str, size: tuple[int, int]) -> None:
    watched = visit(size=size)
    path = review(watched.page, watched.site)
    picture(watched, f"receipt-new-{screen}")
    answer(clock)
    page = watched.open(path)
    for summary in page.locator("summary").all():
        if summary.is_visible():
            summary.click()
    picture(watched, f"receipt-{screen}")
    assert watched.barriers() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    touched = page.locator("main a, main button, main summary, main label.check").all()
    assert min(each.bounding_box()["height"] for each in touched if each.is_visible()) >= 44
    assert watched.transferred() <= PUBLIC_PAGE
    assert watched.wrong == []
