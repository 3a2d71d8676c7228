"""The bench for passing on: whom the facts suggest and why, chosen by name, with every stretch a case has had."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from cases.conftest import OTHER, RATED, Driver, handling, person, rows
from intake.conftest import Take, bad_review, record
from sqlalchemy import select, update

from app.cases.bounces import return_case
from app.cases.models import Case, Hop
from app.catalogue.models import Department
from app.clock import VirtualClock
from app.db import db, unit_of_work
from app.identity.actor import Role
from app.pages import benches
from pages.conftest import Visit, Visitor, text_of

Make = Callable[..., Driver]
FORM = {"object": "unit", "summary": "取号后等候两小时"}


def of_lead(visit: Visit, case: Driver, role: Role = Role.HANDLER) -> Visitor:
    return visit(role, next(iter(case.open_tasks().values())).department, programme=case.programme)


def path_of(case: Driver) -> str:
    return f"/forwarding/{case.case.number}/{next(iter(case.open_tasks()))}"


def bounce(case: Driver, clause: str = "职责规定第三条") -> None:
    returning = person(case.programme, case.case.department)
    case.act(lambda step: return_case(step, returning, clause), returning)


def filled_in(visitor: Visitor, case: Driver) -> dict[str, str]:
    """Return a form of the step with every choice made, but the department's."""
    page = visitor.get(path_of(case)).text
    chosen = dict(re.findall(r'type="radio" name="(\w+)" value="(\w+)"', page))
    return chosen | dict.fromkeys(re.findall(r'<textarea[^>]* name="(\w+)"', page), "如实填写")


@pytest.mark.clause("XS 1")
def test_what_came_in_is_listed_for_who_passes_it_on_and_nobody_else(make_case: Make, visit: Visit) -> None:
    case = make_case()
    handling(make_case)
    lead = of_lead(visit, case)
    shown = text_of(lead.get("/forwarding"))
    assert "1 件，先到期的在前" in shown
    assert case.case.number in shown
    assert "没有要转办的差评" in visit().get("/forwarding").text
    assert visit().get(path_of(case)).location == f"/cases/{case.case.number}"
    assert visit(department=OTHER).get(path_of(case)).status_code == 404
    for role in (Role.LEADER, Role.WINDOW, Role.CLERK, Role.AUDITOR):
        assert visit(role).get("/forwarding").status_code == 403


def test_of_more_than_are_listed_the_true_number_is_told(make_case: Make, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benches, "MOST", 2)
    cases = [make_case() for _ in range(3)]
    lead = of_lead(visit, cases[0])
    assert "3 件，先到期的在前；这里列前 2 件" in text_of(lead.get("/forwarding"))


def test_a_department_is_chosen_by_name_and_none_beforehand(make_case: Make, visit: Visit) -> None:
    case = make_case()
    with unit_of_work() as session:
        session.execute(update(Department).where(Department.code == OTHER).values(name="州医保局"))
    lead = of_lead(visit, case)
    page = lead.get(path_of(case)).text
    assert f'<option value="{OTHER}">州医保局</option>' in page
    assert '" selected' not in page
    assert f"登记的被评价单位是{RATED}" in text_of(lead.get(path_of(case)))
    refused = lead.post(path_of(case), **filled_in(lead, case))
    assert refused.status_code == 422
    assert "承办部门：必填" in text_of(refused)
    assert "如实填写</textarea>" in refused.text
    sent = lead.post(path_of(case), **filled_in(lead, case), department=OTHER)
    assert (sent.status_code, sent.location) == (303, f"/forwarding?done={case.case.number}")
    assert case.case.department == OTHER


def test_the_suggestion_is_a_press_of_its_own_done_once(make_case: Make, visit: Visit) -> None:
    case, following = make_case(), make_case()
    lead, path = of_lead(visit, case), path_of(case)
    form = filled_in(lead, case) | {"suggested": RATED, "department": "", "nonce": "once"}
    for _ in range(2):
        sent = lead.post(path, **form)
        assert (sent.status_code, sent.location) == (303, f"{path_of(following)}?done={case.case.number}")
    assert [hop.department for hop in rows(Hop, case_id=case.case_id)] == [RATED]


def test_the_record_says_why_its_department_is_suggested(
    catalogue: object, city: None, take: Take, clock: VirtualClock, visit: Visit
) -> None:
    take("records", record(programme="xs"))
    take("reviews", bad_review(programme="xs"))
    case = Driver(db.session.scalars(select(Case.id)).one(), "xs", clock)
    shown = text_of(of_lead(visit, case).get(path_of(case)))
    assert re.search(r"建议的理由：办件记录 \S+ 由\S+办理", shown)
    assert "等了两个小时没有人理" in shown
    assert "15410000001" not in shown


def test_a_returned_case_shows_each_stretch_with_its_time_and_its_clause(make_case: Make, visit: Visit) -> None:
    case = handling(make_case)
    case.at("2025-04-01 15:20")
    bounce(case)
    lead = of_lead(visit, case)
    shown = text_of(lead.get(path_of(case)))
    assert "04-01 15:20 退回，用时 6 小时 退回依据： 职责规定第三条" in shown
    assert f"登记的单位是{RATED}，但它已经退回过，不再建议" in shown
    assert "按建议转办" not in shown
    assert lead.post(path_of(case), **filled_in(lead, case), department=OTHER).status_code == 303
    bounce(case, "职责规定第九条")
    overseer = of_lead(visit, case)
    ruling = text_of(overseer.get(path_of(case)))
    assert "第 2 次退回后的裁定，有约束力" in ruling
    assert ruling.index("职责规定第三条") < ruling.index("职责规定第九条")
    assert overseer.post(path_of(case), **filled_in(overseer, case), department="rated-department").status_code == 303
    assert [hop.department for hop in rows(Hop, case_id=case.case_id)] == [RATED, OTHER, RATED]


def test_who_may_not_decide_sees_the_reason_and_the_act_refuses_too(make_case: Make, visit: Visit) -> None:
    case = handling(make_case)
    bounce(case)
    case.do("resend", department=OTHER)
    bounce(case)
    department = next(iter(case.open_tasks().values())).department
    case.act(lambda step: step.change(rated_staff="s1"))
    rated = visit(department=department, staff="s1")
    assert rated.get(path_of(case)).status_code == 404
    assert rated.post(path_of(case), department=RATED, reasons="x").status_code == 404
    assert visit(department=RATED).post(path_of(case), department=RATED).location == f"/cases/{case.case.number}"


def test_a_department_that_was_succeeded_is_not_offered(make_case: Make, visit: Visit) -> None:
    case = make_case()
    with unit_of_work() as session:
        session.execute(update(Department).where(Department.code == RATED).values(successor=OTHER))
    shown = of_lead(visit, case).get(path_of(case))
    assert f'<option value="{RATED}"' not in shown.text
    assert "已撤并，没有建议" in text_of(shown)


def test_the_words_of_the_bar_are_those_of_the_post(make_case: Make, visit: Visit) -> None:
    case = make_case()
    assert 'href="/forwarding"' in of_lead(visit, case).get("/inbox").text
    assert 'href="/forwarding"' not in visit().get("/inbox").text


def test_on_the_cases_page_too_a_department_is_chosen_by_name(make_case: Make, visit: Visit) -> None:
    case = make_case()
    assert f'<option value="{OTHER}">' in of_lead(visit, case).get(f"/cases/{case.case.number}").text
