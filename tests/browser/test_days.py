"""The life of a bad review in every programme with nothing but the pages: from a window's code to the citizen's answer."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from cases.conftest import RULES, Driver, account_row
from flask import Flask
from intake.conftest import Take, record
from playwright.sync_api import Page, expect
from sqlalchemy import insert, select

from app.cases.models import Case, Extension
from app.catalogue.links import WINDOW, Link, sign_link
from app.clock import VirtualClock
from app.db import db, unit_of_work
from app.identity.models import Account
from app.identity.vault import Vault, load_vault
from app.jobs import work
from browser.conftest import PHONE, Open
from browser.test_office import Office, fill

RATED = "rated"
ADDED_WORDS = "跑了三趟，每次说的材料都不一样"


@pytest.fixture
def vault(database: Flask) -> Vault:
    return load_vault(database.extensions["bihuan"]["config"].key_file)


@pytest.fixture(params=RULES)
def programme(
    request: pytest.FixtureRequest, city: None, catalogue: object, take: Take, clock: VirtualClock, vault: Vault
) -> str:
    """A programme with a service at a window, the people of its department, and a draw that is committed to."""
    code = str(request.param)
    clock.set(datetime.fromisoformat("2025-03-20T09:00+08:00"))
    work.draw(clock, vault)
    clock.set(datetime.fromisoformat("2025-04-01T09:30+08:00"))
    assert take("records", record(programme=code)).refused == []
    with unit_of_work() as session:
        session.execute(insert(Account), [account_row(code, RATED, role) for role in ("handler", "head")])
    return code


def review(page: Page, site: str, programme: str, vault: Vault) -> str:
    """Scan the code of a window, find one's service, and say what went wrong; return the receipt."""
    page.goto(f"{site}/r/{sign_link(Link(WINDOW, programme, ('window', 'w1')), vault.index_key)}")
    page.get_by_label("办件编号").fill("P1")
    page.get_by_label("手机号后四位").fill("0001")
    page.get_by_role("button", name="找到我的办理").click()
    page.get_by_text("非常不满意").first.click()
    page.get_by_text("需提供办事指南之外的申报材料").click()
    page.get_by_label("还想说的").fill(ADDED_WORDS)
    page.get_by_role("button", name="提交评价").click()
    expect(page.get_by_text("已收到您的评价。")).to_be_visible()
    return page.url.partition("?")[0]


class Day(Office):
    """A case's people, who ask for more time where their programme grants it, and call the reviewer back."""

    def do(self, element: str) -> None:
        """Do a step on its own page: a call on the bench, everything else on the page of the case."""
        act = self.case.open_tasks()[element].act
        if act == "revisit":
            return self.call(element)
        if act == "rectify":
            self.ask_for_time(element)
        return super().do(element)

    def decided(self, element: str) -> dict[str, object]:
        """Send the case to the department of the record, and take the way on which SX grants more time."""
        more = {"forward": {"department": RATED}, "verify": {"handling": "complex"} if self.case.programme == "sx" else {}}
        return super().decided(element) | more.get(str(self.case.open_tasks()[element].act), {})

    def call(self, element: str) -> None:
        department = self.case.open_tasks()[element].department
        watched = self.visit(f"{self.case.programme}.{department}.handler")
        self.people[f"call-{element}"] = watched
        page = watched.open(f"/revisits/{self.case.case.number}")
        expect(page.get_by_text(ADDED_WORDS)).to_be_visible()
        page.locator('[name="result"][value="fixed"]').check()
        for name in page.locator("form:has([name=result]) fieldset:has(.must)").all():
            if not name.locator("input:checked").count():
                name.locator("input").first.check()
        for text in page.locator("form:has([name=result]) .field:has(.must) textarea").all():
            text.fill("已告知整改情况")
        page.get_by_role("button", name="记录回访结果").click()
        expect(page.get_by_role("status").first).to_contain_text("已记录")

    def ask_for_time(self, element: str) -> None:
        """Ask for an extension where one is offered, and have it ruled on by whose it is."""
        page = self.page_of(self.case.open_tasks()[element].department, "handler")
        offer = page.locator("summary", has_text="申请延期")
        if not offer.count():
            return
        offer.click()
        form = page.locator('form[action$="/extension"]')
        for text in form.locator("textarea").all():
            text.fill("须向档案馆调档，已电话告知")
        form.get_by_role("button", name="提交申请延期").click()
        expect(page.locator(".said-done")).to_be_visible()
        ruling = next(name for name, task in self.case.open_tasks().items() if task.act == "rule_extension")
        ruler = self.page_of(self.case.open_tasks()[ruling].department, "handler")
        fill(ruler, ruling, {"granted": True, "until": "2025-05-20", "days": "2", "reasons": "情况属实"})
        expect(ruler.locator(".said-done")).to_be_visible()
        if ruling in self.case.open_tasks():  # A second person signs.
            second = self.page_of(self.case.open_tasks()[ruling].department, "head")
            second.get_by_role("button", name="审签通过").click()
            expect(second.locator(".said-done")).to_be_visible()


def test_from_the_code_at_the_window_to_the_answer_on_the_receipt(
    programme: str, visit: Open, site: str, clock: VirtualClock, vault: Vault
) -> None:
    citizen = visit(size=PHONE)
    receipt = review(citizen.page, site, programme, vault)
    case = Driver(db.session.scalars(select(Case.id)).one(), programme, clock)
    day = Day(visit, case)
    while case.open_tasks():
        element = min(case.open_tasks())
        day.do(element)
        clock.set(clock.moment + timedelta(minutes=1))
    assert case.case.closed_at
    if RULES[programme].draw.period:
        clock.set(datetime.fromisoformat("2025-05-06T09:30+08:00"))
        work.draw(clock, vault)
        assert "revisit" in case.open_tasks()
        day.do("revisit")
        work.draw(clock, vault)
    db.session.expire_all()
    assert case.case.ended_at
    assert case.case.outcome == "rectified"
    asked = bool(db.session.scalars(select(Extension)).all())
    assert asked == (programme in {"hk", "sx", "xs"})
    citizen.page.goto(receipt)
    expect(citizen.page.get_by_role("heading", name="办得怎么样")).to_be_visible()
    expect(citizen.page.get_by_text("已经办妥，见附件。").first).to_be_visible()
    if RULES[programme].draw.period:
        auditor = visit(f"{programme}.{RULES[programme].lanes['centre'].code}.handler")
        page = auditor.open("/draws/2025-04")
        page.get_by_role("button", name="在浏览器里重算一遍").click()
        expect(page.get_by_text("核验通过")).to_be_visible()
        day.people["draw"] = auditor
    assert [wrong for watched in (citizen, *day.people.values()) for wrong in watched.wrong] == []
