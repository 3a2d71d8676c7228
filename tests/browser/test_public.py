"""A citizen with a phone: from the link to a case, without scripts, without waiting, without an account."""

from __future__ import annotations

import pytest
from flask import Flask
from intake.conftest import Take, catalogue, record, take  # noqa: F401  fixtures
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from app.cases.models import Case
from app.catalogue.links import SERVICE, WINDOW, Link, sign_link
from app.cli import config
from app.db import db
from app.identity.vault import load_vault
from browser.conftest import DESKTOP, PHONE, ZOOMED, Open, picture

PUBLIC_PAGE = 100_000
pytestmark = pytest.mark.usefixtures("catalogue", "served")


@pytest.fixture
def served(database: Flask, catalogue: object, take: Take) -> None:  # noqa: F811
    assert take("records", record(programme="xs")).refused == []
    take("catalogue", {"programme": "xs", "kind": "channel", "code": "scan", "name": "窗口扫码", "detail": "voice"})


def address(kind: str, *parts: str) -> str:
    return "/r/" + sign_link(Link(kind, "xs", parts), load_vault(config().key_file).index_key)


@pytest.mark.clause("C4")
def test_from_the_code_at_the_window_to_a_case_with_scripts_off(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]}, java_script_enabled=False)
    page = context.new_page()
    page.goto(site + address(WINDOW, "window", "w1"))
    page.get_by_label("办件编号").fill("P1")
    page.get_by_label("手机号后四位").fill("0001")
    page.get_by_role("button", name="找到我的办理").click()
    expect(page.get_by_role("heading", name="异地就医备案")).to_be_visible()
    page.get_by_text("非常不满意").first.click()
    page.get_by_text("需提供办事指南之外的申报材料").click()
    page.get_by_text("更多").locator("visible=true").click()
    page.get_by_text("服务态度差效率低").click()
    page.get_by_label("还想说的").fill("跑了三趟")
    page.get_by_role("button", name="提交评价").click()
    expect(page.get_by_text("已收到您的评价。")).to_be_visible()
    expect(page.get_by_role("heading", name="办得怎么样")).to_be_visible()
    context.close()
    assert [case.record for case in db.session.scalars(select(Case))] == ["P1"]


def test_only_the_reasons_of_the_chosen_level_are_asked_for(visit: Open) -> None:
    page = visit(size=PHONE).open(address(SERVICE, "P1", "1"))
    expect(page.get_by_text("服务热情效率高")).to_be_hidden()
    page.get_by_text("非常不满意").first.click()
    expect(page.locator(".reasons.of1")).to_be_visible()
    expect(page.locator(".reasons.of5")).to_be_hidden()
    page.get_by_text("满意", exact=True).first.click()
    expect(page.locator(".reasons.of1")).to_be_hidden()


@pytest.mark.parametrize(("screen", "size"), [("desktop", DESKTOP), ("zoomed", ZOOMED), ("phone", PHONE)])
def test_the_publics_pages_are_light_and_open_to_everybody(visit: Open, screen: str, size: tuple[int, int]) -> None:
    service = address(SERVICE, "P1", "1")
    places = {
        "review": service,
        "review-large": f"{service}?large=1",
        "window": address(WINDOW, "window", "w1"),
    }
    for name, path in places.items():
        watched = visit(size=size)
        page = watched.open(path)
        if name == "review":
            page.get_by_text("不满意", exact=True).first.click()
        picture(watched, f"{name}-{screen}")
        assert watched.barriers() == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], f"{name} scrolls sideways"
        assert watched.transferred() <= PUBLIC_PAGE, name
        assert watched.wrong == [], name


def test_in_large_type_one_answers_a_question_a_screen_with_scripts_off(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]}, java_script_enabled=False)
    page = context.new_page()
    page.goto(site + address(SERVICE, "P1", "1"))
    page.get_by_role("link", name="大字版").click()
    row = page.locator("label", has_text="非常不满意")
    assert (row.bounding_box() or {})["height"] >= 72
    row.click()
    page.get_by_role("button", name="下一步：说说原因").click()
    page.get_by_text("需提供办事指南之外的申报材料").click()
    page.get_by_role("button", name="下一步：还想说的").click()
    page.get_by_role("button", name="上一步").click()
    expect(page.get_by_label("需提供办事指南之外的申报材料")).to_be_checked()
    page.get_by_role("button", name="下一步：还想说的").click()
    page.get_by_label("还想说的").fill("跑了三趟")
    page.get_by_role("button", name="下一步：窗口人员").click()
    page.get_by_role("button", name="提交评价").click()
    expect(page.get_by_text("已收到您的评价。")).to_be_visible()
    context.close()
    assert [case.record for case in db.session.scalars(select(Case))] == ["P1"]


@pytest.mark.parametrize(("screen", "size"), [("desktop", DESKTOP), ("zoomed", ZOOMED), ("phone", PHONE)])
def test_every_screen_of_large_type_is_light_and_open_to_everybody(visit: Open, screen: str, size: tuple[int, int]) -> None:
    watched = visit(size=size)
    page = watched.open(address(SERVICE, "P1", "1") + "?large=1")
    for name, onward in (("level", "说说原因"), ("reason", "还想说的"), ("words", "窗口人员"), ("staff", None)):
        if name == "level":
            page.get_by_text("不满意", exact=True).click()
        if name == "reason":
            page.locator("label.tag").first.click()
        picture(watched, f"large-{name}-{screen}")
        assert watched.barriers() == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], name
        assert watched.transferred() <= PUBLIC_PAGE, name
        if onward:
            watched.answers.clear()
            with page.expect_navigation():
                page.get_by_role("button", name=onward).click()
    assert watched.wrong == []


def test_it_is_read_aloud_only_where_there_is_a_chinese_voice(visit: Open) -> None:
    watched = visit(size=PHONE)
    page = watched.open(address(SERVICE, "P1", "1") + "?large=1")
    expect(page.get_by_role("button", name="读给我听")).to_be_hidden()
    page.add_init_script(
        "window.said = []; speechSynthesis.getVoices = () => [{ lang: 'zh-CN' }];"
        "speechSynthesis.speak = (it) => said.push(it.text);"
        "window.SpeechSynthesisUtterance = function (text) { this.text = text; };"
    )
    page.reload()
    page.get_by_role("button", name="读给我听").click()
    assert page.evaluate("said[0]").startswith("办得怎么样？。非常满意。满意")
    assert watched.wrong == []
