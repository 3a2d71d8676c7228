"""Coming in by the page: a cookie no script reads, no way in from another site, no way out to one."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from identity.conftest import PASSWORD, Make, make_account  # noqa: F401  a fixture

from app.identity.actor import Role
from app.pages.guard import COOKIE
from pages.conftest import Visit, Visitor


def test_one_is_let_in_and_back_to_where_one_wanted_to_go(database: Flask, make_account: Make) -> None:  # noqa: F811
    make_account("li")
    visitor = Visitor(database.test_client())
    sent = visitor.get("/inbox?due=over")
    assert (sent.status_code, sent.location) == (302, "/sign-in?next=/inbox?due%3Dover")
    entered = visitor.post("/sign-in", login="li", password=PASSWORD, next="/inbox?due=over")
    assert (entered.status_code, entered.location) == (302, "/inbox?due=over")
    cookie = entered.headers["Set-Cookie"]
    assert cookie.startswith(COOKIE)
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert visitor.get("/inbox").status_code == 200
    assert visitor.post("/sign-out").location == "/sign-in"
    assert visitor.get("/inbox").status_code == 302


@pytest.mark.parametrize("onward", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", ""])
def test_the_door_leads_to_no_other_site(database: Flask, make_account: Make, onward: str) -> None:  # noqa: F811
    make_account("li")
    entered = Visitor(database.test_client()).post("/sign-in", login="li", password=PASSWORD, next=onward)
    assert entered.location == "/home"


def test_who_is_not_let_in_reads_why_and_keeps_what_was_typed(database: Flask, make_account: Make) -> None:  # noqa: F811
    make_account("li")
    refused = Visitor(database.test_client()).post("/sign-in", login="li", password="not the one")
    assert refused.status_code == 401
    assert "登录名或密码不对" in refused.text
    assert 'value="li"' in refused.text
    assert "not the one" not in refused.text


@pytest.mark.parametrize("site", [None, "cross-site", "same-site", "none"])
def test_what_another_site_had_sent_changes_nothing(visit: Visit, site: str | None) -> None:
    visitor = visit()
    assert visitor.post("/sign-out", site).status_code == 403
    assert visitor.get("/inbox").status_code == 200


def test_an_older_browser_says_where_it_comes_from_by_its_origin(visit: Visit) -> None:
    visitor = visit()
    for origin, status in (("https://elsewhere.example", 403), ("http://localhost", 302)):
        assert visitor.client.post("/sign-out", headers={"Origin": origin}).status_code == status


def test_everybody_lands_on_what_they_have_to_do(city: None, visit: Visit) -> None:
    homes = {
        Role.HANDLER: "/inbox", Role.HEAD: "/inbox", Role.LEADER: "/leaders", Role.AUDITOR: "/cases", Role.CLERK: "/hotline",
        Role.WINDOW: "/my-ratings", Role.PROCESS_OWNER: "/programmes", Role.SYSTEM_ADMIN: "/health",
        Role.SECURITY_ADMIN: "/accounts", Role.AUDIT_ADMIN: "/audit",
    }  # fmt: skip
    assert set(homes) == set(Role) - {Role.SYSTEM}
    for role, place in homes.items():
        visitor = visit(role, staff="s1" if role is Role.WINDOW else None)
        assert visitor.get("/home").location == place
        page = visitor.client.get(place, follow_redirects=True)
        assert page.status_code == 200
        words = re.findall(r"</svg>([^<]+)</a>", page.text.split('aria-label="主导航"')[1].split("</nav>")[0])
        assert words[-1] == "我的"
        assert 0 <= len(words) - 1 <= 6
        assert "aria-current" in page.text.split('<header class="bar">')[1].split("</header>")[0]


def test_a_page_one_has_no_right_to_says_so_in_words(visit: Visit) -> None:
    refused = visit(Role.LEADER).get("/inbox")
    assert (refused.status_code, refused.mimetype) == (403, "text/html")
    assert "权限" in refused.text
