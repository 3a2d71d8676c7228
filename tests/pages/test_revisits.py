"""The revisit bench: whom to call, what each answer leads to, and the call recorded by the same act as on the case's page."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from cases.conftest import OTHER, RATED, Driver, to_revisit
from intake.conftest import Take, bad_review, record
from revisits.conftest import freeze, members
from sqlalchemy import func, select

from app.cases.models import Case, Reveal, Task
from app.clock import VirtualClock
from app.db import db
from app.identity.actor import Role
from app.identity.vault import Vault
from app.pages import benches
from app.revisits.models import Revisit
from app.supervision.models import Referral
from pages.conftest import Visit, Visitor, text_of

Make = Callable[..., Driver]
ANSWER = {"called": "true", "called_on": "2025-04-02", "done_told": "补发了短信"}


def of_centre(visit: Visit, case: Driver, role: Role = Role.HANDLER) -> Visitor:
    return visit(role, case.open_tasks()["revisit"].department, programme=case.programme)


@pytest.fixture
def due(make_case: Make) -> Driver:
    """A case of HK whose reviewer must be called."""
    return to_revisit(make_case("hk"))


def nonce_of(page: str) -> str:
    found = re.search(r'data-main novalidate>\s*<input type="hidden" name="nonce" value="([^"]+)"', page)
    assert found
    return found[1]


@pytest.mark.clause("HK 5")
def test_whom_to_call_is_listed_for_those_who_call_and_nobody_else(due: Driver, make_case: Make, visit: Visit) -> None:
    later = to_revisit(make_case("hk", department=OTHER))
    shown = text_of(of_centre(visit, due).get("/revisits"))
    assert "2 件，先到期的在前" in shown
    assert shown.index(due.case.number) < shown.index(later.case.number)
    assert "未拨" in shown
    assert due.case.number not in visit(programme="hk").get("/revisits").text
    assert "没有要回访的差评" in visit(programme="hk").get("/revisits").text
    assert visit(Role.LEADER, programme="hk").get("/revisits").status_code == 403


def test_of_more_than_are_listed_the_true_number_is_told(
    due: Driver, make_case: Make, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benches, "MOST", 1)
    to_revisit(make_case("hk", department=OTHER))
    assert "2 件，先到期的在前；这里列前 1 件" in text_of(of_centre(visit, due).get("/revisits"))


def test_the_page_says_what_each_answer_leads_to_before_it_is_given(due: Driver, visit: Visit) -> None:
    shown = text_of(of_centre(visit, due).get(f"/revisits/{due.case.number}"))
    assert f"未解决 提交后退回{RATED}重新办理，开始第 2 轮" in shown
    assert "已解决 记录在案，不再办理" in shown
    assert "受到施压 记录在案，不再办理；另报监督单位和纪检监察机构" in shown
    assert "以后或用短信；现有 0 次。" in shown
    assert "如实填写" in shown  # what the department told
    assert set(due.open_tasks()) == {"revisit"}
    assert db.session.scalar(select(func.count()).select_from(Referral)) == 0


@pytest.mark.clause("L4")
def test_not_fixed_sends_the_case_back_and_leads_to_the_next_call(due: Driver, make_case: Make, visit: Visit) -> None:
    following = to_revisit(make_case("hk"))
    caller, path = of_centre(visit, due), f"/revisits/{due.case.number}"
    nonce = nonce_of(caller.get(path).text)
    for _ in range(2):
        sent = caller.post(path, nonce=nonce, result="not_fixed", **ANSWER)
        assert (sent.status_code, sent.location) == (303, f"/revisits/{following.case.number}?done={due.case.number}")
    assert due.case.round == 2
    assert [each.result for each in db.session.scalars(select(Revisit))] == ["not_fixed"]
    assert caller.get(path).location == f"/cases/{due.case.number}"
    assert caller.post(path, result="fixed", **ANSWER).location == f"/cases/{due.case.number}"


def test_the_last_call_leads_back_to_the_list(due: Driver, visit: Visit) -> None:
    caller = of_centre(visit, due)
    sent = caller.post(f"/revisits/{due.case.number}", result="fixed", **ANSWER)
    assert sent.location == f"/revisits?done={due.case.number}"
    assert f"{due.case.number} 已记录" in text_of(caller.get(sent.location))


def test_what_is_missing_is_said_and_what_was_typed_stays(due: Driver, visit: Visit) -> None:
    refused = of_centre(visit, due).post(f"/revisits/{due.case.number}", done_told="补发了短信")
    assert refused.status_code == 422
    assert "满意度：必填" in text_of(refused)
    assert "补发了短信</textarea>" in refused.text
    assert refused.text.count('class="why"') == 2


def test_out_of_reach_needs_the_tries_which_are_recorded_here(due: Driver, visit: Visit) -> None:
    caller, path = of_centre(visit, due), f"/revisits/{due.case.number}"
    assert "其中一次" in text_of(caller.post(path, result="unreachable", **ANSWER))
    for day, method in (("2025-04-02 09:00", "phone"), ("2025-04-02 10:00", "phone"), ("2025-04-03 10:00", "sms")):
        due.at(day)
        caller = of_centre(visit, due)
        assert caller.post(f"{path}/contact-tries", method=method).status_code == 303
    assert caller.post(f"{path}/contact-tries", method="owl").status_code == 400
    shown = text_of(caller.get(path))
    assert "上一次 04-03 10:00 短信，没有联系上" in shown
    assert "已拨 3 次" in shown
    assert "无法联系 记录在案" in shown
    assert caller.post(path, result="unreachable", **ANSWER).status_code == 303


def test_whoever_handled_the_case_sees_why_they_cannot_call(make_case: Make, visit: Visit) -> None:
    case = to_revisit(make_case("hk"))
    centre = case.open_tasks()["revisit"].department
    shown = visit(staff="s9", department=centre, programme="hk").get(f"/revisits/{case.case.number}")
    assert 'id="why-call"' not in shown.text
    rated = to_revisit(make_case("hk", staff="s1"))
    assert visit(staff="s1", department=centre, programme="hk").get(f"/revisits/{rated.case.number}").status_code == 404
    for stranger in (visit(programme="hk"), visit(department=centre, programme="xs")):
        assert stranger.post(f"/revisits/{case.case.number}", result="fixed", **ANSWER).status_code in {303, 404}
        assert stranger.post(f"/revisits/{case.case.number}/reveal", purpose="回访").status_code in {303, 404}
    assert set(case.open_tasks()) == {"revisit"}


@pytest.mark.clause("P1")
def test_the_number_is_shown_to_dial_for_the_purpose_and_masked_otherwise(
    catalogue: object, city: None, take: Take, clock: VirtualClock, visit: Visit
) -> None:
    take("records", record(programme="hk"))
    take("reviews", bad_review(programme="hk"))
    case = Driver(db.session.scalars(select(Case.id)).one(), "hk", clock)
    case.do(next(iter(case.open_tasks())), department="rated")
    to_revisit(case)
    caller, path = of_centre(visit, case), f"/revisits/{case.case.number}"
    shown = caller.get(path)
    assert "154****0001" in shown.text
    assert "15410000001" not in shown.text
    assert 'name="purpose" maxlength="200" value="回访"' in shown.text
    assert "等了两个小时没有人理" in shown.text
    assert "用途" in text_of(caller.post(f"{path}/reveal", purpose=""))
    assert 'href="tel:15410000001"' in caller.post(f"{path}/reveal", purpose="回访").text
    assert [each.purpose for each in db.session.scalars(select(Reveal))] == ["回访"]
    assert db.session.scalars(select(Task.status).where(Task.element == "revisit")).all() == ["open"]


@pytest.mark.clause("XS 6")
def test_a_drawn_case_shows_those_who_call_how_it_was_drawn(
    month: Callable[..., list[Driver]], clock: VirtualClock, vault: Vault, visit: Visit
) -> None:
    month()
    freeze(clock, vault)
    drawn = members(status="drawn")[0]
    caller = visit(department="xs-affairs-centre")
    assert drawn.number in caller.get("/revisits").text
    shown = text_of(caller.get(f"/revisits/{drawn.number}"))
    assert "2025-04 怎么抽的" in shown
    assert "不少于 20%" in shown
    assert f"未解决 提交后退回{drawn.department}重新办理，开始第 2 轮" in shown
    rated = visit(department=drawn.department)
    assert drawn.number not in rated.get("/revisits").text
    assert rated.get(f"/revisits/{drawn.number}").location == f"/cases/{drawn.number}"
