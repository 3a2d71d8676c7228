"""What is asked for and ruled on: claims, appeals, extensions, promised dates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cases.conftest import RATED, RULES, Driver, handling, person, rows

from app.appeals.applying import add_evidence, apply_for_review
from app.appeals.errors import AppealOpen, HeadMustApply, NoAppealOpen, VoidingNotFounded
from app.appeals.models import Appeal, Evidence, Objection
from app.appeals.ruling import object_to_voiding
from app.audit.models import AuditEntry
from app.cases.acting import return_task, sign_task, submit_task
from app.cases.bounces import return_case
from app.cases.errors import (
    FormInvalid,
    SignatureNeeded,
    WindowClosed,
)
from app.cases.extensions import ExtensionNotGranted, request_extension
from app.cases.models import CaseDeadline, Firing, Instance
from app.cases.step import AppealStillOpen
from app.identity.actor import Actor, Role

Make = Callable[..., Driver]


@pytest.mark.clause("L6")
def test_an_upheld_claim_takes_the_rating_out_and_withdraws_the_overdue_marks(make_case: Make) -> None:
    case = handling(make_case, "zb")
    case.at("2025-04-10 09:00")
    case.do("verify", handling="claim", truth="false", responsibility="none")
    case.do("rule_claim", upheld=True, ground="no_service")
    assert set(case.open_tasks()) == {"tell_voided"}
    late = [firing for firing in rows(Firing, case_id=case.case_id) if firing.level in {"overdue", "supervise", "leaders"}]
    assert late
    assert {firing.withdrawn for firing in late} == {"voided"}
    case.do("tell_voided")
    assert (case.case.outcome, case.case.status) == ("voided", "ended")


@pytest.mark.clause("L6")
def test_a_reviewer_objects_to_a_voiding_within_its_window_also_after_the_case_has_ended(make_case: Make) -> None:
    case = handling(make_case, "zb")
    with pytest.raises(WindowClosed):
        case.act(lambda step: object_to_voiding(step, "我确实办过这件事"))
    case.do("verify", handling="claim", truth="false", responsibility="none")
    case.do("rule_claim", upheld=True, ground="no_service")
    case.do("tell_voided")
    ended = case.case.ended_at
    case.at("2025-04-09 17:00")
    case.act(lambda step: object_to_voiding(step, "我确实办过这件事"))
    (objection,) = rows(Objection, case_id=case.case_id)
    assert (objection.words, objection.department) == ("我确实办过这件事", RULES["zb"].superior)
    assert (case.case.outcome, case.case.ended_at) == ("voided", ended)
    assert [each.status for each in rows(Instance, case_id=case.case_id)] == ["ended"]
    acts = [entry.act for entry in rows(AuditEntry, stream=f"case:{case.case.number}")]
    assert (acts.count("end"), acts[-1]) == (1, "object")
    case.at("2025-06-10 09:00")
    with pytest.raises(WindowClosed):
        case.act(lambda step: object_to_voiding(step, "再说一遍"))


@pytest.mark.clause("L6")
def test_a_refused_claim_leaves_the_rest_of_the_limit_and_at_least_one_working_day(make_case: Make) -> None:
    case = handling(make_case, "zb")
    case.do("verify", handling="claim")
    case.at("2025-04-25 09:00")
    case.do("rule_claim", upheld=False)
    verify = rows(CaseDeadline, case_id=case.case_id, element="verify", status="running")[0]
    assert verify.last_day.isoformat() == "2025-04-27"  # a Sunday that is worked
    case.do("verify", handling="clear")
    rectify = rows(CaseDeadline, case_id=case.case_id, element="rectify_clear", status="running")[0]
    assert rectify.last_day.isoformat() == "2025-04-27"


@pytest.mark.clause("L6")
def test_a_rating_is_voided_only_by_two_persons_on_a_listed_ground(make_case: Make) -> None:
    case = handling(make_case, "zb")
    case.do("verify", handling="claim")
    judge, second = person("zb", "zb-complaint-centre"), person("zb", "zb-complaint-centre", "handler2")
    with pytest.raises(VoidingNotFounded):
        rule(case, judge, second, ground=None)
    with pytest.raises(VoidingNotFounded):
        rule(case, judge, second, ground="mistake")  # the reviewer has not confirmed
    with pytest.raises(SignatureNeeded):
        case.act(lambda step: sign_task(step, "rule_claim", judge), judge)
    case.act(lambda step: return_task(step, "rule_claim", second), second)
    rule(case, judge, second, ground="mistake", reviewer_confirmed=True)
    ruled = rows(Appeal, case_id=case.case_id)[0]
    assert (ruled.upheld, ruled.ruled_by, ruled.second) == (True, judge.id, second.id)


def rule(case: Driver, judge: Actor, second: Actor, **form: Any) -> None:
    """Submit a ruling unless it is submitted, and let a second person sign it."""
    if case.open_tasks()["rule_claim"].status == "submitted":
        case.act(lambda step: return_task(step, "rule_claim", second), second)
    entered = {"upheld": True, "reasons": "理由"} | form
    case.act(lambda step: submit_task(step, "rule_claim", judge, entered), judge)
    case.act(lambda step: sign_task(step, "rule_claim", second), second)


@pytest.mark.clause("L6", "P3")
@pytest.mark.parametrize("programme", ["zb", "sx"])
def test_a_claim_stands_from_the_verification_on_and_evidence_is_heard_before_the_ruling(make_case: Make, programme: str) -> None:
    case = handling(make_case, programme)
    case.do("verify", handling="claim", truth="false", responsibility="none")
    (claim,) = rows(Appeal, case_id=case.case_id)
    assert (claim.kind, claim.applied_by, claim.upheld) == ("claim", person(programme, RATED).id, None)
    rated = person(programme, RATED)
    case.act(lambda step: add_evidence(step, rated, "叫号记录"), rated)
    case.do("rule_claim", upheld=False)
    if "rule_claim" in case.open_tasks():
        second = person(programme, case.open_tasks()["rule_claim"].department, "handler2")
        case.act(lambda step: sign_task(step, "rule_claim", second), second)
    assert [each.upheld for each in rows(Appeal, case_id=case.case_id)] == [False]
    with pytest.raises(NoAppealOpen):
        case.act(lambda step: add_evidence(step, rated, "又一段"), rated)


@pytest.mark.clause("L6")
def test_a_case_is_not_returned_while_its_claim_waits_for_the_ruling(make_case: Make) -> None:
    case = handling(make_case, "zb")
    case.do("verify", handling="claim", truth="false", responsibility="none")
    handler = person("zb", RATED)
    with pytest.raises(AppealStillOpen):
        case.act(lambda step: return_case(step, handler, "第三条"), handler)


@pytest.mark.clause("L6", "P3", "XS A1", "XS A2")
def test_handling_and_its_limit_run_on_beside_an_appeal(make_case: Make) -> None:
    case = handling(make_case)
    head = person("xs", RATED, "head")
    before = rows(CaseDeadline, case_id=case.case_id, element="verify")[0].due_at
    case.act(lambda step: apply_for_review(step, head, "事项", "理由", "意见"), head)
    assert set(case.open_tasks()) == {"verify", "rule_appeal"}
    case.act(lambda step: add_evidence(step, head, "叫号记录"), head)
    rated = Actor("rated", Role.HANDLER, "xs", RATED, "staff-7")
    case.act(lambda step: add_evidence(step, rated, "申辩"), rated)
    assert len(rows(Evidence)) == 2
    case.do("rule_appeal", upheld=False)
    assert set(case.open_tasks()) == {"verify"}
    assert rows(CaseDeadline, case_id=case.case_id, element="verify")[0].due_at == before


@pytest.mark.clause("XS A1")
def test_an_appeal_needs_the_heads_signature_its_window_and_no_other_open_one(make_case: Make) -> None:
    case = handling(make_case)
    handler, head = person("xs", RATED), person("xs", RATED, "head")
    with pytest.raises(HeadMustApply):
        case.act(lambda step: apply_for_review(step, handler, "事项", "理由", "意见"), handler)
    case.act(lambda step: apply_for_review(step, head, "事项", "理由", "意见"), head)
    with pytest.raises(AppealOpen):
        case.act(lambda step: apply_for_review(step, head, "事项", "理由", "意见"), head)
    late = handling(make_case, record="R2")
    late.at("2025-04-10 00:00")  # five working days from 1 April end with 9 April
    with pytest.raises(WindowClosed):
        late.act(lambda step: apply_for_review(step, head, "事项", "理由", "意见"), head)


@pytest.mark.clause("L6", "XS A2")
def test_an_upheld_appeal_ends_the_handling_at_once(make_case: Make) -> None:
    case = handling(make_case)
    head = person("xs", RATED, "head")
    case.act(lambda step: apply_for_review(step, head, "事项", "理由", "意见"), head)
    case.do("rule_appeal", upheld=True, ground="threat")
    assert set(case.open_tasks()) == {"tell_voided"}
    case.do("tell_voided")
    assert case.case.outcome == "voided"


def test_the_handling_is_not_left_while_an_appeal_is_open(make_case: Make) -> None:
    case = handling(make_case)
    head, handler = person("xs", RATED, "head"), person("xs", RATED)
    case.act(lambda step: apply_for_review(step, head, "事项", "理由", "意见"), head)
    with pytest.raises(AppealStillOpen):
        case.act(lambda step: return_case(step, handler, "第三条"), handler)
    assert set(case.open_tasks()) == {"verify", "rule_appeal"}


@pytest.mark.clause("XS 3x")
def test_a_granted_extension_adds_to_the_end_of_the_old_limit(make_case: Make) -> None:
    case = handling(make_case)
    case.do("verify", handling="complex")
    handler = person("xs", RATED)
    case.act(lambda step: request_extension(step, handler, "调档", "已说明"), handler)
    before = rows(CaseDeadline, case_id=case.case_id, element="rectify_complex")[0].last_day
    case.do("rule_extension", granted=True, days=2)
    after = rows(CaseDeadline, case_id=case.case_id, element="rectify_complex")[0]
    assert (before.isoformat(), after.last_day.isoformat()) == ("2025-04-27", "2025-04-29")  # Sunday 27 April is worked
    with pytest.raises(ExtensionNotGranted):
        case.act(lambda step: request_extension(step, handler, "再调档", "已说明"), handler)


@pytest.mark.clause("XS 3x")
def test_more_than_two_days_need_a_written_reason_and_a_late_request_is_refused(make_case: Make) -> None:
    case = handling(make_case)
    case.do("verify", handling="complex")
    handler = person("xs", RATED)
    case.act(lambda step: request_extension(step, handler, "调档", "已说明"), handler)
    with pytest.raises(FormInvalid):
        case.do("rule_extension", granted=True, days=5, reasons=" ")
    case.do("rule_extension", granted=True, days=5, reasons="档案在省里")
    late = handling(make_case, record="R2")
    late.do("verify", handling="complex")
    late.at("2025-04-28 00:00")
    with pytest.raises(ExtensionNotGranted):
        late.act(lambda step: request_extension(step, handler, "调档", "已说明"), handler)


@pytest.mark.clause("SX 3b", "SX 3b′")
def test_a_promised_date_is_the_limit_and_moves_once(make_case: Make) -> None:
    case = handling(make_case, "sx")
    case.do("verify", handling="complex")
    with pytest.raises(FormInvalid):
        case.do("promise", promised_on="2025-04-25")  # the sixteenth working day
    case.do("promise", promised_on="2025-04-15")
    assert rows(CaseDeadline, element="rectify_promised")[0].last_day.isoformat() == "2025-04-15"
    handler = person("sx", RATED)
    case.act(lambda step: request_extension(step, handler, "原因", "已说明"), handler)
    case.do("rule_extension", granted=True, until="2025-04-18")
    assert rows(CaseDeadline, element="rectify_promised")[0].last_day.isoformat() == "2025-04-18"
