"""What a substitute may do in a case: what both may, and nothing that needs two persons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from cases.conftest import RATED, Driver, filled, handling, person, rows

from app.audit.models import AuditEntry
from app.cases.acting import return_task, sign_task, submit_task
from app.cases.errors import ConflictOfInterest, SignatureNeeded
from app.cases.models import Task
from app.cases.step import Step
from app.identity.actor import Actor, Role

VERIFIED = {"truth": "true", "responsibility": "unit", "handling": "clear"}
LI, HAN = person("xs", RATED), person("xs", RATED, "handler2")
HEAD = person("xs", RATED, "head")


def standing_in(actor: Actor, absent: Actor, role: Role = Role.HANDLER) -> Actor:
    return replace(actor, role=role, for_account=absent.id, for_staff=absent.staff)


def submit(case: Driver, actor: Actor, element: str = "verify", **form: object) -> None:
    def act(step: Step) -> None:
        submit_task(step, element, actor, filled(step.node(element).form, form or VERIFIED))

    case.act(act, actor)


@pytest.fixture
def case(make_case: Callable[..., Driver]) -> Driver:
    return handling(make_case, staff="staff-7")


@pytest.mark.clause("P2")
def test_what_a_substitute_does_is_recorded_of_both(case: Driver) -> None:
    submit(case, standing_in(HAN, LI))
    (task,) = rows(Task, element="verify", status="done")
    assert (task.ended_by, task.ended_for) == (HAN.id, LI.id)
    acts = [(entry.actor, entry.payload.get("for")) for entry in rows(AuditEntry, act="complete")]
    assert acts[-1] == (HAN.id, LI.id)


def test_neither_of_the_two_may_be_the_rated_person(case: Driver) -> None:
    for actor in (replace(HAN, staff="staff-7"), standing_in(HAN, replace(LI, staff="staff-7"))):
        with pytest.raises(ConflictOfInterest):
            submit(case, actor)


def test_who_handled_does_not_judge_by_way_of_a_substitute(case: Driver) -> None:
    submit(case, LI)
    case.do("rectify_clear")
    case.do("answer")
    case.do("report")
    centre = person("xs", "xs-affairs-centre")
    assert next(iter(rows(Task, element="verify"))).ended_by == LI.id
    case.act(lambda step: step.send("draw", drawn=True, drawn_at=step.variables["handled_at"]))
    with pytest.raises(ConflictOfInterest):
        submit(case, standing_in(centre, LI), "revisit", result="fixed")
    submit(case, centre, "revisit", result="fixed")


def waits_for_head(make_case: Callable[..., Driver], submitter: Actor) -> Driver:
    """A report of XS that waits for the head's signature."""
    case = handling(make_case)
    case.do("verify")
    case.do("rectify_clear")
    submit(case, submitter, "answer", outcome="answered", found="x", done="x", basis="x")
    assert case.open_tasks()["answer"].status == "submitted"
    return case


def test_a_substitute_signs_for_the_head_but_not_what_they_submitted_themselves(make_case: Callable[..., Driver]) -> None:
    case = waits_for_head(make_case, LI)
    for refused in (standing_in(LI, HEAD, Role.HEAD), standing_in(HAN, HEAD), standing_in(HEAD, LI, Role.HEAD)):
        with pytest.raises(SignatureNeeded):
            case.act(lambda step, actor=refused: sign_task(step, "answer", actor), refused)
    signer = standing_in(HAN, HEAD, Role.HEAD)
    case.act(lambda step: sign_task(step, "answer", signer), signer)
    assert "answer" not in case.open_tasks()


def test_the_absent_one_does_not_sign_what_was_submitted_for_them(make_case: Callable[..., Driver]) -> None:
    submitter = standing_in(HAN, LI)
    case = waits_for_head(make_case, submitter)
    promoted = replace(LI, role=Role.HEAD)
    with pytest.raises(SignatureNeeded):
        case.act(lambda step: sign_task(step, "answer", promoted), promoted)
    case.act(lambda step: return_task(step, "answer", HEAD), HEAD)
    (task,) = [task for task in rows(Task, element="answer") if task.status == "open"]
    assert (task.submitted_by, task.submitted_for) == (None, None)


def test_absent_and_substitute_are_one_of_the_two_persons_of_a_ruling(make_case: Callable[..., Driver]) -> None:
    from app.appeals.applying import apply_for_review

    case = handling(make_case)
    case.act(lambda step: apply_for_review(step, HEAD, "事项", "理由", "意见"), HEAD)
    department = case.open_tasks()["rule_appeal"].department
    one, two, three = (person("xs", department, role) for role in ("handler", "handler2", "head"))
    submit(case, standing_in(two, one), "rule_appeal", upheld=True, ground="no_service")
    for refused in (one, two, standing_in(three, one), standing_in(three, two, Role.HEAD)):
        with pytest.raises(SignatureNeeded):
            case.act(lambda step, actor=refused: sign_task(step, "rule_appeal", actor), refused)
    case.act(lambda step: sign_task(step, "rule_appeal", three), three)
    assert case.case.voided_at is not None
