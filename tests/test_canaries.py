"""Planted names, phones, certificates and words are in no table, log, file, answer or export outside the store (W17, G21)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from canaries import (
    CANARIES,
    CERTIFICATE,
    HOTLINE_PHONE,
    NAME,
    NEW_PHONE,
    PHONE,
    WORDS,
    found_in_files,
    found_in_tables,
    found_in_text,
    tables,
)
from cases.conftest import Driver, account_row, city, filled, person
from flask import Flask
from intake.conftest import Take, bad_review, catalogue, record, take
from sqlalchemy import insert, select

from app.appeals.applying import add_evidence, apply_for_review
from app.audit.seal import seal
from app.cases.acting import sign_task, submit_task
from app.cases.acts import record_try
from app.cases.bounces import return_case
from app.cases.extensions import request_extension
from app.cases.joint import ask_for_help, contribute
from app.cases.models import Case
from app.cases.reveal import reveal_contact
from app.cases.step import Step
from app.clock import VirtualClock
from app.db import db, unit_of_work
from app.errors import AppError
from app.identity.actor import Actor, Role
from app.identity.models import Account
from app.identity.reviewers import find_reviewer
from app.identity.sessions import sign_in
from app.identity.vault import Vault, load_vault
from app.intake.files import Report
from app.jobs import work
from app.privacy.requests import correct_held, receive_request, refuse_request, show_held
from app.supervision.referrals import answer_referral, refer_matter

__all__ = ["catalogue", "city", "take"]

SAID = f"{NAME}（{PHONE}，{CERTIFICATE}）说：{WORDS}"
RATED = "rated"
CENTRE = "xs-affairs-centre"


class Story:
    """One bad review from import to revisit, in which everybody writes down more than they should."""

    def __init__(self, app: Flask, clock: VirtualClock, take: Take) -> None:
        self.app, self.clock, self.take = app, clock, take
        self.vault: Vault = load_vault(app.extensions["bihuan"]["config"].key_file)
        self.answers: list[str] = []

    def imports(self) -> None:
        """Take in a record, a bad review and a complaint; and rows that are refused, with the reasons told."""
        known = {"programme": "xs", "certKey": CERTIFICATE, "userName": NAME, "mobile": PHONE}
        self.answers.append(str(self.take("records", record(**known)).as_dict()))
        self.answers.append(str(self.take("reviews", bad_review(programme="xs", writingEvaluation=SAID)).as_dict()))
        complaint = {"programme": "zb", "complaintNo": "C1", "deptCode": RATED, "words": SAID, "mobile": HOTLINE_PHONE}
        self.answers.append(str(self.take("complaints", complaint).as_dict()))
        for column in ("certKey", "userPageType", "proStatus", "taskCode", "acceptDate", "mobile", "userName"):
            bad = known | {"projectNo": "P9", "mobile": f"{PHONE}x", column: f"{NAME}{PHONE}"}
            self.answers.append(str(self.take("records", record(**bad)).as_dict()))
        for column in ("satisfaction", "pf", "assessTime", "assessNumber", "evalDetail", "anonymityFlag", "channel"):
            bad = {"programme": "xs", "writingEvaluation": SAID, column: f"{NAME}{PHONE}"}
            self.answers.append(str(self.take("reviews", bad_review(**bad)).as_dict()))
        self.answers.append(str(self.take("complaints", complaint | {"deptCode": "nobody", "words": SAID}).as_dict()))

    def drive(self) -> Driver:
        with unit_of_work() as session:
            for role in ("head", "handler", "handler2"):
                session.execute(insert(Account), account_row("xs", RATED, role))
            case_id = session.scalar(select(Case.id).where(Case.programme == "xs"))
        assert case_id
        return Driver(case_id, "xs", self.clock)

    def tell(self, case: Driver, actor: Actor, act: Callable[[Step], Any]) -> None:
        """Do an act, and keep what is answered when it is refused."""
        try:
            case.act(act, actor)
        except AppError as error:
            self.answers.append(str(error.as_dict()))

    def submit(self, case: Driver, element: str, **form: Any) -> None:
        """Fill a form with the reviewer's data wherever it takes words, and sign it where a signature is due."""
        department = case.open_tasks()[element].department
        actor = person("xs", department)

        def act(step: Step) -> None:
            words = {field.id: SAID for field in step.node(element).form if field.type == "string" and not field.choices}
            submit_task(step, element, actor, filled(step.node(element).form, words | form))

        case.act(act, actor)
        task = case.open_tasks().get(element)
        if task is not None and task.status == "submitted":
            role = "handler2" if element.startswith("rule") else "head"
            signer = person("xs", department, role)
            case.act(lambda step: sign_task(step, element, signer), signer)

    def handle(self, case: Driver) -> None:
        """Bounce, verify, extend, help, call, appeal, rectify, answer, revisit, refer."""
        handler, head = person("xs", RATED), person("xs", RATED, "head")
        self.submit(case, "forward", department=RATED)
        self.tell(case, handler, lambda step: return_case(step, handler, SAID))
        self.submit(case, "resend", department=RATED)
        self.tell(case, handler, lambda step: ask_for_help(step, handler, "xs-lead-menghai"))
        helper = person("xs", "xs-lead-menghai")
        self.tell(case, helper, lambda step: contribute(step, helper, SAID))
        self.tell(case, handler, lambda step: reveal_contact(step, handler, SAID, self.vault))
        self.tell(case, handler, lambda step: record_try(step, "verify", "phone", handler))
        self.tell(case, head, lambda step: apply_for_review(step, head, SAID, SAID, SAID))
        self.tell(case, head, lambda step: add_evidence(step, head, SAID))
        self.submit(case, "rule_appeal", upheld=False, ground="no_service")
        self.refusals(case)
        self.submit(case, "verify", truth="true", responsibility="person", handling="clear")
        self.tell(case, handler, lambda step: request_extension(step, handler, SAID, SAID))
        if "rule_extension" in case.open_tasks():
            self.submit(case, "rule_extension", granted=True, days=1)
        overseer = person("xs", CENTRE)
        self.tell(case, overseer, lambda step: refer_matter(step, overseer, SAID))
        auditor = Actor("9", Role.AUDITOR, "xs", "discipline")
        self.tell(case, auditor, lambda step: answer_referral(1, auditor, SAID, step.now))
        for element, form in (("rectify_clear", {}), ("answer", {"outcome": "answered"}), ("report", {})):
            self.submit(case, element, **form)
        case.act(lambda step: step.send("draw", drawn=True, drawn_at=step.variables["handled_at"]))
        self.submit(case, "revisit", result="pressed")

    def refusals(self, case: Driver) -> None:
        """Ask for what is not allowed, with the reviewer's data in what is asked."""
        stranger = person("gc", RATED)
        self.tell(case, stranger, lambda step: reveal_contact(step, stranger, SAID, self.vault))
        self.tell(case, stranger, lambda step: submit_task(step, "verify", stranger, {"truth": SAID}))
        handler = person("xs", RATED)
        self.tell(case, handler, lambda step: submit_task(step, "verify", handler, {"truth": SAID, SAID: SAID}))
        self.tell(case, stranger, lambda step: add_evidence(step, stranger, SAID))
        for login, password in ((PHONE, CERTIFICATE), (NAME, WORDS)):
            try:
                with unit_of_work():
                    sign_in(login, password, "10.0.0.1", self.clock.moment)
            except AppError as error:
                self.answers.append(str(error.as_dict()))

    def requests(self) -> None:
        """See, correct and refuse, as the reviewer asks."""
        now, officer = self.clock.moment, person("xs", CENTRE)
        reviewer = find_reviewer("xs", "111", CERTIFICATE, self.vault) or 0
        with unit_of_work():
            asked = receive_request(officer, reviewer, "correct", now, {"name": NAME, "phone": NEW_PHONE})
            correct_held(officer, asked, self.vault, now)
            refuse_request(officer, receive_request(officer, reviewer, "delete", now), SAID, now)
            held = show_held(officer, receive_request(officer, reviewer, "see", now), self.vault, now)
            receive_request(officer, reviewer, "correct", now, {"phone": PHONE})
        assert (held.person.name, held.person.phone, len(held.reviews)) == (NAME, NEW_PHONE, 1)
        self.answers.append(repr(held))

    def leave(self, folder: Path) -> None:
        """Seal, export, run the jobs and look at the pages; keep all that is said."""
        config, run = self.app.extensions["bihuan"]["config"], self.app.test_cli_runner().invoke
        self.clock.set(self.clock.moment + timedelta(days=9))
        work.fire_due(self.clock)
        work.send_outbox(self.clock, work.log_message)
        work.forget(self.clock)
        with unit_of_work():
            seal(config.seal_file, self.clock.moment)
        folder.mkdir()
        for words in (["audit", "export", str(folder / "export.jsonl")], ["cases", "incidents"], ["audit", "verify"], ["doctor"]):
            told = run(args=words)
            self.answers.append(told.output + told.stderr)
        for path in ("/", "/nope", f"/pictures/{PHONE}.svg"):
            self.answers.append(self.app.test_client().get(path).get_data(as_text=True))


@pytest.fixture
def story(database: Flask, city: None, catalogue: Report, clock: VirtualClock, take: Take) -> Story:
    return Story(database, clock, take)


@pytest.mark.clause("P1")
def test_no_trace_of_a_planted_person_is_left_outside_the_store(
    story: Story, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    story.imports()
    case = story.drive()
    story.handle(case)
    story.requests()
    story.leave(tmp_path / "out")
    told = capfd.readouterr()
    config = story.app.extensions["bihuan"]["config"]
    assert "procrastinate_jobs" in tables()
    assert list(found_in_tables()) == []
    assert found_in_text(told.out + told.err) == []
    assert [answer for answer in story.answers if found_in_text(answer)] == []
    assert found_in_files(tmp_path / "out") == []
    assert found_in_files(config.instance) == []
    assert len(story.answers) > 20
    assert "message" in told.err


@pytest.mark.parametrize("canary", CANARIES)
def test_a_trace_would_be_found_in_text_json_and_bytes(database: Flask, clock: VirtualClock, canary: str) -> None:
    with unit_of_work() as session:
        for number, body in enumerate(({"text": canary}, {"bytes": canary.encode().hex()})):
            row = {"key": str(number), "programme": "xs", "kind": "x", "recipient": "y", "body": body}
            session.execute(insert(db.metadata.tables["outbox"]), row | {"created_at": clock.moment, "not_before": clock.moment})
    assert set(found_in_tables()) == {f"outbox: {canary}"}
