"""The public's page: behind a link that cannot be guessed, one review a service, a bad one opens its case at once."""

from __future__ import annotations

import pytest
from flask import Flask
from intake.conftest import Take, record
from sqlalchemy import select

from app.cases.models import Case
from app.catalogue.links import RECEIPT, SERVICE, WINDOW, Link, sign_link
from app.cli import config
from app.db import db
from app.identity.vault import load_vault
from app.intake.models import Review
from pages.conftest import Visitor, text_of

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture
def citizen(database: Flask) -> Visitor:
    """Somebody without an account."""
    return Visitor(database.test_client())


@pytest.fixture
def page(take: Take) -> str:
    """The page of a service in XS."""
    assert take("records", record(programme="xs")).refused == []
    return address(SERVICE, "xs", "P1", "1")


def address(kind: str, programme: str, *parts: str) -> str:
    return "/r/" + sign_link(Link(kind, programme, parts), load_vault(config().key_file).index_key)


def stored() -> list[Review]:
    db.session.expire_all()
    return list(db.session.scalars(select(Review)))


@pytest.mark.clause("X4")
def test_a_bad_review_opens_its_case_and_a_second_one_is_told_that_there_is_one(citizen: Visitor, page: str) -> None:
    asked = text_of(citizen.get(page))
    assert "异地就医备案" in asked
    assert "1号窗口 4月1日 周二" in asked
    sent = citizen.post(page, level="1", reason=["115", "510"], words="等了两个小时", staff="2")
    assert (sent.status_code, sent.location[:6], sent.location[-6:]) == (303, "/mine/", "?new=1")
    (review,) = stored()
    assert (review.level, review.staff_level, review.reasons, review.channel) == (1, 2, ["115"], "qr")
    assert [case.record for case in db.session.scalars(select(Case))] == ["P1"]
    assert "已经评价过了" in text_of(citizen.get(page))
    again = citizen.post(page, level="5")
    assert (again.status_code, len(stored())) == (409, 1)
    assert "这次办理已经有评价了" in text_of(again)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "请先选一个表情"),
        ({"level": "6"}, "请先选一个表情"),
        ({"level": "2"}, "请选一个原因，或者写一句"),
        ({"level": "1", "reason": "510"}, "请选一个原因，或者写一句"),
        ({"level": "1", "words": "长" * 2001}, "不超过 2000 字，现在是 2001 字"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(citizen: Visitor, page: str, form: dict[str, str], said: str) -> None:
    answer = citizen.post(page, **({"words": ""} | form), staff="4")
    assert (answer.status_code, said in text_of(answer)) == (422, True)
    assert 'name="staff" value="4" checked' in answer.text
    assert stored() == []


def test_markup_stays_text_and_no_personal_datum_stands_on_the_page(citizen: Visitor, page: str) -> None:
    answer = citizen.post(page, words="<script>alert(1)</script>")
    assert "<script>alert" not in answer.text
    for datum in ("欧阳", "1541000", "990001"):
        assert datum not in citizen.get(page).text


def test_a_good_review_needs_no_words_and_opens_nothing(citizen: Visitor, page: str) -> None:
    assert citizen.post(page, level="5").status_code == 303
    assert [review.level for review in stored()] == [5]
    assert list(db.session.scalars(select(Case))) == []


@pytest.mark.clause("C4")
def test_at_a_window_one_finds_ones_own_service_by_number_and_end_of_phone(citizen: Visitor, page: str) -> None:
    window = address(WINDOW, "xs", "window", "w1")
    assert "先找到那次办理" in text_of(citizen.get(window))
    found = citizen.post(f"{window}/service", record="P1", phone_end="0001")
    assert (found.status_code, found.location) == (303, page)
    wrong = [citizen.post(f"{window}/service", record=number, phone_end=end) for number, end in (("P1", "9999"), ("P9", "0001"))]
    assert {answer.status_code for answer in wrong} == {404}
    assert len({text_of(answer).split("手机号后四位。")[0] for answer in wrong}) == 1


@pytest.mark.clause("C4")
def test_who_was_not_served_is_heard_too_where_there_is_a_channel_for_it(citizen: Visitor, page: str, take: Take) -> None:
    window = address(WINDOW, "xs", "window", "w1")
    assert "没有办成" not in text_of(citizen.get(window))
    take("catalogue", {"programme": "xs", "kind": "channel", "code": "scan", "name": "窗口扫码", "detail": "voice"})
    assert "没有办成" in text_of(citizen.get(window))
    assert citizen.post(window, level="1", words="排到我就下班了").status_code == 303
    (case,) = db.session.scalars(select(Case))
    assert (case.rated_department, case.record.startswith("V-")) == ("rated", True)


def test_wrong_links_look_alike_and_whoever_guesses_is_stopped(citizen: Visitor, page: str) -> None:
    wrong = [page[:-1], "/r/nonsense.x", address(RECEIPT, "xs", "2025-04-01", "P1", "1")]
    assert len({text_of(citizen.get(path)) for path in wrong}) == 1
    answers = [citizen.get(f"/r/{n}.x").status_code for n in range(20)]
    assert (answers[0], answers[-1]) == (404, 429)
    assert citizen.get(page).status_code == 429


def test_looking_at_ones_own_page_is_never_a_guess(citizen: Visitor, page: str) -> None:
    assert {citizen.get(page).status_code for _ in range(30)} == {200}


def test_another_site_cannot_have_somebody_review(citizen: Visitor, page: str) -> None:
    assert citizen.post(page, "cross-site", level="1", words="刷").status_code == 403
    assert stored() == []
