"""Reviews, voices and complaints by the API: the same checks as for files, each sender within their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from cases.conftest import RATED, Driver, handling
from intake.conftest import Take, bad_review, record, review
from sqlalchemy import select

from api.conftest import As
from app.cases.models import Case
from app.cli import config
from app.db import db
from app.identity.actor import Role
from app.identity.vault import load_vault
from app.intake.files import Report
from app.jobs import work
from app.revisits.models import DrawMember

Make = Callable[..., Driver]
pytestmark = pytest.mark.usefixtures("catalogue")
COMPLAINT = {"complaintNo": "12345-1", "deptCode": "rated", "words": "等了三天没有回音", "mobile": "15410000009"}


@pytest.fixture
def served(catalogue: Report, take: Take) -> None:
    assert take("records", *(record(programme=code) for code in ("zb", "xs"))).refused == []


def cases() -> list[Case]:
    db.session.expire_all()
    return list(db.session.scalars(select(Case).order_by(Case.id)))


@pytest.mark.usefixtures("served")
def test_a_bad_review_opens_its_case_and_a_repeated_one_adds_nothing(as_system: As) -> None:
    system, row = as_system("send_reviews"), bad_review()
    assert system.post("/reviews", {"rows": [row]}).json == {"added": 1, "known": 0, "opened": 1, "refused": []}
    assert system.post("/reviews", {"rows": [row]}).json == {"added": 0, "known": 1, "opened": 0, "refused": []}
    assert len(cases()) == 1


@pytest.mark.usefixtures("served")
def test_a_system_speaks_of_its_own_department_and_programme_alone(as_system: As) -> None:
    assert as_system("send_reviews", department="other").post("/reviews", {"rows": [review()]}).json["refused"] == [
        {"row": 1, "reason": "projectNo：没有对应的服务数据"}
    ]
    assert as_system("send_reviews", programme="xs").post("/reviews", {"rows": [review()]}).json["refused"] == [
        {"row": 1, "reason": "programme：不是您的方案"}
    ]
    platform = as_system("send_reviews", department="zb-complaint-centre")
    assert platform.post("/reviews", {"rows": [review()]}).json["added"] == 1
    assert cases() == []


@pytest.mark.clause("L8", "X2")
@pytest.mark.usefixtures("served")
def test_a_clerk_takes_a_complaint_and_tells_how_far_it_is_by_its_number(as_: As) -> None:
    clerk = as_(Role.CLERK, "zb-complaint-centre", "zb")
    assert clerk.post("/complaints", {"rows": [COMPLAINT]}).json["opened"] == 1
    told = clerk.get("/complaints/12345-1/progress").json
    assert (told["status"], [step["name"] for step in told["steps"]]) == ("open", ["转办差评投诉"])
    assert set(told) == {"number", "status", "outcome", "received_at", "closed_at", "steps"}
    assert clerk.get(f"/complaints/{told['number']}/progress").json == told
    assert clerk.get("/complaints/12345-2/progress").status_code == 404
    assert as_(Role.CLERK, "xs-affairs-centre", "xs").get("/complaints/12345-1/progress").status_code == 404
    assert clerk.get(f"/cases/{told['number']}").status_code == 403


@pytest.mark.clause("X5")
@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("about", [{"projectNo": "P1"}, {"mobile": "15410000001"}])
def test_a_complaint_on_a_matter_under_a_case_is_linked_to_it(as_: As, as_system: As, about: dict[str, str]) -> None:
    as_system("send_reviews").post("/reviews", {"rows": [bad_review()]})
    clerk = as_(Role.CLERK, "zb-complaint-centre", "zb")
    assert clerk.post("/complaints", {"rows": [COMPLAINT | about]}).json["opened"] == 1
    first, second = cases()
    assert (second.linked_to, first.linked_to) == (first.id, None)


@pytest.mark.clause("C12")
@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("way", [{"pf": code} for code in "1234567"] + [{"pf": "", "channel": "card", "typedBy": "s2"}])
def test_the_same_item_is_rated_by_the_same_standard_in_every_channel(as_system: As, way: dict[str, str]) -> None:
    system = as_system("send_reviews")
    wrong = {"evalDetail": "207"} | way
    assert system.post("/reviews", {"rows": [review(**wrong)]}).json["refused"][0]["reason"] == (
        "evalDetail：原因代码 207 不属于这一评价等级"
    )
    nothing = bad_review(evalDetail="", writingEvaluation="", **way)
    assert system.post("/reviews", {"rows": [nothing]}).json["refused"][0]["reason"] == "差评必须勾选详情或填写文字评价"
    assert system.post("/reviews", {"rows": [bad_review(**way)]}).json["opened"] == 1
    assert len(as_system("read_catalogue").get("/reasons").json) == 40


@pytest.mark.clause("C4")
def test_a_voice_without_a_record_is_taken(as_system: As, take: Take) -> None:
    take("catalogue", {"programme": "zb", "kind": "channel", "code": "failed", "name": "办不成事窗口", "detail": "voice"})
    row: dict[str, Any] = bad_review(projectNo="", voiceNo="V1", deptCode="rated", pf="", channel="failed")
    assert as_system("send_reviews").post("/reviews", {"rows": [row]}).json["opened"] == 1


@pytest.mark.usefixtures("city")
def test_colleagues_read_the_words_and_the_rated_person_does_not_find_the_case(take: Take, as_: As) -> None:
    take("records", record(programme="xs"))
    take("reviews", bad_review(programme="xs"))
    number = cases()[0].number
    handler, rated = as_(Role.HANDLER, "rated"), as_(Role.HANDLER, "rated", staff="s1")
    shown = handler.get(f"/cases/{number}/review").json
    assert (shown["words"], shown["level"], shown["reasons"][0]["label"]) == ("等了两个小时没有人理。", 1, "服务态度差效率低")
    assert rated.get(f"/cases/{number}/review").status_code == 404
    (own,) = rated.get("/ratings").json
    assert (own["number"], own["may_state"]) == (number, False)
    assert as_(Role.WINDOW, "rated", staff="s1").get("/ratings").json == [own]
    assert as_(Role.WINDOW, "rated", staff="s7").get("/ratings").json == []


@pytest.mark.clause("XS 6")
def test_no_answer_tells_the_department_that_its_case_was_drawn(make_case: Make, as_: As) -> None:
    case = handling(make_case, "xs")
    work.draw(case.clock, load_vault(config().key_file), lambda: b"s" * 32)
    for element in ("verify", "rectify_clear", "answer", "report"):
        case.do(element)
    case.clock.set(datetime.fromisoformat("2025-05-06T09:00:00+08:00"))
    work.draw(case.clock, load_vault(config().key_file), lambda: b"s" * 32)
    assert db.session.scalars(select(DrawMember.status)).all() == ["drawn"]
    assert set(case.open_tasks()) == {"revisit"}
    number = case.case.number
    department, centre = as_(Role.HEAD, RATED), as_(Role.HANDLER, "xs-affairs-centre")
    for path in ("", "/timeline", "/deadlines", "/revisits"):
        assert "revisit" not in department.get(f"/cases/{number}{path}").text.replace("/revisits", "")
    assert department.get(f"/cases/{number}/tasks/revisit").json == department.get(f"/cases/{number}/tasks/revisit").json
    assert department.get(f"/cases/{number}/tasks/revisit").status_code == 409
    assert "revisit" in centre.get(f"/cases/{number}").text
    assert department.get("/draws/2025-04").json["code"] == "draw_not_over"
    case.do("revisit")
    work.draw(case.clock, load_vault(config().key_file), lambda: b"s" * 32)
    assert "revisit" in department.get(f"/cases/{number}").text
    assert department.get("/draws/2025-04").json["members"] == {number: "made"}
