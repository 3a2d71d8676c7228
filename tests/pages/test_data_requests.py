"""What reviewers ask about their data: taken in, answered once, by the overseer's people alone."""

from __future__ import annotations

import pytest
from cases.conftest import rows
from intake.conftest import Take, bad_review, record
from sqlalchemy import select

from app.db import db
from app.identity.actor import Role
from app.identity.reviewers import read_reviewer
from app.identity.vault import Vault
from app.intake.models import Review
from app.privacy.models import DataRequest
from pages.conftest import Visit, Visitor, text_of

CENTRE, PHONE = "xs-affairs-centre", "15410000001"


@pytest.fixture
def officer(catalogue: object, city: None, take: Take, visit: Visit) -> Visitor:
    """Somebody of the overseer, of a city in which somebody has left a bad review."""
    take("records", record(programme="xs"))
    take("reviews", bad_review(programme="xs"))
    return visit(department=CENTRE)


def received(officer: Visitor, kind: str, **more: str) -> int:
    """Take a request in; return its number."""
    sent = officer.post("/requests", phone=PHONE, kind=kind, **more)
    assert (sent.status_code, sent.location) == (303, "/requests?done=new")
    return int(db.session.scalars(select(DataRequest.id).order_by(DataRequest.id.desc())).first() or 0)


@pytest.mark.clause("P4")
def test_what_is_held_is_shown_once(officer: Visitor) -> None:
    number = received(officer, "see")
    assert f"第 {number} 号" in text_of(officer.get("/requests"))
    assert PHONE not in officer.get("/requests").text
    held = officer.post(f"/requests/{number}/held")
    assert PHONE in held.text
    assert "等了两个小时没有人理" in held.text
    again = officer.post(f"/requests/{number}/held")
    assert again.status_code == 404
    assert PHONE not in again.text
    assert "没有待答复的请求" in officer.get("/requests").text


@pytest.mark.clause("P4")
def test_a_correction_is_made_as_it_was_asked_for(officer: Visitor, vault: Vault) -> None:
    assert "更正须写明新的姓名或电话" in text_of(officer.post("/requests", phone=PHONE, kind="correct"))
    number = received(officer, "correct", new_phone="15410000099")
    for _ in range(2):
        assert officer.post(f"/requests/{number}/correction", nonce="n").status_code == 303
    reviewer = db.session.scalars(select(Review.reviewer)).one()
    assert read_reviewer(reviewer, "xs", vault).phone == "15410000099"


@pytest.mark.clause("P4")
def test_deletion_waits_for_the_case_and_a_refusal_has_its_reason(officer: Visitor) -> None:
    number = received(officer, "delete")
    refused = officer.post(f"/requests/{number}/deletion")
    assert refused.status_code == 409
    assert "还有未结束的差评 XS-2025-000001" in text_of(refused)
    missing = officer.post(f"/requests/{number}/refusal", reason=" ")
    assert missing.status_code == 422
    assert "须写明理由" in text_of(missing)
    assert officer.post(f"/requests/{number}/refusal", reason="差评还没有办结").status_code == 303
    assert "不同意：差评还没有办结" in text_of(officer.get("/requests")).replace("： ", "：")
    assert [each.granted for each in rows(DataRequest)] == [False]


def test_an_unknown_phone_or_kind_is_said_and_what_was_typed_stays(officer: Visitor) -> None:
    refused = officer.post("/requests", phone="13900000000", kind="see")
    assert refused.status_code == 404
    assert "没有用这个电话登记的评价人" in text_of(refused)
    assert 'value="13900000000"' in refused.text
    assert officer.post("/requests", phone=PHONE).status_code == 422


def test_nobody_else_takes_or_answers_them(officer: Visitor, visit: Visit) -> None:
    number = received(officer, "see")
    for visitor in (visit(), visit(department="xs-lead-prefecture"), visit(Role.AUDITOR), visit(Role.LEADER), visit(Role.WINDOW)):
        assert visitor.get("/requests").status_code == 403
        assert visitor.post("/requests", phone=PHONE, kind="see").status_code == 403
        held = visitor.post(f"/requests/{number}/held")
        assert held.status_code == 403
        assert PHONE not in held.text
    assert visit(department="xs-affairs-bureau").get("/requests").status_code == 200
