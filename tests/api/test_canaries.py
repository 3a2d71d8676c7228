"""Planted persons are in no answer of the API, whoever asks for whatever they may ask for (P1, W8, W17)."""

from __future__ import annotations

import re

import pytest
from cases.conftest import Driver
from flask import Flask
from intake.conftest import Take, bad_review, record
from sqlalchemy import select

from api.conftest import As
from app.api.summaries import SUMMARIES
from app.cases.models import Case
from app.clock import VirtualClock
from app.db import db
from app.identity.actor import Role
from app.identity.vault import mask_text

NAME, PHONE, CERTIFICATE = "欧阳金丝雀", "15498765432", "990001198001019990"
SAID = f"我叫{NAME}，电话 154-9876-5432，身份证{CERTIFICATE}，等了两个小时。"
ROLES = (Role.HANDLER, Role.HEAD, Role.LEADER, Role.AUDITOR, Role.CLERK, Role.WINDOW, Role.AUDIT_ADMIN, Role.SECURITY_ADMIN)


@pytest.fixture
def case(catalogue: object, city: None, take: Take, clock: VirtualClock) -> Driver:
    """A case of a person whose name is unlike any other, who wrote it down too, with a complaint beside it."""
    known = {"programme": "xs", "certKey": CERTIFICATE, "userName": NAME, "mobile": PHONE}
    assert take("records", record(**known)).added == 1
    assert take("reviews", bad_review(programme="xs", writingEvaluation=SAID)).opened == 1
    found = Driver(db.session.scalars(select(Case.id)).one(), "xs", clock)
    found.do("forward", department="rated")
    return found


@pytest.mark.clause("P1")
def test_no_answer_names_the_person_but_the_reveal(database: Flask, case: Driver, as_: As) -> None:
    number, answers = case.case.number, dict[str, str]()
    paths = {rule.rule.removeprefix("/api/v1") for rule in database.url_map.iter_rules()
             if "GET" in (rule.methods or ()) and rule.endpoint in SUMMARIES}  # fmt: skip
    for role in ROLES:
        caller = as_(role, "rated", staff="s9" if role is Role.WINDOW else None)
        for path in paths:
            named = path.replace("<number>", number).replace("<element>", "verify").replace("<programme>", "xs")
            answer = caller.get(re.sub(r"<[^>]+>", "1", named))
            answers[f"{role} {path}"] = answer.text
    assert len(answers) == len(ROLES) * len(paths)
    told = [
        asked for asked, text in answers.items() if any(datum in text for datum in (NAME, PHONE, "154-9876-5432", CERTIFICATE))
    ]
    assert told == []
    assert "等了两个小时" in answers["handler /cases/<number>/review"]
    revealed = as_(Role.HANDLER, "rated").post(f"/cases/{number}/reveal", {"purpose": "电话核实"})
    assert (revealed.json["name"], revealed.json["phone"]) == (NAME, PHONE)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (SAID, "我叫欧**，电话 154****5432，身份证990001************，等了两个小时。"),
        ("订单 20250401123456789012 号", "订单 20250401123456789012 号"),
        ("12345 打不通", "12345 打不通"),
    ],
)
def test_words_keep_all_but_what_names_their_author(text: str, shown: str) -> None:
    assert mask_text(text, NAME) == shown
