"""Large type: one question a screen, carried along in the form; the choice is remembered, and nothing needs a script."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from intake.conftest import Take, record
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.catalogue.links import SERVICE, WINDOW, Link, sign_link
from app.cli import config
from app.db import db
from app.identity.vault import load_vault
from app.intake.models import Review
from pages.conftest import Visitor, text_of

pytestmark = pytest.mark.usefixtures("catalogue", "served")


@pytest.fixture
def served(catalogue: object, take: Take) -> None:
    assert take("records", record(programme="xs")).refused == []


@pytest.fixture
def citizen(database: Flask) -> Visitor:
    return Visitor(database.test_client())


def address(kind: str = SERVICE, *parts: str) -> str:
    return "/r/" + sign_link(Link(kind, "xs", parts or ("P1", "1")), load_vault(config().key_file).index_key)


def question(answer: TestResponse) -> str:
    found = re.search(r'name="at" value="(\w+)"', answer.text)
    return found.group(1) if found else ""


def test_the_choice_is_remembered_until_it_is_taken_back(citizen: Visitor) -> None:
    page = address()
    assert 'class="large"' not in citizen.get(page).text
    assert 'class="large"' in citizen.get(f"{page}?large=1").text
    assert 'class="large"' in citizen.get(page).text
    assert 'class="large"' not in citizen.get(f"{page}?large=0").text
    assert 'class="large"' not in citizen.get(page).text


def test_questions_follow_each_other_and_carry_along_what_was_said(citizen: Visitor) -> None:
    page = address()
    assert question(citizen.get(f"{page}?large=1")) == "level"
    nothing = citizen.post(f"{page}/next", at="level", go="on")
    assert (nothing.status_code, question(nothing), "请先选一个表情" in text_of(nothing)) == (422, "level", True)
    reason = citizen.post(f"{page}/next", at="level", go="on", level="2")
    assert (question(reason), "哪里不好" in text_of(reason), "服务热情效率高" in text_of(reason)) == ("reason", True, False)
    words = citizen.post(f"{page}/next", at="reason", go="on", level="2", reason=["204", "212"], nonce="n")
    assert question(words) == "words"
    for hidden in ('name="level" value="2"', 'name="reason" value="204"', 'name="nonce" value="n"'):
        assert f'<input type="hidden" {hidden}>' in words.text
    back = citizen.post(f"{page}/next", at="words", go="back", level="2", words="等了很久")
    assert (question(back), 'name="words" value="等了很久"' in back.text) == ("reason", True)


def test_a_bad_review_without_a_reason_stays_at_the_words(citizen: Visitor) -> None:
    page = address()
    citizen.get(f"{page}?large=1")
    stays = citizen.post(f"{page}/next", at="words", go="on", level="1")
    assert (stays.status_code, question(stays), "或者写一句" in text_of(stays)) == (422, "words", True)
    assert question(citizen.post(f"{page}/next", at="words", go="on", level="1", words="没人理")) == "staff"
    assert citizen.post(page, at="staff", level="1", words="没人理", staff="3").status_code == 303
    assert [(each.level, each.staff_level) for each in db.session.scalars(select(Review))] == [(1, 3)]


def test_a_question_that_is_not_asked_leads_to_the_first_one(citizen: Visitor) -> None:
    page = address()
    assert question(citizen.get(f"{page}?large=1&at=reason")) == "level"
    assert question(citizen.post(f"{page}/next", at="nonsense", go="on")) == "level"
    assert citizen.post("/r/nonsense.x/next", at="level").status_code == 404


def test_at_a_window_ones_own_service_is_found_first(citizen: Visitor) -> None:
    window = address(WINDOW, "window", "w1")
    assert "先找到您的那次办理" in text_of(citizen.get(f"{window}?large=1"))
    found = citizen.post(f"{window}/service?large=1", record="P1", phone_end="0001")
    assert (found.status_code, found.location) == (303, f"{address()}?large=1")
