"""An agent reviews many matters on one page, with scripts off."""

from __future__ import annotations

import pytest
from flask import Flask
from intake.conftest import Take, catalogue, record, take  # noqa: F401  fixtures
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from app.catalogue.links import WINDOW, Link, sign_link
from app.cli import config
from app.db import db
from app.identity.vault import load_vault
from app.intake.models import Review
from browser.conftest import DESKTOP, PHONE, ZOOMED, Open, picture

PUBLIC_PAGE = 100_000
pytestmark = pytest.mark.usefixtures("served")


@pytest.fixture
def served(database: Flask, catalogue: object, take: Take) -> None:  # noqa: F811
    assert take("records", *(record(programme="xs", projectNo=f"XS2025040100{n:02d}") for n in range(30))).refused == []


def window() -> str:
    return "/r/" + sign_link(Link(WINDOW, "xs", ("window", "w1")), load_vault(config().key_file).index_key)


def test_from_the_windows_code_to_thirty_reviews(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]}, java_script_enabled=False)
    page = context.new_page()
    page.goto(site + window())
    page.get_by_label("办件编号").fill("XS202504010003")
    page.get_by_label("手机号后四位").fill("0001")
    page.get_by_role("button", name="找到我的办理").click()
    expect(page.get_by_role("heading", name="30 件还没有评价")).to_be_visible()
    page.get_by_label("没有单独选的，都评").select_option("满意")
    page.get_by_label("XS202504010003 的评价").select_option("不满意")
    page.get_by_label("还想说的").fill("材料要了两遍")
    page.get_by_role("button", name="提交选好的评价").click()
    expect(page.get_by_role("heading", name="收到 30 件")).to_be_visible()
    context.close()
    assert sorted(review.level for review in db.session.scalars(select(Review))) == [2, *[4] * 29]


@pytest.mark.parametrize(("screen", "size"), [("desktop", DESKTOP), ("zoomed", ZOOMED), ("phone", PHONE)])
def test_the_page_is_light_and_open_to_everybody(visit: Open, screen: str, size: tuple[int, int]) -> None:
    watched = visit(size=size)
    page = watched.open(window())
    page.get_by_label("办件编号").fill("XS202504010003")
    page.get_by_label("手机号后四位").fill("0001")
    watched.answers.clear()
    page.get_by_role("button", name="找到我的办理").click()
    expect(page.get_by_role("heading", name="30 件还没有评价")).to_be_visible()
    assert watched.transferred() <= PUBLIC_PAGE
    for name in ("matters", "matters-told"):
        picture(watched, f"{name}-{screen}")
        assert watched.barriers() == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], name
        if name == "matters":
            page.get_by_label("XS202504010001 的评价").select_option("非常满意")
            page.get_by_role("button", name="提交选好的评价").click()
            expect(page.get_by_role("heading", name="收到 1 件")).to_be_visible()
    assert watched.wrong == []
