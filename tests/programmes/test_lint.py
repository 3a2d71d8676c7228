"""Every silent trap of the engine and every promise of a bundle has a rule, and each rule finds it."""

from __future__ import annotations

import pytest
from lxml import etree

from app.engine.errors import DiagramUnreadable
from app.programmes.bundle import Bundle
from app.programmes.lint import MOST_FINDINGS, lint
from tests.programmes.mutations import (
    WORDS,
    Mutation,
    at,
    bundle,
    condition,
    flow,
    found,
    kind,
    prop,
    put,
    retarget,
    rewritten,
    rules,
    spoilt,
    timer,
)
from tests.programmes.traps import TRAPS

CODES = ("gc", "zb", "sx", "xs", "hk")


@pytest.mark.parametrize("code", CODES)
def test_a_shipped_bundle_is_clean(code: str) -> None:
    assert lint(bundle(code), WORDS) == []


@pytest.mark.parametrize("code", CODES)
def test_a_shipped_diagram_is_clean_alone(code: str) -> None:
    assert lint(bundle(code).diagram, WORDS) == []


@pytest.mark.parametrize(("rule", "element", "mutations"), TRAPS, ids=[f"{n}-{trap[0]}" for n, trap in enumerate(TRAPS)])
def test_a_trap_is_found_where_it_lies(rule: str, element: str, mutations: tuple[Mutation, ...]) -> None:
    where = found(spoilt("xs", *mutations), rule)
    assert where
    assert element in where or element == "*"


@pytest.mark.parametrize("trap", TRAPS[::7], ids=lambda trap: trap[0])
def test_a_finding_says_what_is_wrong_in_chinese(trap: tuple[str, str, tuple[Mutation, ...]]) -> None:
    for finding in lint(spoilt("xs", *trap[2]), WORDS):
        assert any("一" <= each <= "鿿" for each in finding.message)
        assert finding.message.endswith(("。", "）"))


# rule, key or element, in which bundle, what is written instead of what
RULES = [
    ("toml-doubles-diagram", "draw.window", "xs", "[draw]\nshare", '[draw]\nwindow = "5wd"\nshare'),
    ("toml-doubles-diagram", "extension.largest", "xs", "[extension]", '[extension]\nlargest = "2wd"'),
    ("toml-doubles-diagram", "limits", "xs", "[draw]", '[limits]\nverify = "1wd"\n[draw]'),
    ("toml-doubles-diagram", "verify", "xs", "[draw]", '[verify]\nclause = "XS 一(一)"\n[draw]'),
    ("toml-doubles-diagram", "sign_off", "xs", "[notice]", 'sign_off = ["answer"]\n[notice]'),
    ("toml-doubles-diagram", "lanes.lead.owner", "xs", "[lanes.lead]", '[lanes.lead]\nowner = "x"'),
    ("lane-without-rule", "centre", "xs", "[lanes.centre]", "[lanes.center]"),
    ("lane-not-drawn", "lanes.center", "xs", "[lanes.centre]", "[lanes.center]"),
    ("lane-department", "lanes.centre", "xs", 'code = "xs-affairs-centre"', ""),
    ("lane-unknown", "overseer.lane", "xs", '[overseer]\nlane = "centre"', '[overseer]\nlane = "nobody"'),
    ("unknown-clause", "forward", "xs", '"XS 一(二)1" =', '"XS 一(二)9" ='),
    ("empty-clause", "clauses.XS 附件3", "xs", "单位意见 签名（盖章）： 年 月 日", ""),
    ("draw-share", "draw.share", "xs", 'share = "1/5"', 'share = "6/5"'),
    ("draw-period", "draw.period", "xs", 'period = "month"\nlane', 'period = "week"\nlane'),
    ("draw-period", "draw", "xs", 'period = "month"\nlane', "lane"),
    ("draw-missing", "draw.share", "gc", 'share = "1"', 'share = "1/2"'),
    ("draw-missing", "draw.period", "gc", 'share = "1"', 'share = "1"\nperiod = "month"'),
    ("ladder", "ladder.leaders_after", "xs", "leaders_after = 3", "leaders_after = 0"),
    ("ladder", "ladder.supervise_after", "xs", "supervise_after = 1", "supervise_after = -1"),
    ("ladder", "ladder.recipients.remind", "xs", 'remind = "owner"', 'remind = "nobody"'),
    ("in-force", "in_force_from", "sx", "in_force_until = 2025-12-31", "in_force_until = 2022-12-31"),
    ("business-hours", "business_hours", "xs", 'opens = "09:00"', 'opens = "18:00"'),
    ("promise-largest", "promise.largest", "sx", 'largest = "15wd"', 'largest = "0wd"'),
    ("unknown-ground", "rule_appeal", "xs", '"repeated", ', ""),
    ("unknown-handling", "rounds.simple_handling", "xs", '["clear", ', '["simple", '),
    ("toml-invalid", "programme.toml", "xs", 'lane = "centre"\nclause', "clause"),
    ("control-character", "notice", "xs", "所存文本", "所存\u202e文本"),
]


@pytest.mark.parametrize(("rule", "element", "code", "old", "new"), RULES)
def test_a_rule_of_the_bundle_is_held_to_the_diagram(rule: str, element: str, code: str, old: str, new: str) -> None:
    findings = [finding for finding in lint(rewritten(code, old, new), WORDS) if finding.rule == rule]
    assert element in {finding.element for finding in findings} or (rule == "toml-invalid" and findings)


def test_a_key_that_stands_on_an_element_names_the_element() -> None:
    findings = lint(rewritten("xs", "[extension]", '[extension]\nlargest = "2wd"'), WORDS)
    assert [(f.rule, "extension_clear" in f.message) for f in findings] == [("toml-doubles-diagram", True)]


@pytest.mark.clause("L3")
@pytest.mark.parametrize("code", CODES)
def test_no_path_reaches_an_outcome_without_an_answer(code: str) -> None:
    silent = spoilt(code, prop("answer", "act", "contact"))
    assert found(silent, "no-answer") >= {"end_rectified", "end_explained", "end_unsubstantiated", "end_handed_over"}


@pytest.mark.clause("L3")
@pytest.mark.parametrize("code", CODES)
def test_voided_and_linked_cases_are_answered_too(code: str) -> None:
    assert found(spoilt(code, prop("tell_voided", "act", "contact")), "no-answer") == {"end_voided"}
    assert found(spoilt(code, prop("tell_linked", "act", "contact")), "no-answer") == {"end_linked"}


def test_a_shortcut_past_the_answer_is_found() -> None:
    """Only the classes that go this way are left without an answer."""
    silent = {"end_explained", "end_unsubstantiated", "end_handed_over"}
    assert found(spoilt("xs", retarget("class_to_explain", "handling_end")), "no-answer") == silent


def test_an_upheld_claim_may_leave_without_the_departments_answer() -> None:
    """The branch of the gateway behind it is known to be taken, so the path is no shortcut."""
    assert "no-answer" not in rules(bundle("gc"))
    assert "no-answer" in rules(spoilt("gc", condition("after_handling_to_void_rating", "voided")))


def test_an_optional_field_may_be_empty_where_a_limit_counts_from_it() -> None:
    def not_required(root: etree._Element) -> None:
        item = next(each for each in at(root, "promise").iter() if each.get("id") == "promised_on")
        item.remove(item[0])

    assert found(spoilt("sx", not_required), "null-anchor") == {"rectify_promised_limit"}


def test_a_variable_of_the_last_round_is_empty_in_the_next() -> None:
    assert found(spoilt("gc", timer("verify_limit", "escalate(working_days(2, since=ruled_at))")), "null-anchor") == {
        "verify_limit"
    }


def test_later_of_needs_only_one_certain_limit() -> None:
    uncertain = "escalate(later_of(working_days(2, since=refused_at), working_days(1, since=resent_at)))"
    assert found(spoilt("gc", timer("verify_limit", uncertain)), "null-anchor") == {"verify_limit"}


def test_a_circle_with_a_person_in_it_is_fine() -> None:
    assert "automatic-loop" not in rules(bundle("gc"))
    assert "province_result" in at_least(bundle("gc"))


def at_least(source: Bundle) -> set[str]:
    return set(source.program.definition.nodes)


def test_a_form_field_may_share_its_id_with_an_element() -> None:
    assert "outcome" in bundle("xs").program.definition.nodes
    assert rules(bundle("xs")) == set()


def test_parallel_work_is_allowed_inside_the_subprocess() -> None:
    forked = spoilt(
        "xs",
        put("handling", '<bpmn:parallelGateway id="fork"/>'),
        put("handling", '<bpmn:parallelGateway id="join"/>'),
        kind("merge_handled", "exclusiveGateway"),
        retarget("answer_to_report", "fork"),
        flow("fork_to_report", "fork", "report", "handling"),
        flow("fork_to_join", "fork", "join", "handling"),
        retarget("report_to_close", "join"),
        flow("join_to_close", "join", "close", "handling"),
    )
    assert not rules(forked) & {"parallel-outside-subprocess", "join-without-fork", "join-in-loop", "implicit-split"}


def test_too_many_steps_are_refused_without_looking_further() -> None:
    many = "".join(f'<bpmn:endEvent id="extra_{n}"/>' for n in range(400))
    crowded = spoilt("xs", put("handling", f'<bpmn:subProcess id="crowd">{many}</bpmn:subProcess>'))
    assert rules(crowded) == {"too-many-nodes"}


def test_a_long_straight_path_is_refused() -> None:
    names = [f"step_{n}" for n in range(190)]
    boxes = "".join(f'<bpmn:serviceTask id="{n}" name="x"/>' for n in names)
    flows = "".join(
        f'<bpmn:sequenceFlow id="f{a}" sourceRef="{a}" targetRef="{b}"/>'
        for a, b in zip(names, [*names[1:], "draw"], strict=True)
    )
    root = etree.fromstring(spoilt("xs", retarget("close_to_draw", "step_0")))
    for part in list(etree.fromstring(f'<x xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL">{boxes}{flows}</x>')):
        at(root, "handling").append(part)
    assert "path-too-long" in rules(etree.tostring(root))


def test_no_more_findings_than_anybody_reads() -> None:
    wild = "".join(f'<bpmn:wild id="w{n}"/>' for n in range(2000))
    root = etree.fromstring(spoilt("xs"))
    for part in list(etree.fromstring(f'<x xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL">{wild}</x>')):
        at(root, "handling").append(part)
    findings = lint(etree.tostring(root), WORDS)
    assert len(findings) == MOST_FINDINGS + 1
    assert findings[-1].rule == "more-findings"


def test_what_is_no_diagram_is_not_linted() -> None:
    with pytest.raises(DiagramUnreadable):
        lint(b"<html/>", WORDS)
