"""The parts that are common to all: ladder, rounds, verification, bounces, joint handling, answers, ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from cases.conftest import OTHER, RATED, Driver, filled, handling, person, rows

from app.audit.models import AuditEntry
from app.cases.acting import return_task, sign_task, submit_task
from app.cases.acts import record_try
from app.cases.bounces import return_case
from app.cases.errors import (
    CaseOver,
    ConflictOfInterest,
    FormInvalid,
    HandlingNotOpen,
    NotReached,
    NotYourTask,
    SignatureNeeded,
    WindowClosed,
)
from app.cases.joint import ask_for_help, contribute
from app.cases.models import CaseDeadline, CoHandler, Firing, Hop, Instance, Round, TaskForm
from app.cases.step import Step, iso
from app.cases.store import OpenTask
from app.engine.errors import TaskNotOpen
from app.identity.actor import Actor, Role
from app.outbox import OutboxMessage
from app.revisits.models import Revisit
from app.supervision.models import Referral
from app.supervision.referrals import OverseerOnly, list_referrals, refer_matter

Make = Callable[..., Driver]


@pytest.mark.clause("L1", "L2")
def test_the_ladder_climbs_from_owner_to_head_to_overseer_to_leaders_and_records_whom_it_told(make_case: Make) -> None:
    case = handling(make_case)
    case.at("2025-05-09 10:00")
    case.tick()
    fired = [firing for firing in rows(Firing, case_id=case.case_id) if firing.level]
    assert [firing.level for firing in fired] == ["remind", "overdue", "supervise", "leaders"]
    told = [firing.recipients[0] for firing in fired]
    assert [each["capacity"] for each in told] == ["owner", "head", "overseer", "leader"]
    assert [each["department"] for each in told] == [RATED, RATED, "xs-affairs-centre", "xs-affairs-bureau"]
    assert told[1]["person"] == f"xs.{RATED}.head"
    assert len(rows(OutboxMessage)) == 4


@pytest.mark.clause("L2")
def test_the_overseers_own_lateness_goes_to_its_superior(make_case: Make) -> None:
    case = make_case("gc")
    case.at("2025-05-09 10:00")
    case.tick()
    supervised = next(firing for firing in rows(Firing, case_id=case.case_id) if firing.level == "supervise")
    assert supervised.recipients[0]["department"] == "gc-best-office"


@pytest.mark.clause("L2")
def test_messages_to_people_wait_for_business_hours(make_case: Make) -> None:
    case = handling(make_case)
    case.at("2025-04-03 00:30")
    case.tick()
    message = rows(OutboxMessage)[0]
    assert message.not_before == datetime.fromisoformat("2025-04-03T09:00:00+08:00")


@pytest.mark.clause("L1")
def test_an_act_at_the_first_instant_too_late_finds_the_level_fired(make_case: Make) -> None:
    case = make_case("xs")
    case.at("2025-04-04 00:00")  # two working days from 1 April end with 3 April
    case.do("forward")
    assert "overdue" in {firing.level for firing in rows(Firing, case_id=case.case_id)}


@pytest.mark.clause("L1")
def test_an_act_in_the_last_instant_is_in_time(make_case: Make) -> None:
    case = make_case("xs")
    case.clock.set(datetime.fromisoformat("2025-04-03T23:59:59.999999+08:00"))
    case.do("forward")
    assert {firing.level for firing in rows(Firing, case_id=case.case_id)} <= {"remind"}
    assert {each.status for each in rows(CaseDeadline, case_id=case.case_id, element="forward")} == {"met"}


def test_on_one_case_moments_never_go_backwards(make_case: Make) -> None:
    case = handling(make_case)
    moved = rows(Instance, case_id=case.case_id)[0].moved_at
    case.clock.set(moved - timedelta(days=3))
    case.do("verify")
    assert rows(Instance, case_id=case.case_id)[0].moved_at == moved


@pytest.mark.clause("L7")
def test_verification_keeps_truth_and_responsibility_apart_from_the_class_of_handling(make_case: Make) -> None:
    case = handling(make_case)
    case.do("verify", truth="partly", responsibility="system", handling="no_basis")
    found = rows(Round, case_id=case.case_id)[0]
    assert (found.truth, found.responsibility, found.handling) == ("partly", "system", "no_basis")


@pytest.mark.clause("L7")
def test_a_person_is_named_only_where_a_person_is_responsible(make_case: Make) -> None:
    case = handling(make_case)
    with pytest.raises(FormInvalid):
        case.do("verify", responsibility="unit", person="工号017")
    case.do("verify", responsibility="person", person="工号017")


@pytest.mark.clause("L7")
def test_not_substantiated_is_explained_and_answered_and_the_rating_stands(make_case: Make) -> None:
    case = handling(make_case, "hk")
    for element, form in (("verify", {"handling": "unsubstantiated", "truth": "false"}), ("explain", {}), ("answer", {})):
        case.do(element, **form)
    case.do("revisit")
    assert (case.case.outcome, case.case.voided_at) == ("unsubstantiated", None)


@pytest.mark.clause("L4")
@pytest.mark.parametrize("result", ["not_fixed", "untrue", "not_told"])
def test_a_revisit_that_finds_it_not_done_starts_a_new_round_with_the_simple_limit(make_case: Make, result: str) -> None:
    case = handling(make_case, "gc")
    for element, form in (
        ("contact", {}),
        ("verify", {"handling": "complex"}),
        ("ledger", {}),
        ("rectify_complex", {}),
        ("answer", {}),
    ):
        case.do(element, **form)
    case.at("2025-04-02 09:30")
    case.do("revisit", result=result)
    assert (case.case.round, case.case.status) == (2, "open")
    case.do("contact")
    with pytest.raises(HandlingNotOpen):
        case.do("verify", handling="complex")
    case.do("verify", handling="simple")
    deadline = rows(CaseDeadline, case_id=case.case_id, element="rectify_simple", status="running")[0]
    assert deadline.last_day.isoformat() == "2025-04-10"  # five working days from the new round, 清明 skipped
    assert rows(Round, case_id=case.case_id, number=1)[0].closed_at is not None


@pytest.mark.clause("L4")
def test_lawful_but_unwelcome_is_recorded_and_stays_closed(make_case: Make) -> None:
    case = handling(make_case, "hk")
    for element in ("verify", "rectify", "answer"):
        case.do(element)
    case.do("revisit", result="unwelcome")
    assert (case.case.status, case.case.round) == ("ended", 1)


@pytest.mark.clause("L4")
def test_from_the_third_round_on_the_overseer_decides(make_case: Make) -> None:
    case = handling(make_case, "hk")
    for _ in range(2):
        for element in ("verify", "rectify", "answer"):
            case.do(element)
        case.do("revisit", result="not_fixed")
    assert set(case.open_tasks()) == {"decide_round"}
    case.do("decide_round", decision="new_round")
    assert case.case.round == 3


def test_a_returned_case_keeps_its_clock_and_shows_each_hop(make_case: Make) -> None:
    case = handling(make_case)
    handler = person("xs", RATED)
    due = rows(CaseDeadline, element="verify")[0].due_at
    case.at("2025-04-02 10:00")
    case.act(lambda step: return_case(step, handler, "第三条"), handler)
    case.do("resend", department=OTHER)
    assert rows(CaseDeadline, element="verify", status="running")[0].due_at == due
    first, second = rows(Hop)
    assert (first.department, first.duty_clause, second.department) == (RATED, "第三条", OTHER)
    other = person("xs", OTHER)
    case.act(lambda step: return_case(step, other, "第五条"), other)
    case.do("rule_bounce", department=RATED)
    with pytest.raises(WindowClosed):
        case.act(lambda step: return_case(step, handler, "第三条"), handler)


def test_a_closed_case_is_not_returned(make_case: Make) -> None:
    case = handling(make_case)
    for element in ("verify", "rectify_clear", "answer", "report"):
        case.do(element)
    handler = person("xs", RATED)
    with pytest.raises(WindowClosed):
        case.act(lambda step: return_case(step, handler, "第三条"), handler)
    assert case.case.status == "closed"


def test_a_return_comes_too_late_after_a_working_day(make_case: Make) -> None:
    case = handling(make_case)
    handler = person("xs", RATED)
    case.at("2025-04-03 00:00")
    with pytest.raises(WindowClosed):
        case.act(lambda step: return_case(step, handler, "第三条"), handler)


def test_a_helping_department_contributes_and_the_leading_one_stays_accountable(make_case: Make) -> None:
    case = handling(make_case)
    lead, helper = person("xs", RATED), person("xs", OTHER)
    with pytest.raises(NotYourTask):
        case.act(lambda step: contribute(step, helper, "材料"), helper)
    case.act(lambda step: ask_for_help(step, lead, OTHER), lead)
    case.act(lambda step: contribute(step, helper, "材料"), helper)
    assert rows(CoHandler)[0].contribution == "材料"
    assert case.open_tasks()["verify"].department == RATED


def test_nobody_is_asked_to_help_with_a_case_that_is_over(make_case: Make) -> None:
    case = handling(make_case, "zb", is_anonymous=True)
    lead, helper = person("zb", RATED), person("zb", OTHER)
    case.act(lambda step: ask_for_help(step, lead, OTHER), lead)
    for element in ("verify", "rectify_clear", "answer"):
        case.do(element)
    assert case.case.status == "ended"
    with pytest.raises(CaseOver):
        case.act(lambda step: ask_for_help(step, lead, "zb-complaint-centre"), lead)
    with pytest.raises(CaseOver):
        case.act(lambda step: contribute(step, helper, "材料"), helper)
    stranger = person("zb", "zb-complaint-centre")
    with pytest.raises(NotYourTask):
        case.act(lambda step: contribute(step, stranger, "材料"), stranger)


def test_an_answer_leaves_the_department_after_its_heads_signature(make_case: Make) -> None:
    case = handling(make_case)
    case.do("verify")
    case.do("rectify_clear")
    handler, other, head = person("xs", RATED), person("xs", RATED, "handler2"), person("xs", RATED, "head")
    body = {"outcome": "answered"}
    case.act(lambda step: submit_task(step, "answer", handler, filled(step.node("answer").form, body)), handler)
    with pytest.raises(TaskNotOpen):
        case.act(lambda step: submit_task(step, "answer", handler, filled(step.node("answer").form, body)), handler)
    with pytest.raises(SignatureNeeded):
        case.act(lambda step: sign_task(step, "answer", other), other)
    case.act(lambda step: return_task(step, "answer", head), head)
    case.do("answer")
    assert "report" in case.open_tasks()


@pytest.mark.clause("L3")
def test_unreachable_needs_three_tries_on_two_working_days_one_of_them_late(make_case: Make) -> None:
    case = handling(make_case)
    case.do("verify")
    case.do("rectify_clear")
    handler = person("xs", RATED)
    for moment, method in (("2025-04-01 10:00", "phone"), ("2025-04-01 11:00", "phone"), ("2025-04-02 10:00", "phone")):
        case.at(moment)
        case.act(lambda step, method=method: record_try(step, "answer", method, handler), handler)
    with pytest.raises(NotReached):
        case.do("answer", outcome="unanswerable")
    case.at("2025-04-02 17:30")
    case.act(lambda step: record_try(step, "answer", "phone", handler), handler)
    if case.open_tasks()["answer"].status == "submitted":
        head = person("xs", RATED, "head")
        case.act(lambda step: sign_task(step, "answer", head), head)
    assert rows(Round, case_id=case.case_id)[0].answer == "unanswerable"


@pytest.mark.clause("X5")
def test_a_further_bad_review_of_the_same_matter_is_linked_and_ends_answered(make_case: Make) -> None:
    first = make_case("xs", record="R9", reviewer=None)
    again = make_case("xs", record="R9", visit=2)
    assert again.case.linked_to == first.case_id
    again.do("tell_linked")
    assert (again.case.outcome, again.case.status) == ("linked", "ended")
    assert first.case.status == "open"


@pytest.mark.clause("L5")
def test_a_referral_stands_beside_the_case_seen_by_overseer_and_discipline_body_alone(make_case: Make) -> None:
    case = handling(make_case)
    overseer, handler = person("xs", "xs-affairs-centre"), person("xs", RATED)
    with pytest.raises(OverseerOnly):
        case.act(lambda step: refer_matter(step, handler, "线索"), handler)
    case.act(lambda step: refer_matter(step, overseer, "线索"), overseer)
    assert set(case.open_tasks()) == {"verify"}
    assert len(rows(Referral)) == 1
    auditor = Actor("audit", Role.AUDITOR, "xs", "xs-affairs-bureau")
    assert [len(list_referrals(who)) for who in (auditor, overseer, handler)] == [1, 1, 0]
    stream = [entry.act for entry in rows(AuditEntry, stream=f"case:{case.case.number}")]
    assert "refer" not in stream


@pytest.mark.clause("C9")
def test_a_reviewer_who_was_pressed_becomes_a_report_of_reprisal(make_case: Make) -> None:
    case = handling(make_case, "hk")
    for element in ("verify", "rectify", "answer"):
        case.do(element)
    case.do("revisit", result="pressed")
    assert rows(Referral)[0].kind == "reprisal"
    assert rows(Revisit)[0].result == "unwelcome"
    assert [form.body["result"] for form in rows(TaskForm, element="revisit")] == ["unwelcome"]
    told = [entry.payload for entry in rows(AuditEntry, stream=f"case:{case.case.number}")]
    told += [instance.variables for instance in rows(Instance)] + [message.body for message in rows(OutboxMessage)]
    assert not [each for each in told if "pressed" in str(each) or "reprisal" in str(each)]


def test_the_rated_person_handles_nothing_and_nobody_judges_what_they_handled(make_case: Make) -> None:
    case = handling(make_case, staff="staff-7")
    rated = Actor("rated", Role.HANDLER, "xs", RATED, "staff-7")
    with pytest.raises(ConflictOfInterest):
        case.act(lambda step: submit_task(step, "verify", rated, {}), rated)
    stranger = person("xs", OTHER)
    with pytest.raises(NotYourTask):
        case.act(lambda step: submit_task(step, "verify", stranger, {}), stranger)


def test_where_judge_and_judged_are_one_the_superior_stands_in(make_case: Make) -> None:
    case = make_case("gc", department="gc-data-bureau")
    case.do("file", department="gc-data-bureau")
    case.do("contact")
    case.do("verify", handling="claim")
    case.do("claim", ground="insult")
    assert case.open_tasks()["rule_claim"].department == "gc-best-office"


def test_a_draw_result_is_told_once(make_case: Make) -> None:
    case = handling(make_case)
    for element in ("verify", "rectify_clear", "answer", "report"):
        case.do(element)

    def tell(step: Step) -> None:
        step.send("draw", drawn=True, drawn_at=iso(step.now))

    case.act(tell)
    task: OpenTask | Any = case.open_tasks()["revisit"]
    assert task.department == "xs-affairs-centre"
    assert rows(CaseDeadline, element="revisit")[0].last_day.isoformat() == "2025-04-21"  # 泼水节 is skipped
