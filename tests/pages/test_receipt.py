"""The receipt: a private page of whoever reviewed, with what came of it and what they may still say or ask for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from cases.conftest import Driver, person
from flask import Flask
from intake.conftest import Take, record
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.appeals.models import Objection
from app.audit.models import AuditEntry
from app.cases.models import Case, Reveal
from app.cases.reveal import reveal_contact
from app.catalogue.links import SERVICE, WINDOW, Link, sign_link
from app.cli import config
from app.clock import VirtualClock
from app.config import ROOT
from app.db import db
from app.identity.vault import load_vault
from app.intake.models import Review
from app.privacy.models import DataRequest
from app.revisits.models import RectificationRating
from app.supervision.models import Referral
from pages.conftest import Visitor, text_of

pytestmark = pytest.mark.usefixtures("catalogue", "city", "served")
PHONE = "15410000001"
BAD = {"level": "1", "reason": "115", "words": "等了两个小时"}


@pytest.fixture
def served(catalogue: object, take: Take) -> None:
    assert take("records", record(programme="xs")).refused == []


@pytest.fixture
def citizen(database: Flask) -> Visitor:
    return Visitor(database.test_client())


def address(kind: str, *parts: str, programme: str = "xs") -> str:
    return "/r/" + sign_link(Link(kind, programme, parts), load_vault(config().key_file).index_key)


Give = Callable[..., str]


@pytest.fixture
def give(citizen: Visitor) -> Give:
    """Review the service and return the address of the receipt."""

    def given(**form: str) -> str:
        sent = citizen.post(address(SERVICE, "P1", "1"), **(BAD | form))
        assert sent.status_code == 303, text_of(sent)
        return str(sent.location).partition("?")[0]

    return given


def case_of(clock: VirtualClock, programme: str = "xs") -> Driver:
    return Driver(db.session.scalars(select(Case.id).order_by(Case.id.desc())).first() or 0, programme, clock)


def answer(case: Driver) -> None:
    """Handle the case up to its answer."""
    case.do("forward", department="rated")
    case.do("verify")
    case.do("rectify_clear")
    case.do("answer", found="窗口少开了一个", done="增开一个窗口", basis="不满意可以拨打 12345")


def done(sent: TestResponse) -> bool:
    return (sent.status_code, str(sent.location).partition("?")[2]) == (303, "done=1")


@pytest.mark.clause("L3")
def test_a_receipt_tells_how_far_it_is_and_then_the_answer(citizen: Visitor, give: Give, clock: VirtualClock) -> None:
    page = give()
    case = case_of(clock)
    assert "已收到 核实 处理 答复 这一步最迟 4月3日 周四 完成" in text_of(citizen.get(page))
    case.do("forward", department="rated")
    assert "已收到 正在核实 处理 答复 这一步最迟 4月2日 周三 完成" in text_of(citizen.get(page))
    case.at("2025-04-03T09:00")
    assert "这一步本应在 4月2日 周三 前完成，现已超过" in text_of(citizen.get(page))
    case.do("verify")
    assert "已收到 核实 正在处理 答复" in text_of(citizen.get(page))
    case.do("rectify_clear")
    case.do("answer", found="窗口少开了一个", done="增开一个窗口", basis="不满意可以拨打 12345")
    shown = text_of(citizen.get(page))
    assert "给您的答复 04-03 09:00 核查了什么 窗口少开了一个 做了什么 增开一个窗口 依据与后续途径 不满意可以拨打 12345" in shown
    for internal in ("工单", "承办", "环节", "差评", case.case.number, "xs-"):
        assert internal not in shown


def test_a_form_that_is_sent_twice_leads_to_the_same_receipt(citizen: Visitor) -> None:
    page = address(SERVICE, "P1", "1")
    first, again = (citizen.post(page, **BAD, nonce="n1") for _ in range(2))
    assert (first.status_code, first.location) == (again.status_code, again.location)
    assert citizen.post(page, **BAD, nonce="n2").status_code == 409


def test_a_receipt_is_nobody_elses_and_no_other_link_opens_it(citizen: Visitor, give: Give) -> None:
    page = give()
    answered = citizen.get(page)
    assert (answered.headers["X-Robots-Tag"], answered.headers["Cache-Control"]) == ("noindex, nofollow", "no-store")
    others = [address(SERVICE, "P1", "1").replace("/r/", "/mine/"), page[:-1], "/mine/nonsense.x"]
    answers = [citizen.get(path) for path in others]
    assert ({each.status_code for each in answers}, len({text_of(each) for each in answers})) == ({404}, 1)
    assert page not in citizen.get(address(SERVICE, "P1", "1")).text
    for datum in ("欧阳", PHONE, "990001"):
        assert datum not in answered.text


@pytest.mark.clause("C3")
def test_one_may_add_once_within_seven_days(citizen: Visitor, give: Give, clock: VirtualClock) -> None:
    page = give()
    assert "补充评价（到 4月8日 周二）" in text_of(citizen.get(page))
    refused = citizen.post(f"{page}/addition", level="1", words="")
    assert (refused.status_code, "请选一个原因，或者写一句" in text_of(refused)) == (422, True)
    assert done(citizen.post(f"{page}/addition", level="2", words="还是没有人管"))
    assert [(each.sequence, each.level) for each in db.session.scalars(select(Review).order_by(Review.sequence))] == [
        (1, 1),
        (2, 2),
    ]
    assert "还是没有人管" in text_of(citizen.get(page))
    assert citizen.post(f"{page}/addition", level="5").status_code == 409


def test_after_seven_days_nothing_can_be_added(citizen: Visitor, give: Give, clock: VirtualClock) -> None:
    page = give(level="5", reason="", words="")
    clock.set(clock.moment + timedelta(days=8))
    assert "补充评价的期限已过" in text_of(citizen.get(page))
    assert citizen.post(f"{page}/addition", level="5").status_code == 409


@pytest.mark.clause("C4")
def test_who_was_not_served_gets_a_receipt_too(citizen: Visitor, take: Take) -> None:
    take("catalogue", {"programme": "xs", "kind": "channel", "code": "scan", "name": "窗口扫码", "detail": "voice"})
    sent = citizen.post(address(WINDOW, "window", "w1"), level="1", words="排到我就下班了")
    shown = text_of(citizen.get(sent.location))
    assert "您反映的情况 市医疗保障局" in shown
    assert "补充评价" not in shown.split("您怎么说的")[1]


def test_how_content_one_is_with_what_was_done_is_said_once_a_round(citizen: Visitor, give: Give, clock: VirtualClock) -> None:
    page = give()
    assert citizen.post(f"{page}/rating/1", level="4").status_code == 409
    answer(case_of(clock))
    assert "对这次整改满意吗" in text_of(citizen.get(page))
    assert citizen.post(f"{page}/rating/1").status_code == 422
    assert done(citizen.post(f"{page}/rating/1", level="4"))
    assert citizen.post(f"{page}/rating/1", level="1").status_code == 409
    assert citizen.post(f"{page}/rating/2", level="1").status_code == 409
    assert [(each.round, each.level) for each in db.session.scalars(select(RectificationRating))] == [(1, 4)]
    assert "您对整改的评价：满意" in text_of(citizen.get(page))


@pytest.mark.clause("C9")
def test_pressure_is_told_to_overseer_and_discipline_body_alone(citizen: Visitor, give: Give, clock: VirtualClock) -> None:
    page = give()
    case = case_of(clock).case
    before = list(db.session.scalars(select(AuditEntry.seq).where(AuditEntry.stream == f"case:{case.number}")))
    quiet = text_of(citizen.get(page))
    for _ in range(2):
        assert done(citizen.post(f"{page}/pressure", words="主任打电话让我改口"))
    assert text_of(citizen.get(page)) == quiet
    (told,) = db.session.scalars(select(Referral))
    assert (told.case_id, told.kind, told.grounds, told.referred_by) == (case.id, "reprisal", "主任打电话让我改口", "reviewer")
    assert list(db.session.scalars(select(AuditEntry.seq).where(AuditEntry.stream == f"case:{case.number}"))) == before
    assert citizen.post(f"{page}/pressure", words=" ").status_code == 422


@pytest.mark.clause("P1")
def test_each_look_at_ones_phone_is_told_by_post_not_by_name(citizen: Visitor, give: Give, clock: VirtualClock) -> None:
    page = give()
    assert "还没有人看过" in text_of(citizen.get(page))
    case = case_of(clock)
    case.do("forward", department="rated")
    actor = person("xs", "rated")
    case.act(lambda step: reveal_contact(step, actor, "核实情况", load_vault(config().key_file)), actor)
    assert db.session.scalars(select(Reveal)).one().account not in (shown := text_of(citizen.get(page)))
    assert "04-01 09:00 市医疗保障局承办人，用途： 核实情况" in shown


@pytest.mark.clause("P4")
def test_ones_data_is_asked_for_with_the_phone_that_is_held(citizen: Visitor, give: Give) -> None:
    page = give()
    wrong = citizen.post(f"{page}/data", kind="see", held_phone="15400000000")
    assert (wrong.status_code, "与办事时登记的不一样" in text_of(wrong)) == (404, True)
    assert citizen.post(f"{page}/data", kind="correct", held_phone=PHONE, name="").status_code == 422
    assert done(citizen.post(f"{page}/data", kind="correct", held_phone=PHONE, name="欧阳丙"))
    assert done(citizen.post(f"{page}/data", kind="correct", held_phone=PHONE, name="欧阳丙"))
    (asked,) = db.session.scalars(select(DataRequest))
    assert (asked.kind, asked.wish, asked.received_by) == ("correct", {"name": "欧阳丙"}, "reviewer")
    assert "更正：04-01 09:00 提出，最迟 5月1日 周四 答复" in text_of(citizen.get(page))


def test_of_an_anonymous_review_nothing_is_held(citizen: Visitor, give: Give) -> None:
    page = give(anonymous="1")
    assert "这次评价是匿名的，没有人能看到" in text_of(citizen.get(page))
    assert citizen.post(f"{page}/data", kind="see", held_phone=PHONE).status_code == 422


def test_another_site_can_do_nothing_with_a_receipt(citizen: Visitor, give: Give) -> None:
    page = give()
    for act in ("addition", "rating/1", "pressure", "data"):
        assert citizen.post(f"{page}/{act}", "cross-site", level="5", words="改好评").status_code == 403


@pytest.mark.clause("L6")
def test_one_may_object_to_it_that_a_review_is_not_counted(citizen: Visitor, take: Take, clock: VirtualClock) -> None:
    assert take("records", record(programme="zb")).refused == []
    sent = citizen.post(address(SERVICE, "P1", "1", programme="zb"), **BAD)
    page = str(sent.location).partition("?")[0]
    assert citizen.post(f"{page}/objection/1", words="我确实办过").status_code == 409
    case = case_of(clock, "zb")
    case.do("forward", department="rated")
    case.do("verify", handling="claim", truth="false", responsibility="none")
    case.do("rule_claim", upheld=True, ground="no_service")
    case.do("tell_voided", found="没有这次服务", done="评价不予采纳", basis="可以提出异议")
    assert "这次评价不计入统计。 我不同意" in text_of(citizen.get(page))
    assert citizen.post(f"{page}/objection/1", words="").status_code == 422
    for _ in range(2):
        assert done(citizen.post(f"{page}/objection/1", words="我确实办过", nonce="n"))
    assert [each.words for each in db.session.scalars(select(Objection))] == ["我确实办过"]
    clock.set(clock.moment + timedelta(days=30))
    assert "提出异议的期限已过" in text_of(citizen.get(page))
    assert citizen.post(f"{page}/objection/1", words="再说一遍").status_code == 409


@pytest.mark.parametrize("name", ["public", "review", "review_large", "receipt", "matters", "kiosk"])
def test_citizens_read_no_words_of_the_office(name: str) -> None:
    text = (ROOT / "app" / "pages" / "templates" / f"{name}.html").read_text(encoding="utf-8")
    assert [word for word in ("工单", "承办", "环节", "差评", "立案") if word in text] == []
