"""An administrator prints the codes of windows."""

from __future__ import annotations

import pytest
from api.conftest import As, as_  # noqa: F401  fixtures
from intake.conftest import catalogue, take  # noqa: F401  fixtures
from playwright.sync_api import expect
from sqlalchemy import select

from app.db import db
from app.identity.actor import Role
from app.identity.models import Account
from browser.conftest import DESKTOP, PHONE, ZOOMED, Open, picture

STAFF_PAGE = 300_000


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(("screen", "size"), [("desktop", DESKTOP), ("zoomed", ZOOMED), ("phone", PHONE)])
def test_an_administrator_finds_every_windows_code(visit: Open, as_: As, screen: str, size: tuple[int, int]) -> None:  # noqa: F811
    as_(Role.SYSTEM_ADMIN)
    login = db.session.scalars(select(Account.login).where(Account.role == Role.SYSTEM_ADMIN)).first()
    watched = visit(login, size)
    page = watched.open("/windows?programme=xs")
    expect(page.get_by_role("link", name="窗口码")).to_be_visible()
    expect(page.get_by_role("link", name="打印这 1 张")).to_be_visible()
    picture(watched, f"windows-{screen}")
    assert watched.barriers() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert watched.transferred() <= STAFF_PAGE
    assert watched.wrong == []
    sheets = page.request.get(watched.site + page.get_by_role("link", name="打印这 1 张").get_attribute("href"))
    assert (sheets.status, sheets.headers["content-type"]) == (200, "application/pdf")
