"""A case on its page: every act by its form, what is offered is what the act itself allows, what was typed is kept."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from cases.conftest import OTHER, RATED, Driver, filled, handling, person
from intake.conftest import Take, bad_review, record
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.cases.assignment import release_task, take_task
from app.cases.extensions import request_extension
from app.cases.models import Case, Reveal, Task
from app.clock import VirtualClock
from app.db import db
from app.identity.actor import Actor, Role
from pages.conftest import Visit, text_of

Make = Callable[..., Driver]
VERIFIED = {"section": "窗口科", "findings": "属实", "truth": "true", "responsibility": "unit", "handling": "clear"}


def form_of(case: Driver, element: str, **entered: str) -> dict[str, str]:
    found: list[dict[str, str]] = []
    case.act(lambda step: found.append(filled(step.node(element).form, entered)))
    return found[0]


def nonce_of(shown: TestResponse, act: str) -> str:
    """Return the key of the form that sends an act."""
    found = re.search(rf'action="[^"]*/{act}"[^>]*>\s*<input type="hidden" name="nonce" value="([^"]+)"', shown.text)
    assert found, act
    return found[1]


def test_a_step_is_entered_signed_and_the_page_says_what_comes_next(make_case: Make, visit: Visit) -> None:
    case = handling(make_case)
    path = f"/cases/{case.case.number}"
    case.do("verify")
    case.do("rectify_clear")
    handler, head = visit(), visit(Role.HEAD)
    answer = form_of(case, "answer", outcome="answered")
    nonce = nonce_of(handler.get(path), "answer")
    sent = handler.post(f"{path}/tasks/answer", nonce=nonce, **answer)
    assert (sent.status_code, sent.location) == (303, f"{path}?done=answer")
    assert "待审签" in text_of(handler.get(path))
    assert "只有本单位负责人可以审签" in text_of(handler.get(path))
    assert head.post(f"{path}/tasks/answer/return").status_code == 303
    assert "如实填写</textarea>" in handler.get(path).text
    handler.post(f"{path}/tasks/answer", **answer)
    signed = head.post(f"{path}/tasks/answer/signature")
    assert signed.status_code == 303
    assert "已记录。接下来：" in text_of(head.get(signed.location))
    assert "report" in case.open_tasks()


def test_pressing_twice_happens_once(make_case: Make, visit: Visit) -> None:
    case = handling(make_case)
    path = f"/cases/{case.case.number}"
    visitor = visit()
    nonce = nonce_of(visitor.get(path), "verify")
    for _ in range(2):
        assert visitor.post(f"{path}/tasks/verify", nonce=nonce, **VERIFIED).status_code == 303
    assert [task.status for task in db.session.query(Task).filter_by(case_id=case.case_id, element="verify")] == ["done"]


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(make_case: Make, visit: Visit) -> None:
    case = handling(make_case)
    path = f"/cases/{case.case.number}"
    refused = visit().post(f"{path}/tasks/verify", findings="查了一半", truth="true")
    assert refused.status_code == 422
    assert "查了一半" in refused.text
    assert "表单还不能提交" in text_of(refused)
    assert refused.text.count('class="why"') >= 2
    assert 'value="true" checked' in refused.text
    assert set(case.open_tasks()) == {"verify"}


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("extension", {"reason": "调档", "explained": "电话说明"}),
        ("bounce", {"duty_clause": "第三条"}),
        ("appeals", {"matter": "评价", "reasons": "不实", "opinion": "同意"}),
        ("evidence", {"words": "叫号记录"}),
        ("contribution", {"words": "已核对"}),
        ("help", {"department": OTHER}),
        ("objections", {"words": "不同意"}),
        ("rated", {"staff": "", "window": "", "reason": "另有其人"}),
        ("referral", {"words": "收受财物"}),
    ],
)
@pytest.mark.parametrize("state", ["verifying", "late", "rectifying", "appealed"])
def test_what_a_page_offers_is_what_the_act_allows(
    make_case: Make, visit: Visit, kind: str, form: dict[str, str], state: str
) -> None:
    case = handling(make_case)
    if state == "late":
        case.at("2025-04-04 10:00")
    path, head = f"/cases/{case.case.number}", visit(Role.HEAD)
    if state == "rectifying":
        case.do("verify", handling="complex")
    if state == "appealed":
        assert head.post(f"{path}/appeals", matter="评价", reasons="不实", opinion="同意").status_code == 303
    shown = head.get(path).text
    is_offered, reason = f'action="{path}/{kind}"' in shown, re.search(rf'id="why-{kind}">([^<]+)<', shown)
    answer = head.post(f"{path}/{kind}", **form)
    assert (answer.status_code == 303) == is_offered
    assert not (is_offered and reason)
    if reason:
        assert reason[1] in answer.text
    elif not is_offered:  # Not even shown to whom it is not meant for.
        assert answer.status_code == 403


def test_looking_at_a_page_changes_nothing(make_case: Make, visit: Visit) -> None:
    case = handling(make_case)
    before = case.case.number, len(case.open_tasks())
    revision = "select revision from instances where case_id = :id"
    first = db.session.execute(db.text(revision), {"id": case.case_id}).scalar()
    visit(Role.HEAD).get(f"/cases/{case.case.number}")
    db.session.rollback()
    assert db.session.execute(db.text(revision), {"id": case.case_id}).scalar() == first
    assert (case.case.number, len(case.open_tasks())) == before
    assert db.session.execute(db.text("select count(*) from hops where returned_at is not null")).scalar() == 0


@pytest.mark.clause("P3")
def test_whoever_is_rated_or_of_elsewhere_finds_no_such_page(make_case: Make, visit: Visit) -> None:
    case = handling(make_case, staff="s1")
    path = f"/cases/{case.case.number}"
    assert visit().get(path).status_code == 200
    for stranger in (visit(staff="s1"), visit(Role.HANDLER, OTHER), visit(Role.HANDLER, RATED, programme="gc")):
        for address in (path, f"{path}/diagram", "/cases/XS-2025-999999"):
            assert stranger.get(address).status_code == 404
        assert stranger.post(f"{path}/tasks/verify", **VERIFIED).status_code == 404
        assert case.case.number not in stranger.get("/cases").text


def test_the_date_is_explained_day_by_day_with_its_clause(make_case: Make, visit: Visit) -> None:
    case = handling(make_case)
    case.do("verify", handling="complex")
    shown = visit().get(f"/cases/{case.case.number}")
    said = text_of(shown)
    assert "为什么是 4月27日 周日" in said
    assert "计入 15 天 ，跳过 11 天" in said
    assert "04-14 至 04-16 泼水节放假(西双版纳) 3 天" in said
    assert "XS 一(二)2" in said
    running, _, over = shown.text.partition("以前的期限")
    assert len(re.findall(r'<td class="counted', running)) == 15
    assert re.findall(r'<td class="counted made-up last[^"]*">27', running)
    assert len(re.findall(r'<td class="counted', over)) == 3
    assert "04-28 00:00 超期，报本部门负责人" in said


def test_of_steps_that_wait_side_by_side_each_sees_their_own_first(make_case: Make, visit: Visit) -> None:
    case = handling(make_case)
    case.do("verify", handling="complex")
    case.act(lambda step: request_extension(step, person("xs", RATED), "调档", "已说明"), person("xs", RATED))
    ruled_by = case.open_tasks()["rule_extension"].department
    for visitor, words, day in (
        (visit(), "剩 15 个工作日", "4月27日 周日"),
        (visit(department=ruled_by), "剩 1 个工作日", "4月2日 周三"),
        (visit(Role.LEADER), "剩 1 个工作日", "4月2日 周三"),
    ):
        shown = visitor.get(f"/cases/{case.case.number}").text
        head, _, below = shown.partition('<ol class="course"')
        assert f"{words}</b>" in head
        assert re.findall(r'<h2 id="why-\d+">为什么是 (.*?)</h2>', below)[0] == day


def test_a_date_of_another_year_says_which_and_paper_always_does(make_case: Make, visit: Visit) -> None:
    case = handling(make_case)
    path = f"/cases/{case.case.number}"
    page, sheet = (text_of(visit().get(path + which)) for which in ("", "/sheet"))
    assert "收到差评 04-01 09:00" in page
    assert "为什么是 4月2日 周三" in page
    assert "收到差评 2025-04-01 09:00" in sheet
    assert "截止 2025年4月2日 周三" in sheet
    case.at("2026-01-01T00:00")
    assert "收到差评 2025-04-01 09:00" in text_of(visit().get(path))


def test_a_leader_reads_and_is_offered_nothing(make_case: Make, visit: Visit) -> None:
    case = handling(make_case)
    shown = visit(Role.LEADER).get(f"/cases/{case.case.number}")
    assert shown.status_code == 200
    assert 'method="post"' not in shown.text.replace('method="post" action="/sign-out"', "")
    assert "<bpmn" in visit(Role.LEADER).get(f"/cases/{case.case.number}/diagram").text


@pytest.fixture
def named(catalogue: object, city: None, take: Take, clock: VirtualClock) -> Driver:
    """A case whose reviewer left name and phone, sent on to its department."""
    take("records", record(programme="xs"))
    take("reviews", bad_review(programme="xs"))
    case = Driver(db.session.scalars(select(Case.id)).one(), "xs", clock)
    case.do("forward", department="rated")
    return case


@pytest.mark.clause("P1")
def test_the_phone_is_shown_for_a_purpose_for_a_minute_and_recorded_each_time(named: Driver, visit: Visit) -> None:
    path, handler = f"/cases/{named.case.number}", visit(Role.HANDLER, "rated")
    assert "15410000001" not in handler.get(path).text
    assert "用途" in text_of(handler.post(f"{path}/reveal", purpose=""))
    shown = handler.post(f"{path}/reveal", purpose="回电核实")
    assert "欧阳甲乙" in shown.text
    assert "15410000001" in shown.text
    assert 'data-gone-after="60"' in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert [each.purpose for each in db.session.scalars(select(Reveal))] == ["回电核实"]
    assert "15410000001" not in handler.get(path).text
    assert "查看电话" not in visit(Role.LEADER, "rated").get(path).text


def test_a_case_without_a_name_says_why_there_is_nothing_to_look_at(make_case: Make, visit: Visit) -> None:
    case = handling(make_case)
    shown = text_of(visit().get(f"/cases/{case.case.number}"))
    assert "查看电话 这件差评是匿名的，没有联系方式。" in shown
    assert db.session.scalar(select(func.count()).select_from(Reveal)) == 0


@pytest.mark.clause("L3")
def test_tries_to_reach_the_reviewer_are_recorded_and_listed(make_case: Make, visit: Visit) -> None:
    case = handling(make_case)
    path, handler = f"/cases/{case.case.number}", visit()
    for method in ("phone", "sms"):
        assert handler.post(f"{path}/contact-tries/verify", method=method).status_code == 303
    assert "已记 2 次：04-01 09:00 电话；04-01 09:00 短信" in text_of(handler.get(path))
    assert handler.post(f"{path}/contact-tries/verify", method="owl").status_code == 400
    assert handler.post(f"{path}/contact-tries/answer", method="sms").status_code == 409


def test_what_was_done_names_the_level_that_was_reached(make_case: Make, visit: Visit) -> None:
    case = handling(make_case)
    case.at("2025-04-04 10:00")
    case.act(lambda _step: None)
    for path in (f"/cases/{case.case.number}", f"/cases/{case.case.number}/sheet"):
        assert "系统 超期，报本部门负责人 · 安排科室、核查" in text_of(visit().get(path))


def test_of_a_long_case_the_newest_acts_are_shown_first_and_none_is_left_out(make_case: Make, visit: Visit) -> None:
    case, head = handling(make_case), Actor("9", Role.HEAD, "xs", RATED, login="head")
    for _ in range(101):
        case.act(lambda step: take_task(step, "verify", head))
        case.act(lambda step: release_task(step, "verify", head))
    case.do("verify", handling="complex")
    page, sheet = (text_of(visit().get(f"/cases/{case.case.number}{which}")) for which in ("", "/sheet"))
    for said in (page, sheet):
        assert said.count("放回待认领") == 101
        assert "收到差评，立案" in said
        assert "办完 · 安排科室、核查" in said
    assert re.search(r"更早的 \d+ 条", page)
