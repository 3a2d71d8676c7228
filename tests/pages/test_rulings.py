"""The bench for rulings: both sides, how like ones went, what a ruling does, two persons, and no judge of their own."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from cases.conftest import RATED, Driver, handling, person, rows, to_revisit

from app.appeals.applying import add_evidence, apply_for_review
from app.appeals.models import Appeal
from app.cases.extensions import request_extension
from app.cases.models import CaseDeadline, Extension
from app.identity.actor import Actor, Role
from pages.conftest import Visit, Visitor, text_of

Make = Callable[..., Driver]
CENTRE = "zb-complaint-centre"
UPHELD = {"upheld": "true", "ground": "insult", "reasons": "满篇辱骂，没有事实"}


def claimed(make_case: Make) -> Driver:
    """A case of ZB whose department holds the review malicious."""
    case = handling(make_case, "zb")
    case.do("verify", handling="claim", truth="false", responsibility="none")
    return case


def appealed(make_case: Make) -> Driver:
    """A case of XS whose department has applied for a review."""
    case, head = handling(make_case), person("xs", RATED, "head")
    case.act(lambda step: apply_for_review(step, head, "差评是否采纳", "当天没有办过这件事", "情况属实"), head)
    return case


def path_of(case: Driver, element: str) -> str:
    return f"/rulings/{case.case.number}/{element}"


def lead_of(visit: Visit, case: Driver, element: str, role: Role = Role.HANDLER) -> Visitor:
    return visit(role, case.open_tasks()[element].department, programme=case.programme)


def test_what_is_to_be_ruled_is_listed_for_whom_it_waits_for_and_nobody_else(make_case: Make, visit: Visit) -> None:
    case = claimed(make_case)
    assert case.case.number in visit(department=CENTRE, programme="zb").get("/rulings").text
    assert "没有要裁定的" in visit(programme="zb").get("/rulings").text
    assert visit(programme="zb").get(path_of(case, "rule_claim")).location == f"/cases/{case.case.number}"
    assert visit(programme="hk").get(path_of(case, "rule_claim")).status_code == 404
    assert visit(department=CENTRE, programme="zb").get(path_of(case, "verify")).location == f"/cases/{case.case.number}"
    assert visit(department=CENTRE, programme="zb").post(path_of(case, "none")).location == f"/cases/{case.case.number}"
    for role in (Role.LEADER, Role.WINDOW, Role.CLERK, Role.AUDITOR):
        assert visit(role, programme="zb").get("/rulings").status_code == 403


@pytest.mark.clause("L6")
def test_a_ruling_says_what_it_does_and_takes_two_persons(make_case: Make, visit: Visit) -> None:
    case, following = claimed(make_case), claimed(make_case)
    path = path_of(case, "rule_claim")
    first = visit(department=CENTRE, programme="zb")
    shown = text_of(first.get(path))
    assert "是 评价不予采纳，退出统计，超期标记撤回；告知评价人，其 5 个工作日内可提出异议。接着由" in shown
    assert f"否 接着由{RATED}办“" in shown
    assert "由本单位另一人确认才生效" in shown
    assert [each.upheld for each in rows(Appeal, case_id=case.case_id)] == [None]
    assert case.case.voided_at is None
    sent = first.post(path, **UPHELD)
    assert (sent.status_code, sent.location) == (303, f"{path_of(following, 'rule_claim')}?done={case.case.number}")
    again = first.get(path)
    assert 'id="why-not"' in again.text
    assert "作废评价须由本单位另一人复核" in text_of(again)
    assert first.post(f"{path}/signature").status_code == 403
    second = visit(Role.HEAD, CENTRE, programme="zb")
    waiting = text_of(second.get(path))
    assert "满篇辱骂，没有事实" in waiting
    assert "确认后：" in waiting
    assert second.post(f"{path}/signature", nonce="n").status_code == 303
    assert second.post(f"{path}/signature", nonce="n").status_code == 303
    assert case.case.voided_at is not None
    like = text_of(first.get(path_of(following, "rule_claim")))
    assert f"{case.case.number} 成立 辱骂无事实" in like


def test_the_second_person_may_send_a_ruling_back(make_case: Make, visit: Visit) -> None:
    case = claimed(make_case)
    path = path_of(case, "rule_claim")
    visit(department=CENTRE, programme="zb").post(path, **UPHELD)
    second = visit(Role.HEAD, CENTRE, programme="zb")
    assert second.post(f"{path}/return").status_code == 303
    assert case.open_tasks()["rule_claim"].status == "open"
    assert "满篇辱骂，没有事实</textarea>" in second.get(path).text
    assert second.post(f"{path}/return").status_code == 409


def test_what_is_missing_is_said_and_what_was_typed_stays(make_case: Make, visit: Visit) -> None:
    case = claimed(make_case)
    refused = visit(department=CENTRE, programme="zb").post(path_of(case, "rule_claim"), ground="insult")
    assert refused.status_code == 422
    assert "是否成立：必填" in text_of(refused)


@pytest.mark.clause("XS A2", "P3")
def test_claim_and_defence_stand_side_by_side(make_case: Make, visit: Visit) -> None:
    case = appealed(make_case)
    case.act(lambda step: step.change(rated_staff="s1"))
    staff = Actor("77", Role.WINDOW, "xs", RATED, staff="s1")
    case.act(lambda step: add_evidence(step, staff, "我那天不当班"), staff)
    plan = b"%PDF-1.7\n" + b"x" * 2000
    sent = {"file": (BytesIO(plan), "排班表.pdf")}
    assert visit().post(f"/cases/{case.case.number}/files", **sent).status_code == 303
    lead = lead_of(visit, case, "rule_appeal")
    page = lead.get(path_of(case, "rule_appeal")).text
    assert lead.get(page.split('class="in files"><li><a href="')[1].split('"')[0]).data == plan
    shown = text_of(lead.get(path_of(case, "rule_appeal")))
    assert "排班表.pdf" in shown
    assert "复核事项 差评是否采纳 申请理由 当天没有办过这件事 单位意见 情况属实" in shown
    assert "当事工作人员 我那天不当班" in shown
    assert "否 照常办理，期限不变" in shown


def test_whoever_is_judged_sees_why_they_cannot_rule_and_the_act_refuses_too(make_case: Make, visit: Visit) -> None:
    case = claimed(make_case)
    case.act(lambda step: step.change(rated_department=CENTRE))
    visitor = visit(department=CENTRE, programme="zb")
    shown = visitor.get(path_of(case, "rule_claim"))
    assert "被评价或承办过这件差评，不能由您裁定或回访" in text_of(shown)
    assert 'aria-disabled="true"' in shown.text
    assert visitor.post(path_of(case, "rule_claim"), **UPHELD).status_code == 403
    assert case.open_tasks()["rule_claim"].status == "open"


@pytest.mark.clause("XS 3x")
def test_an_extension_shows_the_limit_it_would_move_and_is_granted_by_days(make_case: Make, visit: Visit) -> None:
    case, handler = handling(make_case), person("xs", RATED)
    case.do("verify")
    case.act(lambda step: request_extension(step, handler, "要调外地档案", "已电话说明"), handler)
    element = next(name for name, task in case.open_tasks().items() if task.act == "rule_extension")
    lead, path = lead_of(visit, case, element), path_of(case, element)
    shown = text_of(lead.get(path))
    assert "要调外地档案" in shown
    assert "原截止日 4月3日 周四" in shown
    assert "此前没有同类的裁定" in shown
    assert "写明延长几个工作日" in text_of(lead.post(path, granted="true", reasons="同意"))
    assert lead.post(path, granted="true", days="2", reasons="同意").status_code == 303
    assert [each.granted for each in rows(Extension)] == [True]
    assert {each.last_day.isoformat() for each in rows(CaseDeadline, status="running", element="rectify_clear")} == {"2025-04-08"}
    later = handling(make_case)
    later.do("verify")
    later.act(lambda step: request_extension(step, handler, "再调档案", "已说明"), handler)
    assert f"{case.case.number} 同意 2 个工作日" in text_of(lead.get(path_of(later, element)))


def test_the_third_round_is_decided_with_the_former_ones_in_view(make_case: Make, visit: Visit) -> None:
    case = to_revisit(make_case("hk"))
    for day in ("2025-04-08 10:00", "2025-04-15 10:00"):
        case.at(day)
        case.do("revisit", result="not_fixed")
        if "decide_round" not in case.open_tasks():
            to_revisit(case)
    assert "decide_round" in case.open_tasks()
    judge, path = lead_of(visit, case, "decide_round"), path_of(case, "decide_round")
    shown = text_of(judge.get(path))
    assert "第 1 轮" in shown
    assert "回访：未解决" in shown
    assert f"再办一轮 开始第 3 轮。接着由{RATED}办“核实”" in shown
    assert "按现有结果办结 本件就此结束，不再办理" in shown
    answers = [each.split('"')[0] for each in judge.get(path).text.split('name="decision" value="')[1:]]
    assert judge.post(path, decision=answers[0], reasons="再办一轮").status_code == 303
    assert "decide_round" not in case.open_tasks()
