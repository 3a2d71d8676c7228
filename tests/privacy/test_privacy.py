"""Reviewers' rights over their data, and its end. P4, PIPL 19, 44-47."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cases.conftest import BEGINNING, RATED, Driver, handling, person, rows
from flask import Flask
from sqlalchemy import insert, select, text, update

from app.appeals.applying import add_evidence, apply_for_review
from app.appeals.models import Appeal, Evidence
from app.audit.models import AuditEntry
from app.audit.seal import seal, verify_database
from app.cases.acting import sign_task
from app.cases.models import Reveal, TaskForm
from app.cases.reveal import ReviewerUnknown, reveal_contact
from app.db import db, unit_of_work
from app.figures.overview import overview
from app.identity.actor import Actor, Role
from app.identity.errors import ReviewerNotFound
from app.identity.models import Reviewer
from app.identity.retention import RETENTION, limits_at
from app.identity.reviewers import find_reviewer
from app.identity.rights import RightMissing
from app.identity.vault import Vault, load_vault
from app.intake.models import Complaint, Review
from app.intake.people import store_people
from app.intake.reviews import words_place
from app.jobs import work
from app.privacy.deleting import delete_again, delete_old
from app.privacy.errors import CaseStillOpen, NotTheOfficer, RequestInvalid, RequestNotFound
from app.privacy.models import DataRequest, Deletion
from app.privacy.requests import correct_held, delete_held, list_requests, receive_request, refuse_request, show_held

PERSON = {
    "programme": "xs", "userPageType": "111", "certKey": "990001198001010015", "userName": "欧阳甲乙", "mobile": "15410000001",
}  # fmt: skip
OFFICER = person("xs", "xs-affairs-centre")
WORDS = "等了两个小时没有人理。"
# What a backup brings back: the key of each table, and the columns that deletion empties.
BACKED_UP = {
    "reviewers": ("id", ("name", "phone", "certificate", "person_index")),
    "reviews": ("id", ("words",)),
    "task_forms": ("task_id", ("body",)),
    "evidence": ("id", ("text",)),
    "appeals": ("id", ("reasons",)),
}
Make = Callable[..., Driver]


@pytest.fixture
def vault(database: Flask) -> Vault:
    return load_vault(database.extensions["bihuan"]["config"].key_file)


@pytest.fixture
def log(database: Flask) -> Path:
    path: Path = database.extensions["bihuan"]["config"].deletion_file
    path.unlink(missing_ok=True)
    return path


@pytest.fixture
def case(make_case: Make, vault: Vault) -> Driver:
    """A bad review of 1 April 2025 by a known person, being handled, with evidence in an appeal."""
    with unit_of_work() as session:
        reviewer = next(iter(store_people([PERSON], vault, BEGINNING).values()))
        session.execute(insert(Review), review_row(vault, reviewer))
    made = handling(make_case, reviewer=reviewer, record="R1")
    head = person("xs", RATED, "head")
    made.act(lambda step: apply_for_review(step, head, "事项", "欧阳甲乙所述不实", "意见"), head)
    made.act(lambda step: add_evidence(step, head, "监控：欧阳甲乙"), head)
    return made


def review_row(vault: Vault, reviewer: int) -> dict[str, Any]:
    row: dict[str, Any] = {
        "served_on": date(2025, 4, 1), "programme": "xs", "record": "R1", "visit": 1, "sequence": 1, "level": 1,
        "reasons": ["115"],
        "channel": "qr", "department": RATED, "staff": None, "reviewer": reviewer, "is_anonymous": False, "is_default": False,
        "is_late": False, "reviewed_at": BEGINNING, "received_at": BEGINNING,
    }  # fmt: skip
    return row | {"words": vault.seal(WORDS, words_place(row))}


def end(case: Driver) -> None:
    """Refuse the appeal, and handle the case to its end."""
    case.do("rule_appeal", upheld=False)
    task = case.open_tasks().get("rule_appeal")
    if task is not None:
        second = person("xs", task.department, "handler2")
        case.act(lambda step: sign_task(step, "rule_appeal", second), second)
    for element in ("verify", "rectify_clear", "answer", "report"):
        case.do(element)
    case.act(lambda step: step.send("draw", drawn=False, drawn_at=step.variables["handled_at"]))
    assert case.case.ended_at is not None


def years_later(case: Driver, years: int, days: int = 0) -> datetime:
    moment = datetime.fromisoformat(f"{2025 + years}-04-01T10:00:00+08:00") + timedelta(days=days)
    case.clock.set(moment)
    return moment


def ask(case: Driver, kind: str, **wish: str) -> int:
    with unit_of_work():
        return receive_request(OFFICER, case.case.reviewer or 0, kind, case.clock.moment, wish or None)


def plain(vault: Vault) -> list[str]:
    """Everything that names the person or speaks in their words, opened."""
    db.session.expire_all()
    people = [row for row in db.session.scalars(select(Reviewer)) if row.name]
    opened = [vault.open(row.name or b"", f"reviewers.name.{row.person_index}") for row in people]
    opened += ["words" for row in db.session.scalars(select(Review)) if row.words]
    opened += [str(row.body) for row in db.session.scalars(select(TaskForm)) if row.body]
    opened += [row.text for row in db.session.scalars(select(Evidence)) if row.text]
    opened += [row.purpose for row in db.session.scalars(select(Reveal)) if row.purpose]
    return opened + [row.reasons for row in db.session.scalars(select(Appeal)) if row.reasons]


@pytest.mark.clause("P4")
def test_a_reviewer_is_shown_all_that_is_known_of_them(case: Driver, vault: Vault) -> None:
    handler = person("xs", RATED)
    case.act(lambda step: reveal_contact(step, handler, "核实", vault), handler)
    number = ask(case, "see")
    with unit_of_work():
        held = show_held(OFFICER, number, vault, case.clock.moment)
    assert (held.person.name, held.person.phone, held.person.certificate) == ("欧阳甲乙", "15410000001", "990001198001010015")
    assert [(each.record, each.level, each.words) for each in held.reviews] == [("R1", 1, WORDS)]
    assert held.cases == [case.case.number]
    assert [(look.post, look.purpose) for look in held.looks] == [("承办人", "核实")]
    assert "欧阳" not in repr(held)
    (request,) = rows(DataRequest)
    assert (request.granted, request.answered_by, request.due_on) == (True, OFFICER.id, date(2025, 5, 1))
    with pytest.raises(RequestNotFound):
        show_held(OFFICER, number, vault, case.clock.moment)


@pytest.mark.clause("P4")
def test_name_and_phone_are_corrected_and_the_wish_is_not_kept(case: Driver, vault: Vault) -> None:
    number = ask(case, "correct", phone="15410000002")
    with unit_of_work():
        correct_held(OFFICER, number, vault, case.clock.moment)
    handler = person("xs", RATED)
    seen: list[Any] = []
    case.act(lambda step: seen.append(reveal_contact(step, handler, "核实", vault)), handler)
    assert (seen[0].name, seen[0].phone) == ("欧阳甲乙", "15410000002")
    assert rows(DataRequest)[0].wish is None


@pytest.mark.clause("P4")
def test_deletion_is_refused_while_the_case_is_open_and_done_after(case: Driver, vault: Vault, log: Path) -> None:
    number = ask(case, "delete")
    with pytest.raises(CaseStillOpen) as refused, unit_of_work():
        delete_held(OFFICER, number, log, case.clock.moment)
    assert refused.value.details == {"cases": [case.case.number]}
    assert not log.exists()
    end(case)
    with unit_of_work():
        delete_held(OFFICER, number, log, case.clock.moment)
    assert plain(vault) == []
    assert find_reviewer("xs", "111", PERSON["certKey"], vault) is None
    assert '"reviewer": ' in log.read_text()


@pytest.mark.clause("P4")
def test_a_refusal_says_why(case: Driver) -> None:
    number = ask(case, "delete")
    with pytest.raises(RequestInvalid):
        refuse_request(OFFICER, number, " ", case.clock.moment)
    with unit_of_work():
        refuse_request(OFFICER, number, "差评尚未办结。", case.clock.moment)
    (request,) = list_requests(OFFICER)
    assert (request.granted, request.result) == (False, "差评尚未办结。")


def test_only_overseer_and_superior_take_requests_and_only_of_their_programme(case: Driver) -> None:
    reviewer = case.case.reviewer or 0
    assert receive_request(person("xs", "xs-affairs-bureau"), reviewer, "see", case.clock.moment)
    with pytest.raises(NotTheOfficer):
        receive_request(person("xs", RATED), reviewer, "see", case.clock.moment)
    with pytest.raises(RightMissing):
        receive_request(Actor("1", Role.LEADER, "xs", OFFICER.department), reviewer, "see", case.clock.moment)
    with pytest.raises(ReviewerNotFound):
        receive_request(person("zb", "zb-complaint-centre"), reviewer, "see", case.clock.moment)
    with pytest.raises(RequestNotFound):
        refuse_request(person("zb", "zb-complaint-centre"), 1, "不属于", case.clock.moment)


@pytest.mark.parametrize(
    ("kind", "wish"), [("all", None), ("correct", None), ("correct", {"name": " "}), ("see", {"name": "甲"})]
)
def test_a_request_that_makes_no_sense_is_refused(case: Driver, kind: str, wish: dict[str, str] | None) -> None:
    with pytest.raises(RequestInvalid):
        receive_request(OFFICER, case.case.reviewer or 0, kind, case.clock.moment, wish)


@pytest.mark.clause("P4")
def test_when_its_time_is_over_all_that_names_a_person_goes_and_nothing_else(case: Driver, vault: Vault, tmp_path: Path) -> None:
    end(case)
    with unit_of_work():
        seal(tmp_path / "seals.jsonl", case.clock.moment)
    figures, kept = overview(), case.case.outcome
    acts = [(entry.stream, entry.seq, entry.digest) for entry in rows(AuditEntry)]
    years_later(case, 4)
    assert work.forget(case.clock) > 0
    assert plain(vault) == []
    assert overview() == figures
    assert case.case.outcome == kept
    assert [(entry.stream, entry.seq, entry.digest) for entry in rows(AuditEntry)][: len(acts)] == acts
    with unit_of_work():
        assert verify_database(tmp_path / "seals.jsonl") == []
    assert work.forget(case.clock) == 0


@pytest.mark.clause("P4")
def test_each_class_goes_with_its_own_day(case: Driver, vault: Vault) -> None:
    end(case)
    words, texts, people = (each.years for each in RETENTION)
    assert (words, texts, people) == (2, 3, 2)
    years_later(case, 2)
    work.forget(case.clock)
    assert "words" in plain(vault)
    years_later(case, 2, 1)
    work.forget(case.clock)
    left = plain(vault)
    assert "words" not in left
    assert left
    assert "欧阳甲乙" not in left
    years_later(case, 3, 1)
    work.forget(case.clock)
    assert plain(vault) == []


@pytest.mark.clause("P4")
def test_nothing_of_a_running_case_goes_however_old(case: Driver, vault: Vault) -> None:
    before = plain(vault)
    with unit_of_work():
        assert delete_old(limits_at(years_later(case, 9)), case.clock.moment) == 0
    assert plain(vault) == before


@pytest.mark.clause("P4")
def test_a_person_who_came_again_is_kept_until_that_is_old_too(case: Driver, vault: Vault) -> None:
    end(case)
    now = years_later(case, 4)
    with unit_of_work() as session:
        session.execute(update(Review).values(received_at=now - timedelta(days=300)))
    work.forget(case.clock)
    assert find_reviewer("xs", "111", PERSON["certKey"], vault) == case.case.reviewer


@pytest.mark.clause("P4")
def test_complaints_lose_words_and_phone(database: Flask, case: Driver, vault: Vault) -> None:
    row = {"programme": "zb", "number": "T1", "department": RATED, "received_at": BEGINNING}
    with unit_of_work() as session:
        session.execute(insert(Complaint), row | {"words": b"\0\1" + b"x" * 40, "phone": b"\0\1" + b"y" * 40})
        assert delete_old(limits_at(years_later(case, 3)), case.clock.moment) == 1
        assert delete_old(limits_at(years_later(case, 3)), case.clock.moment) == 0
    assert [(each.words, each.phone) for each in rows(Complaint)] == [(b"", None)]


@pytest.mark.clause("P4")
def test_what_was_deleted_on_request_stays_deleted_after_a_backup_is_restored(case: Driver, vault: Vault, log: Path) -> None:
    end(case)
    saved = {table: db.session.execute(text(f"select * from {table}")).mappings().all() for table in BACKED_UP}
    number = ask(case, "delete")
    with unit_of_work():
        delete_held(OFFICER, number, log, case.clock.moment)
    with unit_of_work() as session:
        for table, (key, columns) in BACKED_UP.items():
            given = ", ".join(f"{column} = :{column}" for column in columns)
            for row in saved[table]:
                session.execute(text(f"update {table} set {given} where {key} = :{key}"), dict(row))
    assert len(plain(vault)) > 4
    with unit_of_work():
        assert delete_again(log, case.clock.moment) == 1
    assert plain(vault) == []
    assert {row.why for row in rows(Deletion)} == {"request"}


def test_who_is_deleted_is_unknown_to_those_who_would_call(case: Driver, vault: Vault) -> None:
    with unit_of_work() as session:
        session.execute(update(Reviewer).values(name=None, phone=None, certificate=None))
    handler = person("xs", RATED)
    with pytest.raises(ReviewerUnknown):
        case.act(lambda step: reveal_contact(step, handler, "核实", vault), handler)
    assert not rows(Reveal)


def test_a_leap_day_is_the_last_of_february_in_other_years() -> None:
    assert limits_at(datetime.fromisoformat("2028-02-29T10:00:00+08:00"), 1).words.isoformat() == "2027-02-28T10:00:00+08:00"


def test_the_command_deletes_by_the_table_or_by_years(database: Flask, case: Driver, vault: Vault, log: Path) -> None:
    end(case)
    years_later(case, 1, 3)
    run = database.test_cli_runner().invoke
    assert "已删除 0 项" in run(args=["identity", "anonymise"]).output
    assert "已删除 3 项" in run(args=["identity", "anonymise", "--older-than", "1"]).output
    assert plain(vault) == []
    assert "重新删除 0 人" in run(args=["identity", "delete-again"]).output
