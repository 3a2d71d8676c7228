"""Somebody with many matters: one page, nothing preset, and a report of every row that is true."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from intake.conftest import Take, record, review
from sqlalchemy import select

from app.cases.models import Case
from app.catalogue.links import WINDOW, Link, sign_link
from app.cli import config
from app.clock import VirtualClock
from app.db import db
from app.identity.vault import load_vault
from app.intake.models import Review
from pages.conftest import Visitor, text_of

pytestmark = pytest.mark.usefixtures("catalogue")

#: Somebody else's matter; a number so long that no random value of a page contains it.
ELSE = "ELSE-2025-0001"


@pytest.fixture
def citizen(database: Flask) -> Visitor:
    return Visitor(database.test_client())


@pytest.fixture
def page(take: Take, citizen: Visitor) -> str:
    """The page of an agent with three matters; a fourth is somebody else's."""
    rows = [record(programme="xs", projectNo=f"P{n}") for n in (1, 2, 3)]
    other = record(programme="xs", projectNo=ELSE, certKey="990001198001010023", mobile="15410000002")
    assert take("records", *rows, other).refused == []
    window = "/r/" + sign_link(Link(WINDOW, "xs", ("window", "w1")), load_vault(config().key_file).index_key)
    found = citizen.post(f"{window}/service", record="P2", phone_end="0001")
    assert (found.status_code, found.location[:9]) == (303, "/matters/")
    assert citizen.post(f"{window}/service", record=ELSE, phone_end="0002").location.startswith("/r/")
    return str(found.location)


def stored() -> list[tuple[str, int]]:
    db.session.expire_all()
    return [(each.record, each.level) for each in db.session.scalars(select(Review).order_by(Review.record))]


def rows(**levels: str) -> dict[str, str]:
    return {f"level/{number}/1": levels.get(number, "") for number in ("P1", "P2", "P3")}


@pytest.mark.clause("C3")
def test_nothing_is_preset_and_nobody_elses_matter_is_shown(citizen: Visitor, page: str) -> None:
    shown = citizen.get(page)
    assert "3 件还没有评价" in text_of(shown)
    assert ("selected" in shown.text, "checked" in shown.text, ELSE in shown.text) == (False, False, False)
    for datum in ("欧阳", "15410000001", "990001"):
        assert datum not in shown.text


def test_each_is_reviewed_for_itself_and_told_of(citizen: Visitor, page: str) -> None:
    sent = citizen.post(page, **rows(P1="5", P3="1"), words="跑了三趟", nonce="n")
    assert "收到 2 件" in text_of(sent)
    assert stored() == [("P1", 5), ("P3", 1)]
    assert [case.record for case in db.session.scalars(select(Case))] == ["P3"]
    assert sent.text.count('href="/mine/') == 2
    assert text_of(citizen.post(page, **rows(P1="5", P3="1"), words="跑了三趟", nonce="n")) == text_of(sent)
    assert "1 件还没有评价" in text_of(citizen.get(page))


def test_the_same_for_all_spares_what_was_chosen_apart_and_what_was_not_shown(citizen: Visitor, page: str) -> None:
    shown = rows(P2="3")
    del shown["level/P3/1"]
    assert "收到 2 件" in text_of(citizen.post(page, all="4", **shown))
    assert stored() == [("P1", 4), ("P2", 3)]


@pytest.mark.parametrize(
    ("form", "said"),
    [({}, "还没有选"), ({"all": "2"}, "有不满意的，请在下面写一句"), ({"all": "5", "words": "长" * 2001}, "不超过 2000 字")],
)
def test_what_is_missing_is_said_and_what_was_chosen_stays(citizen: Visitor, page: str, form: dict[str, str], said: str) -> None:
    answer = citizen.post(page, **rows(P1="3" if form else ""), **form)
    assert (answer.status_code, said in text_of(answer)) == (422, True)
    assert answer.text.count("selected") == 2 * bool(form)
    assert stored() == []


def test_a_matter_that_was_reviewed_meanwhile_is_no_longer_asked_for(citizen: Visitor, page: str, take: Take) -> None:
    take("reviews", review(programme="xs", projectNo="P1", pf="4"))
    assert "2 件还没有评价" in text_of(citizen.get(page))
    assert "收到 2 件" in text_of(citizen.post(page, all="4", **rows()))
    assert stored() == [("P1", 5), ("P2", 4), ("P3", 4)]


def test_the_link_does_not_follow_its_person_about(citizen: Visitor, page: str, take: Take, clock: VirtualClock) -> None:
    clock.set(clock.moment + timedelta(days=2))
    later = "2025-04-03 09:00:00"
    take("records", record(programme="xs", projectNo="P4", acceptDate=later, resultDate=later, serviceTime=later))
    assert "3 件还没有评价" in text_of(citizen.get(page))
    assert citizen.get(page[:-1]).status_code == 404
    assert citizen.get(page.replace("/matters/", "/mine/")).status_code == 404
