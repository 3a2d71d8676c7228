"""Referrals in their own place: who may read, who refers, who answers, and no trace elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cases.conftest import Driver, handling, rows
from sqlalchemy import func, select

from app.audit.models import AuditEntry
from app.db import db
from app.identity.actor import Role
from app.supervision.models import Referral
from pages.conftest import Visit, text_of

Make = Callable[..., Driver]
CENTRE, SUPERIOR = "xs-affairs-centre", "xs-affairs-bureau"
GROUNDS = "窗口人员收受评价人购物卡"


@pytest.fixture
def verified(make_case: Make) -> Driver:
    case = handling(make_case)
    case.do("verify")
    return case


@pytest.mark.clause("L5")
def test_the_overseer_refers_and_the_discipline_body_answers(verified: Driver, visit: Visit) -> None:
    overseer, auditor = visit(department=CENTRE), visit(Role.AUDITOR)
    number = verified.case.number
    for _ in range(2):
        sent = overseer.post("/referrals", number=number.lower(), words=GROUNDS, nonce="n")
        assert (sent.status_code, sent.location) == (303, "/referrals?done=referred")
    (referral,) = rows(Referral)
    shown = overseer.get("/referrals").text
    assert GROUNDS in shown
    assert "由纪检监察机构办理" in shown
    assert overseer.post(f"/referrals/{referral.id}/answer", words="查实").status_code == 403
    assert GROUNDS in auditor.get("/referrals").text
    assert 'action="/referrals" data-main' not in auditor.get("/referrals").text
    assert auditor.post("/referrals", number=number, words=GROUNDS).status_code == 403
    refused = auditor.post(f"/referrals/{referral.id}/answer", words=" ")
    assert refused.status_code == 422
    assert "请写办理结果" in text_of(refused)
    assert auditor.post(f"/referrals/{referral.id}/answer", words="已立案查处").status_code == 303
    assert "已立案查处" in overseer.get("/referrals").text
    assert auditor.post(f"/referrals/{referral.id}/answer", words="再答一次").status_code == 409
    looks = select(func.count()).select_from(AuditEntry).where(AuditEntry.payload["what"].astext == "referrals")
    assert (db.session.scalar(looks) or 0) >= 2


@pytest.mark.clause("L5")
def test_nobody_else_learns_that_there_is_one(verified: Driver, visit: Visit) -> None:
    assert visit(department=CENTRE).post("/referrals", number=verified.case.number, words=GROUNDS).status_code == 303
    for visitor in (visit(), visit(Role.HEAD), visit(department=SUPERIOR), visit(Role.LEADER), visit(Role.WINDOW)):
        answer = visitor.get("/referrals")
        assert answer.status_code == 403
        assert verified.case.number not in answer.text
    assert visit().post("/referrals", number=verified.case.number, words=GROUNDS).status_code == 403
    for visitor in (visit(), visit(department=CENTRE)):
        page = visitor.get(f"/cases/{verified.case.number}").text
        assert GROUNDS not in page
    assert "移交线索" not in visit().get(f"/cases/{verified.case.number}").text
    assert GROUNDS not in visit(department=CENTRE).get("/board").text
    assert 'href="/referrals"' in visit(department=CENTRE).get("/board").text
    assert 'href="/referrals"' not in visit(department=SUPERIOR).get("/board").text


def test_a_wrong_number_is_said_and_what_was_typed_stays(verified: Driver, visit: Visit) -> None:
    overseer = visit(department=CENTRE)
    refused = overseer.post("/referrals", number="XS-2025-999999", words=GROUNDS)
    assert refused.status_code == 404
    assert "没有这个工单号，请从工单页照抄" in text_of(refused)
    assert f"{GROUNDS}</textarea>" in refused.text
    assert overseer.post("/referrals", number=verified.case.number).status_code == 422
    assert rows(Referral) == []
