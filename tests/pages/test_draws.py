"""Draws for everybody who reads them: secret until the calls are over, then with all that proves them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from cases.conftest import OTHER, RATED, Driver
from revisits.conftest import call_all, freeze, members, published

from app.clock import VirtualClock
from app.identity.actor import Role
from app.identity.vault import Vault
from app.revisits.recipe import check
from pages.conftest import Visit, text_of

Month = Callable[..., list[Driver]]


@pytest.mark.clause("XS 6")
def test_a_running_draw_shows_its_commitment_and_nobody_its_list(
    month: Month,
    clock: VirtualClock,
    vault: Vault,
    visit: Visit,
) -> None:
    cases = month()
    shown = text_of(visit(Role.LEADER).get("/draws/2025-04"))
    assert "2025-05-01 00:00 封账并抽取" in shown
    freeze(clock, vault)
    for reader in (visit(Role.LEADER), visit(), visit(department="xs-affairs-centre")):
        page = reader.get("/draws/2025-04")
        assert "回访还没有结束，名单暂不公布" in text_of(page)
        assert not [case for case in cases if case.case.number in page.text]
        assert "data-draw" not in page.text
        assert reader.get("/draws/2025-04/published.json").status_code == 409
        assert "回访中，名单保密" in text_of(reader.get("/draws"))


@pytest.mark.clause("XS 6")
def test_a_finished_draw_says_who_was_drawn_and_why_and_gives_what_proves_it(
    month: Month,
    clock: VirtualClock,
    vault: Vault,
    visit: Visit,
) -> None:
    cases = month()
    freeze(clock, vault)
    call_all(clock, vault, cases, unreachable=1)
    reader = visit(Role.LEADER)
    shown = text_of(reader.get("/draws/2025-04"))
    assert f"{RATED} 办结 7 件，应抽 2 件" in shown
    [replaced] = members(status="unreachable")
    [replacing] = [each for each in members() if each.replaces == replaced.case_id]
    assert f"{replacing.number} 递补 {replaced.number} 已回访" in shown
    assert f"1 {members(position=0)[0].number} 前 1 名" in shown
    answer = reader.get("/draws/2025-04/published.json")
    assert answer.json == published(vault)
    assert check(answer.json) == []
    assert 'filename="xs-2025-04.json"' in answer.headers["Content-Disposition"]
    assert "def check(" in reader.get("/draws/recipe.py").text
    linked = set(re.findall(r'href="/cases/([^"]+)"', visit(department=OTHER).get("/draws/2025-04").text))
    assert linked == {each.number for each in members(department=OTHER)}


def test_without_a_draw_the_page_says_why(city: None, visit: Visit) -> None:
    assert "还没有抽取" in text_of(visit().get("/draws"))
    assert "本方案对每一件办结的差评都回访，不抽取" in text_of(visit(programme="gc").get("/draws"))
    assert visit().get("/draws/2031-01").status_code == 404
    for stranger in (Role.WINDOW, Role.CLERK):
        assert visit(stranger).get("/draws").status_code == 403
