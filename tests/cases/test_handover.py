"""Handing a colleague's tasks over, and what the rated person sees of their own case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from cases.conftest import OTHER, RATED, Driver, handling, person, rows
from sqlalchemy import select, update

from app.appeals.applying import add_evidence, apply_for_review
from app.audit.models import AuditEntry
from app.cases.acting import sign_task
from app.cases.errors import ConflictOfInterest, NotYourTask
from app.cases.handover import Handover, hand_over_case, plan_handover
from app.cases.models import Task
from app.cases.own_ratings import OwnRating, list_own_ratings
from app.db import db, unit_of_work
from app.identity.actor import Actor, Role
from app.identity.errors import AccountNotFound
from app.identity.models import Account
from app.identity.rights import RightMissing
from app.identity.vault import Vault

GIVER, TAKER = f"xs.{RATED}.handler", f"xs.{RATED}.handler2"
Make = Callable[..., Driver]


def signed_in(role: str = "handler", department: str = RATED) -> Actor:
    return replace(person("xs", department, role), login=f"xs.{department}.{role}")


@pytest.fixture
def cases(make_case: Make) -> list[Driver]:
    """Two cases whose open task is the giver's, and one that is somebody else's."""
    made = [handling(make_case) for _ in range(3)]
    with unit_of_work() as session:
        mine = Task.case_id.in_([made[0].case_id, made[1].case_id])
        session.execute(update(Task).where(mine, Task.status == "open").values(owner=GIVER))
    return made


def owners(case: Driver) -> set[str]:
    return {task.owner for task in case.open_tasks().values()}


def move(case: Driver, plan: Handover, actor: Actor) -> list[int]:
    moved: list[int] = []
    case.act(lambda step: moved.append(hand_over_case(step, plan)), actor)
    return moved


@pytest.mark.parametrize("role", ["handler", "head"])
def test_the_person_or_the_head_hands_over_each_case_on_its_record(cases: list[Driver], role: str) -> None:
    actor = signed_in(role)
    plan = plan_handover(actor, GIVER, TAKER)
    assert plan.cases == (cases[0].case_id, cases[1].case_id)
    assert [move(case, plan, actor) for case in cases] == [[1], [1], [0]]
    assert owners(cases[0]) == owners(cases[1]) == {TAKER}
    ids = {row.login: row.id for row in db.session.scalars(select(Account))}
    entry = rows(AuditEntry, act="hand_over")[0]
    assert (entry.stream, entry.actor) == (f"case:{cases[0].case.number}", actor.id)
    assert entry.payload == {"element": "verify", "giver": ids[GIVER], "taker": ids[TAKER]}
    assert plan_handover(actor, GIVER, TAKER).cases == ()


def test_what_was_done_meanwhile_stays_as_it_is(cases: list[Driver]) -> None:
    plan = plan_handover(signed_in(), GIVER, TAKER)
    cases[0].do("verify")
    assert move(cases[0], plan, signed_in()) == [0]


def test_others_hand_nothing_over(cases: list[Driver]) -> None:
    for actor in (signed_in("handler2"), signed_in("head", OTHER), replace(signed_in(), for_account="9")):
        with pytest.raises((NotYourTask, AccountNotFound)):
            plan_handover(actor, GIVER, TAKER)
    with pytest.raises(RightMissing):
        plan_handover(signed_in("leader"), GIVER, TAKER)


@pytest.mark.parametrize("taker", [GIVER, f"xs.{OTHER}.handler", f"xs.{RATED}.leader", f"gc.{RATED}.handler", "nobody"])
def test_only_a_colleague_who_handles_can_take_over(cases: list[Driver], taker: str) -> None:
    with pytest.raises(AccountNotFound):
        plan_handover(signed_in(), GIVER, taker)


def test_the_rated_person_takes_nothing_over(make_case: Make) -> None:
    case = handling(make_case, staff="staff-7")
    with unit_of_work() as session:
        session.execute(update(Task).values(owner=GIVER))
        session.execute(update(Account).where(Account.login == TAKER).values(staff="staff-7"))
    plan = plan_handover(signed_in(), GIVER, TAKER)
    with pytest.raises(ConflictOfInterest):
        move(case, plan, signed_in())
    assert owners(case) == {GIVER}


WINDOW = Actor("77", Role.WINDOW, "xs", RATED, "staff-7")


@pytest.mark.clause("P3")
def test_window_staff_see_a_neutral_summary_and_state_their_side(make_case: Make, vault: Vault) -> None:
    case = handling(make_case, staff="staff-7")
    handling(make_case, staff="staff-8")
    quiet = OwnRating(case.case.number, date(2025, 4, 1), "如实填写", "open", None, False, False)
    assert list_own_ratings(WINDOW, vault) == [quiet]
    head = person("xs", RATED, "head")
    case.act(lambda step: apply_for_review(step, head, "事项", "理由", "意见"), head)
    assert list_own_ratings(WINDOW, vault) == [replace(quiet, may_state=True)]
    case.act(lambda step: add_evidence(step, WINDOW, "我当时已说明所缺材料。"), WINDOW)
    stranger = replace(WINDOW, staff="staff-8")
    for other in (stranger, replace(WINDOW, staff=None), replace(person("xs", RATED), role=Role.LEADER)):
        with pytest.raises(NotYourTask):
            case.act(lambda step, actor=other: add_evidence(step, actor, "x"), other)


@pytest.mark.clause("P3")
def test_the_outcome_is_told_when_the_case_has_ended(make_case: Make, vault: Vault) -> None:
    case = handling(make_case, staff="staff-7")
    head = person("xs", RATED, "head")
    case.act(lambda step: apply_for_review(step, head, "事项", "理由", "意见"), head)
    department = case.open_tasks()["rule_appeal"].department
    case.do("rule_appeal")
    if "rule_appeal" in case.open_tasks():
        second = person("xs", department, "handler2")
        case.act(lambda step: sign_task(step, "rule_appeal", second), second)
    assert not list_own_ratings(WINDOW, vault)[0].is_voided
    case.do("tell_voided")
    (told,) = list_own_ratings(WINDOW, vault)
    assert (told.status, told.outcome, told.is_voided) == ("ended", "voided", True)


def test_nobody_is_rated_without_a_code(make_case: Make, vault: Vault) -> None:
    make_case()
    assert list_own_ratings(person("xs", RATED), vault) == []
    with pytest.raises(RightMissing):
        list_own_ratings(replace(WINDOW, role=Role.LEADER), vault)
