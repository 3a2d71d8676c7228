"""The window's evaluator: asks about the newest matter of its window, and takes an answer for no other one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from intake.conftest import Take, record, review
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.cases.models import Case
from app.catalogue.links import EVALUATOR, WINDOW, Link, sign_link
from app.cli import config
from app.clock import VirtualClock
from app.db import db, unit_of_work
from app.identity.actor import Role
from app.identity.vault import load_vault
from app.intake.models import Review, WindowCall
from app.intake.window_calls import forget_old_calls
from pages.conftest import Visit, Visitor, text_of

pytestmark = pytest.mark.usefixtures("catalogue")
ACCEPTED = {"programme": "xs", "proStatus": "2", "resultDate": ""}


@pytest.fixture
def kiosk(database: Flask) -> Visitor:
    return Visitor(database.test_client())


def signed(kind: str = EVALUATOR, *parts: str) -> str:
    return sign_link(Link(kind, "xs", parts or ("w1",)), load_vault(config().key_file).index_key)


PAGE = "/kiosk/"


def page() -> str:
    return PAGE + signed()


def arrive(take: Take, number: str = "P1", **changes: str) -> None:
    report = take("records", record(programme="xs", projectNo=number, **changes))
    assert report.refused == []


def calls() -> int:
    db.session.expire_all()
    return db.session.scalar(select(func.count()).select_from(WindowCall)) or 0


def newest() -> str:
    db.session.expire_all()
    return str(db.session.scalar(select(func.max(WindowCall.id))))


def stored() -> list[tuple[str, int, str, list[str]]]:
    db.session.expire_all()
    return [(each.record, each.level, each.channel, each.reasons) for each in db.session.scalars(select(Review))]


def waits(answer: TestResponse) -> bool:
    return "欢迎评价" in answer.text


@pytest.mark.clause("C4")
def test_it_waits_and_asks_when_a_matter_of_its_window_is_done(kiosk: Visitor, take: Take) -> None:
    assert waits(kiosk.get(page()))
    assert kiosk.get(f"{page()}/events").text == "retry: 2000\n\n"
    arrive(take)
    assert kiosk.get(f"{page()}/events?known=0").text.endswith(f"id: {newest()}\nevent: call\ndata: {newest()}\n\n")
    assert kiosk.get(f"{page()}/events?known={newest()}").text == "retry: 2000\n\n"
    shown = text_of(kiosk.get(page()))
    assert "这次服务，您满意吗" in shown
    assert "异地就医备案" in shown
    for datum in ("欧阳", "1541000", "窗口人员", "P1"):
        assert datum not in shown


def test_it_asks_when_a_matter_is_accepted_and_again_when_it_is_finished(kiosk: Visitor, take: Take) -> None:
    at_nine = {"acceptDate": "2025-04-01 09:00:00"}
    arrive(take, **at_nine, proStatus="2", resultDate="")
    first = newest()
    arrive(take, **at_nine, proStatus="2", resultDate="")
    assert calls() == 1
    arrive(take, **at_nine)
    assert (calls(), newest() > first) == (2, True)


def test_files_of_longer_ago_and_other_windows_call_nobody(kiosk: Visitor, take: Take, clock: VirtualClock) -> None:
    arrive(take, window="")
    clock.set(clock.moment + timedelta(minutes=4))
    arrive(take, "P2")
    assert (calls(), waits(kiosk.get(page()))) == (0, True)


def test_a_good_level_is_one_touch_and_a_receipt_to_take_along(kiosk: Visitor, take: Take) -> None:
    arrive(take)
    first, again = (kiosk.post(page(), call=newest(), level="5", nonce="n") for _ in range(2))
    assert "已收到您的评价" in text_of(first)
    assert "data:image/svg+xml," in first.text
    assert text_of(first) == text_of(again)
    assert stored() == [("P1", 5, "tablet", [])]
    assert waits(kiosk.get(page()))
    assert kiosk.get(f"{page()}/events?known=0").text == "retry: 2000\n\n"


def test_a_bad_level_asks_for_its_reasons_first(kiosk: Visitor, take: Take) -> None:
    arrive(take)
    asked = kiosk.post(page(), call=newest(), level="1")
    assert ("哪里不好" in text_of(asked), "请至少选一项" in text_of(asked), stored()) == (True, False, [])
    assert "请至少选一项" in text_of(kiosk.post(page(), call=newest(), level="1", send="1"))
    assert "已收到您的评价" in text_of(kiosk.post(page(), call=newest(), level="1", reason=["115", "510"], send="1"))
    assert stored() == [("P1", 1, "tablet", ["115"])]
    assert [case.record for case in db.session.scalars(select(Case))] == ["P1"]


def test_an_answer_that_comes_too_late_is_nobody_elses(kiosk: Visitor, take: Take) -> None:
    arrive(take)
    old = newest()
    arrive(take, "P2")
    sent = kiosk.post(page(), call=old, level="1", reason="115")
    assert (sent.status_code, sent.location, stored()) == (303, page(), [])


def test_who_passes_is_not_asked_again_and_who_reviewed_by_phone_neither(kiosk: Visitor, take: Take) -> None:
    arrive(take)
    assert waits(kiosk.get(f"{page()}?past={newest()}"))
    assert f"known={newest()}" in kiosk.get(f"{page()}?past={newest()}").text
    take("reviews", review(programme="xs", pf="3"))
    assert waits(kiosk.get(page()))
    assert "已经评价过了" in text_of(kiosk.post(page(), call=newest(), level="5"))
    assert len(stored()) == 1


def test_after_three_minutes_it_waits_again_and_calls_are_forgotten(kiosk: Visitor, take: Take, clock: VirtualClock) -> None:
    arrive(take)
    clock.set(clock.moment + timedelta(minutes=3))
    assert waits(kiosk.get(page()))
    clock.set(clock.moment + timedelta(days=1))
    with unit_of_work():
        forget_old_calls(clock.moment)
    assert calls() == 0


def test_a_windows_code_is_no_evaluator_and_only_administrators_are_shown_its_link(kiosk: Visitor, visit: Visit) -> None:
    for path in (PAGE + signed(WINDOW, "window", "w1"), page()[:-1], f"/r/{signed()}"):
        assert kiosk.get(path).status_code == 404
    assert kiosk.get(PAGE + signed(WINDOW, "window", "w1") + "/events").status_code == 404
    assert page() not in visit().get("/windows").text
    assert page() in visit(Role.SYSTEM_ADMIN).get("/windows?programme=xs").text
