"""A 12345 clerk on the phone: finds the matter, writes the review down, takes complaints, tells how far a matter is."""

from __future__ import annotations

import re

import pytest
from intake.conftest import Take, record
from sqlalchemy import func, select

from app.audit.models import AuditEntry
from app.cases.models import Case
from app.db import db
from app.identity.actor import Role
from app.intake.models import Review, UncountedReview
from pages.conftest import Visit, Visitor, text_of

pytestmark = pytest.mark.usefixtures("catalogue")
PHONE = "15410000001"
CENTRE = "zb-complaint-centre"
COMPLAINT = {"complaintNo": "12345-7", "deptCode": "rated", "words": "等了三天没有回音", "mobile": "15410000009", "projectNo": ""}


@pytest.fixture
def clerk(visit: Visit, city: None, take: Take, catalogue: object) -> Visitor:
    """A clerk in a programme with the channel of 12345 and two people's services."""
    take("catalogue", {"programme": "zb", "kind": "channel", "code": "hotline-12345", "name": "12345热线", "detail": "hotline"})
    someone_else = {"certKey": "990001198001010023", "userName": "诸葛丙丁", "mobile": "15410000002"}
    take(
        "records", record(), record(projectNo="P2", serviceTime="2025-03-20 09:00:00", acceptDate="2025-03-20 08:50:00"),
        record(projectNo="OLD", serviceTime="2025-02-01 09:00:00", acceptDate="2025-02-01 08:50:00"),
        record(projectNo="P3", **someone_else),
    )  # fmt: skip
    return visit(Role.CLERK, CENTRE, programme="zb")


def way_to(shown: str, number: str) -> str:
    """Return the address behind a matter that was found."""
    found = re.search(rf'href="(/hotline/reviews/[^"]+)"(?:(?!</a>).)*　{number}<', shown, re.S)
    assert found, number
    return found[1]


def nonce_of(shown: str) -> str:
    found = re.search(r'data-main><input type="hidden" name="nonce" value="([^"]+)"', shown)
    assert found
    return found[1]


@pytest.mark.clause("P1", "C4")
def test_a_phone_finds_what_its_owner_did_lately_masked_and_on_the_record(clerk: Visitor) -> None:
    shown = clerk.post("/hotline/matters", sought="154 1000 0001").text
    assert re.findall(r"　(P\d|OLD)<", shown) == ["P1", "P2"]
    assert "欧** 154****0001" in shown
    assert "欧阳甲乙" not in shown
    [look] = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "look_up"))
    assert (look.stream, len(look.payload["reviewers"])) == ("identity", 1)
    assert PHONE not in str(look.payload)
    assert re.findall(r"　(P\d|OLD)<", clerk.post("/hotline/matters", sought="OLD").text) == ["OLD"]
    assert "没有查到" in text_of(clerk.post("/hotline/matters", sought="15419999999"))
    assert clerk.post("/hotline/matters", sought=" ").status_code == 422


@pytest.mark.clause("C4", "X2")
def test_what_a_caller_says_is_taken_by_the_channel_of_12345_and_opens_its_case(clerk: Visitor) -> None:
    way = way_to(clerk.post("/hotline/matters", sought=PHONE).text, "P1")
    form = clerk.get(way)
    assert "异地就医备案" in form.text
    for _ in range(2):  # pressed twice
        sent = clerk.post(way, nonce=nonce_of(form.text), level="1", reason="115", words="没有人理")
        assert (sent.status_code, sent.location) == (303, "/hotline?number=P1&done=P1")
    [stored] = db.session.scalars(select(Review))
    assert (stored.channel, stored.level, stored.reasons, stored.marks) == ("hotline-12345", 1, ["115"], ["phone"])
    assert stored.typed_by
    assert db.session.scalar(select(func.count()).select_from(UncountedReview)) == 0
    [case] = db.session.scalars(select(Case))
    said = text_of(clerk.get(sent.location))
    assert f"工单号 {case.number} ，请告诉来电人" in said
    assert "正在办 转办差评投诉" in said
    assert case.number in clerk.get(f"/hotline?number={case.number}").text
    found = text_of(clerk.post("/hotline/matters", sought=PHONE))
    assert "已经评价过，每次办理评价一次" in found
    assert "这次办理已经评价过了" in text_of(clerk.get(way))
    again = clerk.post(way, nonce="other", level="5")
    assert again.status_code == 422
    assert "本次服务已有评价" in text_of(again)


def test_a_good_review_opens_nothing_and_says_so(clerk: Visitor) -> None:
    way = way_to(clerk.post("/hotline/matters", sought=PHONE).text, "P1")
    sent = clerk.post(way, nonce="1", level="5", reason="517")
    assert sent.location == "/hotline?done=P1"
    assert "P1 已登记。" in text_of(clerk.get(sent.location))


def test_what_is_missing_is_said_and_what_was_typed_stays(clerk: Visitor) -> None:
    way = way_to(clerk.post("/hotline/matters", sought=PHONE).text, "P1")
    assert "请先选一个表情" in text_of(clerk.post(way, nonce="1", words="没有人理"))
    refused = clerk.post(way, nonce="2", level="2")
    assert refused.status_code == 422
    assert "请选一个原因" in text_of(refused)
    assert 'value="2" checked' in refused.text
    assert clerk.get("/hotline/reviews/forged.link").status_code == 404


def test_a_refused_form_is_mended_and_sent_again_with_the_key_it_has(clerk: Visitor) -> None:
    refused = clerk.post("/hotline/complaints", nonce="1", **(COMPLAINT | {"mobile": "没有"}))
    assert 'name="nonce" value="1"' in refused.text
    assert clerk.post("/hotline/complaints", nonce="1", **COMPLAINT).status_code == 303


def test_without_the_channel_the_page_says_who_can_mend_it(visit: Visit, city: None, take: Take) -> None:
    take("records", record(programme="xs"))
    clerk = visit(Role.CLERK, "xs-affairs-centre", programme="xs")
    way = way_to(clerk.post("/hotline/matters", sought=PHONE).text, "P1")
    refused = clerk.post(way, nonce="1", level="1", reason="115")
    assert refused.status_code == 422
    assert "请系统管理员在名录里增加一个细类为 hotline 的渠道" in text_of(refused)
    assert "本方案不接收 12345 投诉" in text_of(clerk.get("/hotline"))


@pytest.mark.clause("L8", "X2")
def test_a_complaint_is_taken_once_and_its_progress_told(clerk: Visitor) -> None:
    incomplete = clerk.post("/hotline/complaints", **(COMPLAINT | {"words": "", "deptCode": ""}))
    assert "还差被投诉单位、投诉内容" in text_of(incomplete)
    assert 'value="12345-7"' in incomplete.text
    assert "应为电话号码" in text_of(clerk.post("/hotline/complaints", **(COMPLAINT | {"mobile": "没有"})))
    for _ in range(2):
        sent = clerk.post("/hotline/complaints", nonce="1", **COMPLAINT)
        assert (sent.status_code, sent.location) == (303, "/hotline?number=12345-7&done=12345-7")
    assert db.session.scalar(select(func.count()).select_from(Case)) == 1
    assert "正在办 转办差评投诉" in text_of(clerk.get(sent.location))
    assert "没有这个工单号" in text_of(clerk.get("/hotline?number=nothing"))


@pytest.mark.clause("P1")
def test_a_desk_finds_nothing_of_other_programmes_and_is_for_clerks_alone(clerk: Visitor, visit: Visit) -> None:
    elsewhere = visit(Role.CLERK, "xs-affairs-centre", programme="xs")
    assert "没有查到" in text_of(elsewhere.post("/hotline/matters", sought=PHONE))
    assert "没有查到" in text_of(elsewhere.post("/hotline/matters", sought="P1"))
    way = way_to(clerk.post("/hotline/matters", sought=PHONE).text, "P1")
    assert elsewhere.get(way).status_code == 404
    assert elsewhere.post(way, level="1", reason="115").status_code == 404
    for role in (Role.HANDLER, Role.HEAD, Role.LEADER, Role.WINDOW):
        stranger = visit(role, CENTRE, programme="zb")
        assert stranger.get("/hotline").status_code == 403
        assert stranger.post("/hotline/matters", sought=PHONE).status_code == 403
        assert stranger.post(way, level="1", reason="115").status_code == 403
        assert stranger.post("/hotline/complaints", **COMPLAINT).status_code == 403
    assert clerk.get("/home").location == "/hotline"
    assert db.session.scalar(select(func.count()).select_from(Review)) == 0


def test_whoever_looks_up_one_after_the_other_is_stopped(clerk: Visitor) -> None:
    codes = [clerk.post("/hotline/matters", sought=f"1541000{number:04d}").status_code for number in range(61)]
    assert codes == [200] * 60 + [429]
