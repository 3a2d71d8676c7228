"""Who sees a reviewer: nobody by default, who must call back for a purpose, the rated person never."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cases.conftest import BEGINNING, OTHER, RATED, Driver, person, rows
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.cases.errors import ConflictOfInterest, FormInvalid, NotYourTask, TooManyReveals
from app.cases.models import Reveal
from app.cases.reveal import Contact, Look, ReviewerUnknown, list_looks, masked_contact, reveal_contact
from app.db import db, unit_of_work
from app.identity.actor import Actor, Role
from app.identity.vault import Vault
from app.intake.people import store_people

VAULT = Vault({1: b"k" * 32}, b"i" * 32)
PERSON = {
    "programme": "xs",
    "userPageType": "111",
    "certKey": "990001198001010015",
    "userName": "欧阳甲乙",
    "mobile": "15410000001",
}


@pytest.fixture
def case(make_case: Callable[..., Driver]) -> Driver:
    """A case of a known reviewer, at its department."""
    with unit_of_work():
        reviewer = next(iter(store_people([PERSON], VAULT, BEGINNING).values()))
    made = make_case("xs", reviewer=reviewer, staff="staff-7")
    made.do("forward")
    return made


def reveal(case: Driver, actor: Actor, purpose: str = "电话核实") -> Contact:
    seen: list[Contact] = []
    case.act(lambda step: seen.append(reveal_contact(step, actor, purpose, VAULT)), actor)
    return seen[0]


@pytest.mark.clause("P1")
def test_everybody_sees_a_masked_name_and_number(case: Driver) -> None:
    seen: list[Contact] = []
    case.act(lambda step: seen.append(masked_contact(step, VAULT)))
    assert seen == [Contact("欧**", "154****0001")]


@pytest.mark.clause("P1")
def test_who_must_call_back_sees_it_for_a_purpose_and_each_look_is_recorded(case: Driver) -> None:
    assert reveal(case, person("xs", RATED)) == Contact("欧阳甲乙", "15410000001", case.clock.moment + timedelta(seconds=60))
    (look,) = rows(Reveal)
    assert (look.account, look.purpose, look.post) == (person("xs", RATED).id, "电话核实", "handler")
    assert (look.seen_at, look.until - look.seen_at) == (case.clock.moment, timedelta(seconds=60))
    recorded = db.session.scalars(select(AuditEntry).where(AuditEntry.stream == "identity", AuditEntry.act == "reveal")).all()
    assert [(entry.actor, entry.payload) for entry in recorded] == [
        (look.account, {"case": case.case_id, "reviewer": look.reviewer, "look": look.id})
    ]
    with pytest.raises(FormInvalid):
        reveal(case, person("xs", RATED), " ")


@pytest.mark.clause("P1")
def test_others_and_the_rated_person_see_nothing(case: Driver) -> None:
    with pytest.raises(NotYourTask):
        reveal(case, person("xs", OTHER))
    with pytest.raises(NotYourTask):
        reveal(case, person("gc", RATED))
    with pytest.raises(ConflictOfInterest):
        reveal(case, Actor("rated", Role.HANDLER, "xs", RATED, "staff-7"))
    for role in (Role.WINDOW, Role.LEADER, Role.AUDITOR, Role.CLERK, Role.SECURITY_ADMIN):
        with pytest.raises(NotYourTask):
            reveal(case, replace(person("xs", RATED), role=role))
    standing_in = replace(person("xs", RATED), for_account="rated", for_staff="staff-7")
    with pytest.raises(ConflictOfInterest):
        reveal(case, standing_in)
    assert not rows(Reveal)


@pytest.mark.clause("P1")
def test_who_only_passes_on_or_reports_sees_nothing(make_case: Callable[..., Driver]) -> None:
    with unit_of_work():
        reviewer = next(iter(store_people([PERSON], VAULT, BEGINNING).values()))
    case = make_case("xs", reviewer=reviewer)
    lead = person("xs", case.open_tasks()["forward"].department)
    with pytest.raises(NotYourTask):
        reveal(case, lead)
    case.do("forward")
    for element in ("verify", "rectify_clear", "answer"):
        assert reveal(case, person("xs", RATED))
        case.do(element)
    assert set(case.open_tasks()) == {"report"}
    with pytest.raises(NotYourTask):
        reveal(case, person("xs", RATED))


@pytest.mark.clause("P1")
def test_nobody_looks_at_more_than_ten_a_day(case: Driver) -> None:
    case.at("2025-04-01T23:59")
    for _ in range(10):
        reveal(case, person("xs", RATED))
    with pytest.raises(TooManyReveals):
        reveal(case, person("xs", RATED))
    assert reveal(case, person("xs", RATED, "handler2"))
    case.at("2025-04-02T00:00")
    assert reveal(case, person("xs", RATED))


@pytest.mark.clause("P4")
def test_the_reviewer_is_told_of_each_look_by_post_and_purpose_not_by_name(case: Driver) -> None:
    reveal(case, person("xs", RATED), "回电核实经过")
    reveal(case, person("xs", RATED, "head"), "当面致歉")
    at = case.clock.moment
    assert list_looks(case.case.reviewer) == [
        Look(RATED, "承办人", "回电核实经过", at),
        Look(RATED, "负责人", "当面致歉", at),
    ]


@pytest.mark.clause("P1")
def test_an_anonymous_review_has_nobody_to_show(make_case: Callable[..., Driver]) -> None:
    anonymous = make_case("xs", is_anonymous=True)
    anonymous.do("forward")
    with pytest.raises(ReviewerUnknown):
        reveal(anonymous, person("xs", RATED))


def test_the_audit_holds_no_personal_data(case: Driver, tmp_path: Path) -> None:
    reveal(case, person("xs", RATED))
    written = "".join(str(entry.payload) for entry in db.session.scalars(select(AuditEntry)))
    assert "欧阳" not in written
    assert "15410000001" not in written
