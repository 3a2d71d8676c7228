"""Settled cases by the way they were settled, each with why."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cases.conftest import OTHER, RATED, Driver, handling, to_revisit
from sqlalchemy import func, select

from app.audit.models import AuditEntry
from app.db import db
from app.identity.actor import Role
from pages.conftest import Visit, text_of

Make = Callable[..., Driver]
CENTRE = "zb-complaint-centre"


@pytest.fixture
def settled(make_case: Make) -> dict[str, str]:
    """A case of each kind, by kind, and one that is still open."""
    closed = to_revisit(make_case("zb"))
    explained = handling(make_case, "zb", department=OTHER)
    explained.do("verify", handling="no_basis", truth="false", responsibility="none")
    to_revisit(explained)
    voided = handling(make_case, "zb")
    voided.do("verify", handling="claim", truth="false", responsibility="none")
    while voided.case.voided_at is None:
        voided.do(next(iter(voided.open_tasks())), ground="insult")
    main = handling(make_case, "zb", record="R9")
    linked = make_case("zb", record="R9", visit=2)
    found = {"closed": closed, "explained": explained, "voided": voided, "linked": linked, "open": main}
    return {kind: case.case.number for kind, case in found.items()}


def test_each_kind_says_why(settled: dict[str, str], visit: Visit) -> None:
    centre = visit(department=CENTRE, programme="zb")
    shown = text_of(centre.get("/quality"))
    assert "办结 2 件 解释说明 1 件 不予采纳 1 件 并案 1 件" in shown
    assert settled["closed"] in shown
    assert settled["open"] not in shown
    assert f"{settled['explained']} {OTHER} 由{RATED}承办 不属实 责任：无 缺乏法定依据" in text_of(
        centre.get("/quality?kind=explained")
    )
    assert f"{settled['voided']} {RATED} 不属实 责任：无 辱骂无事实" in text_of(centre.get("/quality?kind=voided"))
    assert f"并入 {settled['open']}" in text_of(centre.get("/quality?kind=linked"))
    assert centre.get("/quality?kind=nonsense").status_code == 200


def test_everybody_sees_what_is_theirs_and_an_auditors_look_is_recorded(settled: dict[str, str], visit: Visit) -> None:
    mine = visit(department=OTHER, programme="zb").get("/quality").text
    assert settled["explained"] in mine
    assert settled["closed"] not in mine
    assert settled["closed"] in visit(Role.LEADER, programme="zb").get("/quality").text
    assert settled["closed"] not in visit(Role.LEADER, programme="hk").get("/quality").text
    assert visit(Role.WINDOW, programme="zb").get("/quality").status_code == 403
    visit(Role.AUDITOR, programme="zb").get("/quality?kind=voided")
    looks = select(func.count()).select_from(AuditEntry).where(AuditEntry.payload["what"].astext == "quality/voided")
    assert db.session.scalar(looks) == 1


def test_a_long_list_comes_in_pages(make_case: Make, visit: Visit) -> None:
    cases = [to_revisit(make_case("hk")) for _ in range(21)]
    first = visit(Role.LEADER, programme="hk").get("/quality")
    assert cases[0].case.number not in first.text
    following = first.text.split('class="btn" href="')[-1].split('"')[0].replace("&amp;", "&")
    assert cases[0].case.number in visit(Role.LEADER, programme="hk").get(following).text
