"""The administrators' pages in a browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from cases.conftest import BEGINNING, Driver
from chaos.test_calendar import written
from pages.test_calendar import forgetful  # noqa: F401  a fixture
from playwright.sync_api import expect
from sqlalchemy import insert

from app.clock import VirtualClock
from app.db import unit_of_work
from app.identity.models import Account
from browser.conftest import Open
from browser.test_desk import SCREENS, assert_open_to_everybody

Make = Callable[..., Driver]
ADMINISTRATORS = ("system_admin", "security_admin", "audit_admin")


@pytest.fixture
def administrators(city: None) -> None:
    """The three administrators, each with a login that says which."""
    for role in ADMINISTRATORS:
        row = {"login": role, "name": "李雷", "password_hash": "-", "role": role, "programme": "", "department": ""}
        with unit_of_work() as session:
            session.execute(insert(Account), row | {"staff": None, "is_active": True, "created_at": BEGINNING})


@pytest.mark.parametrize(("name", "size"), SCREENS)
@pytest.mark.usefixtures("administrators", "forgetful")
def test_a_notice_is_rehearsed_and_loaded(
    make_case: Make, visit: Open, clock: VirtualClock, tmp_path: Path, name: str, size: tuple[int, int]
) -> None:
    for number in range(3):
        make_case("xs", record=f"R{number}")
        clock.set(datetime.fromisoformat(f"2025-04-{11 + number}T10:00+08:00"))
    clock.set(datetime.fromisoformat("2025-04-17T10:00+08:00"))
    path = written(tmp_path, "xs", 2025, ("2025-04-17",), lambda day: day.month == 4 and day.day < 16)
    watched = visit("system_admin", size)
    page = watched.open("/calendar")
    assert_open_to_everybody(watched, f"calendar-{name}", size)
    page.get_by_label("选文件").set_input_files(path)
    page.get_by_role("button", name="预演").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("项期限会变动")
    assert_open_to_everybody(watched, f"rehearsal-{name}", size)
    page.get_by_role("button", name="载入，并改").click()
    expect(page.get_by_role("status")).to_contain_text("件在办工单的期限")
    assert watched.wrong == []
