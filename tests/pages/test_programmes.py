"""Programmes in words: nothing of a bundle is left untold, and every rule says what it stands on."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from cases.conftest import RULES

from app.clock import VirtualClock
from app.identity.actor import Role
from app.programmes.bundle import SHIPPED, read_bundle
from app.programmes.telling import limits_told, rules_told
from pages.conftest import Visit, text_of

CODES = sorted(RULES)
# Told elsewhere on the page, or not for people: where the notice comes from, who oversees, what intake checks.
ELSEWHERE = {"notice", "overseer", "superior", "records"}


@pytest.mark.parametrize("code", CODES)
def test_every_rule_and_limit_is_told_with_its_clause_or_reading(code: str) -> None:
    bundle = read_bundle(SHIPPED / code)
    told = rules_told(bundle)
    sections = {key for key, part in bundle.rules.raw.items() if isinstance(part, dict) and {"clause", "reading"} & set(part)}
    assert len({each.title for each in told}) == len(sections - ELSEWHERE)
    assert all(each.words and (each.clause or each.reading) for each in told)
    limits = limits_told(bundle.program.definition)
    tasks = {node.id for node in bundle.program.definition.nodes.values() if node.kind == "userTask"}
    assert len(limits) >= len(tasks)
    assert all(each.limit and each.lane and (each.clause or each.reading) for each in limits)


@pytest.mark.parametrize("code", CODES)
def test_a_programme_is_shown_to_everybody_who_is_signed_in(code: str, city: None, visit: Visit) -> None:
    answer = visit(Role.WINDOW, programme="xs", staff="s1").get(f"/programmes/{code}")
    assert answer.status_code == 200
    shown = text_of(answer)
    assert RULES[code].name in shown
    assert "None" not in shown
    anchors = set(re.findall(r'class="clause" href="#([^"]+)"', answer.text))
    assert anchors
    assert anchors <= set(re.findall(r' id="([^"]+)"', answer.text))


def test_what_the_notices_say_stands_there(city: None, visit: Visit) -> None:
    visitor = visit(Role.PROCESS_OWNER)
    xs = text_of(visitor.get("/programmes/xs"))
    assert "每月随机抽取，每个单位不少于 20%" in xs
    assert "理由限于：未发生服务" in xs
    assert "每月一期，10 日以前（不含）" in xs
    assert "每半年一期，7 月 10 日、1 月 10 日以前（不含）" in xs
    assert "7个自然日内没有评价的，计为“基本满意”，单独统计" in text_of(visitor.get("/programmes/hk"))


def test_a_lapsed_notice_warns(city: None, visit: Visit, clock: VirtualClock) -> None:
    visitor = visit(Role.PROCESS_OWNER)
    assert "已于2025年届满" not in text_of(visitor.get("/programmes/sx"))
    clock.set(datetime.fromisoformat("2026-01-01T09:00+08:00"))
    assert "已于2025年届满" in text_of(visit(Role.PROCESS_OWNER).get("/programmes/sx"))


def test_ones_own_comes_first_and_what_is_none_is_not_there(city: None, visit: Visit) -> None:
    assert visit(Role.LEADER, programme="zb").get("/programmes").location == "/programmes/zb"
    assert visit(Role.AUDIT_ADMIN).get("/programmes").location == "/programmes/gc"
    visitor = visit(Role.HANDLER)
    assert visitor.get("/programmes/nope").status_code == 404
    picture = visitor.get("/programmes/xs/picture.svg")
    assert (picture.status_code, picture.mimetype) == (200, "image/svg+xml")
    assert picture.data == (SHIPPED / "xs" / "bad_review.svg").read_bytes()
