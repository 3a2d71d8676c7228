"""The leaders' page in a browser: charts that are tables too, light, open to everybody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from cases.conftest import OTHER, Driver, handling, to_revisit
from intake.conftest import Take, bad_review, record
from playwright.sync_api import expect
from sqlalchemy import select

from app.cases.models import Case
from app.clock import VirtualClock
from app.db import db
from browser.conftest import Open
from browser.test_desk import SCREENS, assert_open_to_everybody

Make = Callable[..., Driver]
LEADER = "hk.rated-department.leader"


@pytest.fixture
def spring(city: None, catalogue: object, take: Take, make_case: Make, clock: VirtualClock) -> None:
    """Three months of HK: some kept, some late, two true reviews with reasons."""
    for day in ("2025-02-10", "2025-03-10"):
        clock.set(datetime.fromisoformat(f"{day}T09:00:00+08:00"))
        handling(make_case, "hk")
        to_revisit(make_case("hk"))
    clock.set(datetime.fromisoformat("2025-04-01T10:00:00+08:00"))
    take("records", *(record(programme="hk", projectNo=f"P{n}", certKey=f"99000119800101{n:04d}", mobile="") for n in range(40)))
    take(
        "reviews",
        *(
            bad_review(programme="hk", projectNo=f"P{n}", evalDetail=why)
            for n, why in enumerate(("115", "115,113", "115,113,109", "110", "108,109"))
        ),
    )
    for key in db.session.scalars(select(Case.id).where(Case.record.like("P%"))).all():
        to_revisit(Driver(key, "hk", clock)) if key % 2 else handle(Driver(key, "hk", clock))
    handling(make_case, "hk", department=OTHER)
    clock.set(datetime.fromisoformat("2025-04-14T10:00:00+08:00"))
    for key in db.session.scalars(select(Case.id).where(Case.ended_at.is_(None))).all():
        Driver(key, "hk", clock).tick()


def handle(case: Driver) -> None:
    case.do("forward", department="rated")
    case.do("verify")


@pytest.mark.parametrize(("name", "size"), SCREENS)
def test_leaders_read_what_is_wrong(spring: None, visit: Open, name: str, size: tuple[int, int]) -> None:
    watched = visit(LEADER, size)
    page = watched.open("/leaders")
    expect(page.get_by_role("heading", level=1)).to_contain_text("件超期，最早的已超期")
    charts = page.locator(".chart svg")
    expect(charts).to_have_count(0 if name != "desktop" else 2)
    assert_open_to_everybody(watched, f"leaders-{name}", size)


def test_a_chart_stands_as_a_table_too(spring: None, visit: Open) -> None:
    watched = visit(LEADER)
    page = watched.open("/leaders")
    card = page.get_by_role("region", name="属实差评的原因，4 月")
    expect(card.locator("svg")).to_be_visible()
    card.get_by_role("button", name="表").click()
    expect(card.locator(".chart")).to_be_hidden()
    expect(card.get_by_role("row", name="服务态度差效率低 3 件")).to_be_visible()
    card.get_by_role("button", name="图").click()
    expect(card.locator("svg")).to_be_visible()
    page.get_by_role("link", name="3 月", exact=True).click()
    page.wait_for_url(f"{watched.site}/leaders?month=2025-03")
    assert watched.wrong == []
