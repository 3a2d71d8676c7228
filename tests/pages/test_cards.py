"""Comment cards and reviews added by phone, typed in at the service centre by nobody who is rated."""

from __future__ import annotations

import re

import pytest
from intake.conftest import Take, record
from sqlalchemy import func, select

from app.cases.models import Case
from app.db import db
from app.identity.actor import Role
from app.intake.models import Review
from pages.conftest import Visit, Visitor, text_of

pytestmark = pytest.mark.usefixtures("catalogue")
CENTRE = "zb-complaint-centre"
CARD = "/cards?way=card&record=P1"


@pytest.fixture
def typist(visit: Visit, city: None, take: Take, catalogue: object) -> Visitor:
    take("catalogue", {"programme": "zb", "kind": "channel", "code": "call-back", "name": "电话回访", "detail": "callback"})
    assert take("records", record(), record(projectNo="P2"), record(projectNo="P2", serviceNumber="2")).refused == []
    return visit(department=CENTRE, programme="zb")


def stored() -> list[Review]:
    db.session.expire_all()
    return list(db.session.scalars(select(Review).order_by(Review.id)))


def nonce_of(shown: str) -> str:
    found = re.search(r'data-main><input type="hidden" name="nonce" value="([^"]+)"', shown)
    assert found
    return found[1]


@pytest.mark.clause("C5")
def test_a_card_is_typed_once_and_the_next_is_asked_for(typist: Visitor) -> None:
    shown = typist.get(CARD)
    assert "异地就医备案" in shown.text
    assert "欧** 154****0001" in shown.text
    nonce = nonce_of(shown.text)
    for _ in range(2):
        sent = typist.post(CARD, nonce=nonce, level="2", reason="214", words="态度不好", said_on="2025-04-01")
        assert (sent.status_code, sent.location) == (303, "/cards?way=card&done=P1&opened=1&count=1")
    [review] = stored()
    assert (review.level, review.channel, review.marks, review.is_late) == (2, "card", ["card"], False)
    assert review.typed_by
    assert db.session.scalar(select(func.count()).select_from(Case)) == 1
    assert "P1 已录入，差评已立案。这次已录 1 张" in text_of(typist.get(sent.location))
    following = typist.post("/cards?way=card&record=P2&visit=2&count=1", nonce="2", level="5", said_on="2025-04-01")
    assert following.location == "/cards?way=card&done=P2&count=2"
    assert "这次办理已经评价过" in text_of(typist.get(CARD))
    assert "本次服务已有评价" in text_of(typist.post(CARD, nonce="3", level="5"))


@pytest.mark.clause("C6")
def test_what_somebody_says_on_the_phone_is_a_supplement_of_today(typist: Visitor) -> None:
    assert "卡上的日期" not in typist.get("/cards?way=callback&record=P1").text
    assert typist.post("/cards?way=callback&record=P1", nonce="1", level="4").status_code == 303
    [review] = stored()
    assert (review.channel, review.marks) == ("call-back", ["phone"])


def test_of_several_visits_one_is_chosen(typist: Visitor) -> None:
    shown = typist.get("/cards?way=card&record=P2")
    assert "这个编号有 2 次办理" in text_of(shown)
    assert "第 2 次" in shown.text
    assert typist.post("/cards?way=card&record=P2", nonce="1", level="5").status_code == 422
    assert typist.post("/cards?way=card&record=P2&visit=2", nonce="2", level="5").status_code == 303
    assert [each.visit for each in stored()] == [2]


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"level": ""}, "请先选一个表情"),
        ({"level": "5", "said_on": "2025-03-31"}, "卡上的日期应在办理那天（2025-04-01）至今天之间"),
        ({"level": "5", "said_on": "2025-04-02"}, "卡上的日期应在办理那天（2025-04-01）至今天之间"),
        ({"level": "5", "said_on": "昨天"}, "请写成 2025-04-01 这样的日期"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(typist: Visitor, form: dict[str, str], says: str) -> None:
    refused = typist.post(CARD, nonce="1", words="原话在此", **form)
    assert refused.status_code == 422
    assert says in text_of(refused)
    assert "原话在此</textarea>" in refused.text
    assert stored() == []


def test_an_unknown_number_and_a_missing_channel_are_told(typist: Visitor, visit: Visit, take: Take) -> None:
    assert "没有编号为 XYZ 的办件" in text_of(typist.get("/cards?record=XYZ"))
    take("records", record(programme="xs"))
    centre = visit(department="xs-affairs-centre")
    refused = centre.post("/cards?way=callback&record=P1", nonce="1", level="5")
    assert "请系统管理员在名录里增加一个细类为 callback 的渠道" in text_of(refused)


@pytest.mark.clause("C5")
def test_nobody_types_who_is_rated_or_of_a_department_that_is(typist: Visitor, visit: Visit) -> None:
    rated = visit(department=CENTRE, programme="zb", staff="s1")
    assert "不能由被评价人录入" in text_of(rated.post(CARD, nonce="1", level="5"))
    stranger = visit(department="rated", programme="zb")
    shown = stranger.get("/cards")
    assert shown.status_code == 403
    assert "由政务服务中心录入，您单位不录入" in text_of(shown)
    assert stranger.post(CARD, nonce="1", level="5").status_code == 403
    assert "欧" not in stranger.get(CARD).text
    for role in (Role.CLERK, Role.LEADER, Role.WINDOW):
        assert visit(role, CENTRE, programme="zb").get("/cards").status_code == 403
    assert stored() == []
