"""What the rules of a bundle say beyond its diagram: owners of lanes, ladder, draw, voiding, rounds."""

from __future__ import annotations

import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from cases.conftest import RULES

OWNERS = {
    "gc": {"bureau": "gc-data-bureau", "department": "record"},
    "zb": {"centre": "zb-complaint-centre", "unit": "record"},
    "sx": {"centre": "sx-service-centre", "department": "record"},
    "xs": {"lead": "area", "department": "record", "centre": "xs-affairs-centre"},
    "hk": {"platform": "hk-visitor-centre", "unit": "record", "authority": "area"},
}
OVERSEERS = {"gc": "bureau", "zb": "centre", "sx": "centre", "xs": "centre", "hk": "authority"}
SUPERIORS = {
    "gc": "gc-best-office",
    "zb": "zb-approval-bureau",
    "sx": "sx-general-office",
    "xs": "xs-affairs-bureau",
    "hk": "hk-gov-affairs-bureau",
}


@pytest.mark.clause("L1")
@pytest.mark.parametrize("programme", OWNERS)
def test_each_lane_has_its_owner(programme: str) -> None:
    lanes = RULES[programme].lanes
    assert {lane: rule.code or rule.department for lane, rule in lanes.items()} == OWNERS[programme]


@pytest.mark.clause("L2")
@pytest.mark.parametrize("programme", OWNERS)
def test_the_ladder_reminds_three_days_before_supervises_after_one_and_tells_leaders_after_three(programme: str) -> None:
    rules = RULES[programme]
    ladder = rules.ladder
    assert (ladder.remind_before, ladder.remind_from, ladder.remind_last_day) == (3, 10, True)
    assert (ladder.supervise_after, ladder.leaders_after) == (1, 3)
    assert dict(ladder.recipients) == {"remind": "owner", "overdue": "head", "supervise": "overseer", "leaders": "leaders"}
    assert (rules.overseer, rules.superior) == (OVERSEERS[programme], SUPERIORS[programme])


@pytest.mark.clause("XS 6")
def test_xs_draws_at_least_a_fifth_by_the_month_and_the_others_call_everybody() -> None:
    assert {code: (rules.draw.share, rules.draw.period) for code, rules in RULES.items()} == {
        "gc": (Fraction(1), None),
        "zb": (Fraction(1), None),
        "sx": (Fraction(1), None),
        "xs": (Fraction(1, 5), "month"),
        "hk": (Fraction(1), None),
    }


@pytest.mark.clause("L6")
@pytest.mark.parametrize("programme", OWNERS)
def test_voiding_has_a_closed_list_two_persons_and_five_days_to_object(programme: str) -> None:
    rules = RULES[programme]
    assert rules.voiding_grounds == ("no_service", "mistake", "threat", "repeated", "insult")
    assert (rules.voiding_persons, rules.objection_days) == (2, 5)


@pytest.mark.clause("C6", "C8")
def test_supplement_and_real_name_are_as_each_notice_has_them() -> None:
    assert {code: rules.supplement_days for code, rules in RULES.items() if rules.supplement_days} == {"zb": 5}
    assert {code for code, rules in RULES.items() if rules.raw["real_name"]["required"]} == {"sx", "hk"}


LEFT_OUT = {"reading", "clause", "name", "notice", "clauses", "notice_status", "bulletins"}
WRITTEN = tomllib.loads((Path(__file__).parent.parent / "rules.toml").read_text(encoding="utf-8"))


def facts(value: Any) -> Any:
    """Return what an official would argue about, without the words that explain it."""
    if isinstance(value, dict):
        return {name: facts(each) for name, each in value.items() if name not in LEFT_OUT}
    return [facts(each) for each in value] if isinstance(value, list) else value


@pytest.mark.clause("L1", "L2", "L6")
@pytest.mark.parametrize("programme", OWNERS)
def test_no_owner_and_no_number_of_the_rules_changes_unnoticed(programme: str) -> None:
    assert facts(dict(RULES[programme].raw)) == WRITTEN[programme]
