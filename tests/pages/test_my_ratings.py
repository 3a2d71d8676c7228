"""What rates oneself: nothing of the reviewer, one's defence, and “that was not me”, which the overseer settles."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from cases.conftest import RATED, Driver, handling, person, rows
from casework.test_files import PDF
from intake.conftest import Take, bad_review, record
from sqlalchemy import insert, select
from werkzeug.test import TestResponse

from app.appeals.applying import apply_for_review
from app.appeals.models import Evidence
from app.audit.models import AuditEntry
from app.cases.errors import NotYourTask
from app.cases.models import Case
from app.casework.attachments import Shelf, attach_as_rated
from app.casework.models import Attachment, RatingDispute
from app.catalogue.models import CatalogueEntry
from app.clock import VirtualClock
from app.db import db, unit_of_work
from app.identity.actor import Role
from app.outbox import OutboxMessage
from pages.conftest import Visit, Visitor, text_of

Make = Callable[..., Driver]
CENTRE = "xs-affairs-centre"

#: The service that is rated; a number so long that no random value of a page contains it.
NUMBER = "SERVICE-2025-0001"


@pytest.fixture
def rated(catalogue: object, city: None, take: Take, clock: VirtualClock) -> Driver:
    """A case of XS, with all that a reviewer says, that rates s1 of the rated department."""
    take("records", record(programme="xs", projectNo=NUMBER))
    take("reviews", bad_review(programme="xs", projectNo=NUMBER))
    case = Driver(db.session.scalars(select(Case.id)).one(), "xs", clock)
    case.do(next(iter(case.open_tasks())), summary="欧阳甲乙（15410000001）反映窗口答复前后不一致。")
    case.act(lambda step: step.change(rated_staff="s1", rated_department=RATED))
    return case


def window(visit: Visit, staff: str | None = "s1", **more: str) -> Visitor:
    return visit(Role.WINDOW, staff=staff, **more)


def appeal(case: Driver) -> None:
    head = person("xs", RATED, "head")
    case.act(lambda step: apply_for_review(step, head, "事项", "理由", "意见"), head)


@pytest.mark.clause("P3", "P1")
def test_one_sees_what_rates_oneself_and_nothing_of_the_reviewer(rated: Driver, visit: Visit) -> None:
    me = window(visit)
    assert me.get("/home").location == "/my-ratings"
    shown = me.get("/my-ratings").text
    assert rated.case.number in shown
    assert "反映窗口答复前后不一致。" in shown
    for secret in ("等了两个小时", "15410000001", "欧阳", NUMBER, "异地就医备案", "09:05"):
        assert secret not in shown, secret
    assert rated.case.number not in window(visit, "s2").get("/my-ratings").text
    assert "没有对您的差评" in window(visit, None).get("/my-ratings").text
    assert visit(Role.LEADER).get("/my-ratings").status_code == 403


@pytest.mark.clause("P3")
def test_one_is_heard_while_something_is_ruled(rated: Driver, visit: Visit) -> None:
    me, path = window(visit), f"/my-ratings/{rated.case.number}/evidence"
    assert "现在没有正在审查的复核或申诉" in text_of(me.get("/my-ratings"))
    assert me.post(path, words="我当时已说明").status_code == 409
    appeal(rated)
    assert f'action="{path}"' in me.get("/my-ratings").text
    refused = me.post(path, words=" ")
    assert refused.status_code == 422
    assert "请写明情况" in text_of(refused)
    for _ in range(2):
        assert me.post(path, words="我当时已说明所缺材料", nonce="n").location == "/my-ratings?done=evidence"
    assert [(each.side, each.text) for each in rows(Evidence)] == [("staff", "我当时已说明所缺材料")]
    assert window(visit, "s2").post(path, words="x").status_code == 404
    assert window(visit, programme="hk").post(path, words="x").status_code == 404


@pytest.mark.clause("P3")
def test_a_handler_who_is_rated_is_heard_too_and_sees_the_case_nowhere_else(rated: Driver, visit: Visit) -> None:
    appeal(rated)
    me = visit(staff="s1")
    assert 'href="/my-ratings"' in me.get("/team").text
    assert 'href="/my-ratings"' not in visit().get("/team").text
    assert me.get(f"/cases/{rated.case.number}").status_code == 404
    assert me.post(f"/my-ratings/{rated.case.number}/evidence", words="我当时已说明").status_code == 303
    assert [each.side for each in rows(Evidence)] == ["staff"]


@pytest.mark.clause("P3")
def test_files_lie_with_the_evidence_or_nothing_is_kept(rated: Driver, visit: Visit, tmp_path: Path) -> None:
    me, path = window(visit), f"/my-ratings/{rated.case.number}/evidence"

    def lay(*files: tuple[str, bytes]) -> TestResponse:
        data = {"words": "监控可以证明", "file": [(BytesIO(content), name) for name, content in files]}
        return me.client.post(path, data=data, headers={"Sec-Fetch-Site": "same-origin", "Accept": "text/html"})

    assert lay(("监控.pdf", PDF)).status_code == 409
    appeal(rated)
    refused = lay(("监控.pdf", PDF), ("截图.png", b"<html>"))
    assert refused.status_code == 422
    assert "只收" in text_of(refused)
    assert (rows(Evidence), rows(Attachment)) == ([], [])
    assert lay(("监控.pdf", PDF)).status_code == 303
    assert [each.text for each in rows(Evidence)] == ["监控可以证明"]
    judge = visit(department=rated.open_tasks()["rule_appeal"].department)
    assert "监控.pdf" in judge.get(f"/rulings/{rated.case.number}/rule_appeal").text
    with pytest.raises(NotYourTask):
        rated.act(lambda step: attach_as_rated(step, person("xs", RATED), "x.pdf", PDF, Shelf(tmp_path, None)))


def test_that_it_was_not_me_is_told_to_the_overseer_who_answers(rated: Driver, visit: Visit) -> None:
    me, number = window(visit), rated.case.number
    path = f"/my-ratings/{number}/dispute"
    for _ in range(2):
        assert me.post(path, words="当天我休假，是别的同事在岗", nonce="n").location == "/my-ratings?done=dispute"
    (dispute,) = [each.id for each in rows(RatingDispute)]
    told = [each for each in rows(OutboxMessage) if each.kind == "rating_dispute"]
    assert [each.recipient for each in told] == [CENTRE]
    assert "dispute_rating" in {each.act for each in rows(AuditEntry, stream=f"case:{number}")}
    assert me.post(path, words="再说一遍").status_code == 409
    assert "您已经提出过" in text_of(me.get("/my-ratings"))
    assert window(visit, "s2").post(path, words="x").status_code == 404
    overseer, keep = visit(department=CENTRE), f"/board/{number}/disputes/{dispute}"
    assert "当天我休假，是别的同事在岗" in overseer.get("/board").text
    assert visit(Role.LEADER).post(keep, answer="x").status_code == 403
    assert visit(department="xs-affairs-bureau").post(keep, answer="x").status_code == 403
    assert "请写答复" in text_of(overseer.post(keep))
    assert overseer.post(keep, answer="叫号系统记录是您受理的").status_code == 303
    assert "没有待核对的" in overseer.get("/board").text
    assert "监督单位答复： 叫号系统记录是您受理的" in text_of(me.get("/my-ratings"))
    assert overseer.post(keep, answer="再答一次").status_code == 404


def test_a_rating_that_is_put_right_is_anothers_from_then_on(rated: Driver, visit: Visit) -> None:
    me, number = window(visit), rated.case.number
    me.post(f"/my-ratings/{number}/dispute", words="当天我休假")
    with unit_of_work() as session:
        row = {"programme": "xs", "kind": "staff", "code": "s9", "name": "别人", "department": RATED}
        session.execute(insert(CatalogueEntry), row)
    overseer = visit(department=CENTRE)
    assert overseer.post(f"/cases/{number}/rated", staff="s9", window="", reason="排班表为证").status_code == 303
    shown = text_of(me.get("/my-ratings"))
    assert f"{number} 已更正：评价的不是您" in shown
    assert "没有对您的差评" in shown
    assert "s9" not in shown
    assert "没有待核对的" in overseer.get("/board").text
    assert me.post(f"/my-ratings/{number}/evidence", words="x").status_code == 404


def test_a_complaint_or_an_ended_case_is_said_so(make_case: Make, visit: Visit) -> None:
    case = handling(make_case, staff="s1")
    me = window(visit)
    assert "由投诉转来，没有评价" in text_of(me.get("/my-ratings"))
    assert me.post(f"/my-ratings/{case.case.number}/dispute", words="不是我").status_code == 404
