"""A window's evaluator in a real browser: it comes up by itself, warns before it goes, and takes an answer by touch."""

from __future__ import annotations

import pytest
from intake.conftest import Take, catalogue, record, take  # noqa: F401  fixtures
from playwright.sync_api import expect
from sqlalchemy import select

from app.catalogue.links import EVALUATOR, Link, sign_link
from app.cli import config
from app.db import db
from app.identity.vault import load_vault
from app.intake.models import Review
from browser.conftest import PHONE, ZOOMED, Open, picture

KIOSK = (1280, 800)
PUBLIC_PAGE = 100_000
pytestmark = pytest.mark.usefixtures("catalogue")


def address() -> str:
    return "/kiosk/" + sign_link(Link(EVALUATOR, "xs", ("w1",)), load_vault(config().key_file).index_key)


@pytest.mark.clause("C4")
def test_it_comes_up_when_a_record_arrives_and_goes_back_afterwards(visit: Open, take: Take) -> None:  # noqa: F811
    watched = visit(size=KIOSK)
    page = watched.open(address())
    expect(page.get_by_role("heading", name="欢迎评价")).to_be_visible()
    picture(watched, "kiosk-waits")
    assert watched.barriers() == []
    assert take("records", record(programme="xs")).refused == []
    expect(page.get_by_role("heading", name="这次服务，您满意吗？")).to_be_visible()
    picture(watched, "kiosk-asks")
    assert watched.barriers() == []
    cards = page.locator(".cards button").all()
    boxes = [card.bounding_box() or {} for card in cards]
    assert (len({box["y"] for box in boxes}), min(box["height"] for box in boxes) >= 240) == (1, True)
    assert page.evaluate("document.documentElement.scrollHeight") <= KIOSK[1]
    cards[-1].click()
    page.get_by_text("需提供办事指南之外的申报材料").click()
    picture(watched, "kiosk-reasons")
    assert watched.barriers() == []
    assert page.evaluate("document.documentElement.scrollHeight") <= KIOSK[1]
    page.get_by_role("button", name="提交评价").click()
    expect(page.get_by_role("heading", name="已收到您的评价")).to_be_visible()
    expect(page.get_by_alt_text("回执二维码")).to_be_visible()
    picture(watched, "kiosk-thanks")
    assert watched.barriers() == []
    page.get_by_role("link", name="完成").click()
    expect(page.get_by_role("heading", name="欢迎评价")).to_be_visible()
    assert [(each.record, each.level) for each in db.session.scalars(select(Review))] == [("P1", 1)]
    assert watched.wrong == []


def test_it_warns_ten_seconds_before_it_goes_back(visit: Open, take: Take) -> None:  # noqa: F811
    take("records", record(programme="xs"))
    watched = visit(size=KIOSK)
    watched.page.clock.install()
    page = watched.open(address())
    expect(page.get_by_text("60 秒后返回")).to_be_visible()
    page.clock.run_for(51_000)
    expect(page.get_by_role("alertdialog")).to_be_visible()
    picture(watched, "kiosk-warns")
    page.get_by_role("button", name="再等等").click()
    expect(page.get_by_role("alertdialog")).to_be_hidden()
    page.clock.run_for(59_000)
    expect(page.get_by_role("heading", name="这次服务，您满意吗？")).to_be_visible()
    page.clock.run_for(2_000)
    expect(page.get_by_role("heading", name="欢迎评价")).to_be_visible()
    assert watched.wrong == []


@pytest.mark.parametrize(("screen", "size"), [("zoomed", ZOOMED), ("phone", PHONE)])
def test_on_other_screens_it_is_usable_too(visit: Open, take: Take, screen: str, size: tuple[int, int]) -> None:  # noqa: F811
    take("records", record(programme="xs"))
    watched = visit(size=size)
    page = watched.open(address())
    expect(page.get_by_role("heading", name="这次服务，您满意吗？")).to_be_visible()
    picture(watched, f"kiosk-{screen}")
    assert watched.barriers() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert sum((each.request.sizes()["responseBodySize"]) for each in watched.answers if "/events" not in each.url) <= PUBLIC_PAGE
    assert watched.wrong == []
