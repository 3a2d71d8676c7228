"""A case's life against a simple model, step by step at random: XS with its draw, extension and appeal, ZB with its claim."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from cases.conftest import Driver, person
from cases.life import Life, once_a_state, possible
from cases.life_model import GROUNDS, HANDLINGS, OFF, SENT_BACK, days_after
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from app.appeals.applying import apply_for_review
from app.cases.extensions import request_extension
from app.cases.step import iso
from app.clock import VirtualClock
from app.programmes.bundle import SHIPPED, read_bundle

# A night's run is BIHUAN_LIVES=100: a hundred times as many lives, and others every time.
TIMES = int(os.environ.get("BIHUAN_LIVES", "1"))
SUITE = settings(
    max_examples=80 * TIMES, stateful_step_count=30, derandomize=TIMES == 1, phases=[Phase.generate],
    deadline=None, database=None, suppress_health_check=list(HealthCheck),
)  # fmt: skip
RULING = st.fixed_dictionaries(
    {"upheld": st.booleans(), "ground": st.sampled_from([None, *GROUNDS, "mistake"]), "reviewer_confirmed": st.booleans()}
)


def is_founded(form: dict[str, Any]) -> bool:
    """Whether a voiding stands on a ground of the list; a mistake must be confirmed by the reviewer."""
    return form["ground"] in GROUNDS or (form["ground"] == "mistake" and form["reviewer_confirmed"])


class XsLife(Life):
    """The prefecture draws a fifth for revisits, grants one extension a round, and rules on appeals beside the handling."""

    programme, lead, overseer, superior = "xs", "xs-lead-prefecture", "xs-affairs-centre", "xs-affairs-bureau"
    off: ClassVar[set[str]] = OFF | {"2025-04-14", "2025-04-15", "2025-04-16"}
    heads_sign: ClassVar[set[str]] = {"answer", "report"}
    seconds_sign: ClassVar[set[str]] = {"rule_appeal"}
    forms: ClassVar[dict[str, st.SearchStrategy[dict[str, Any]]]] = Life.forms | {
        "verify": st.fixed_dictionaries({"handling": st.sampled_from(HANDLINGS)}),
        "rule_extension": st.fixed_dictionaries({"granted": st.booleans(), "days": st.sampled_from([None, 1, 2, 5])}),
        "rule_appeal": RULING,
    }

    def by(self, element: str) -> str:
        return self.lead if element in {"rule_extension", "rule_appeal"} else super().by(element)

    def is_refused(self, element: str, form: dict[str, Any]) -> bool:
        if element == "verify" and form["handling"] == "complex":
            return self.model.round > 1 and not self.model.complex_granted
        if element == "rule_extension":
            return (form["granted"] and not form["days"]) or self.must_wait_for_a_ruling(self.model.left, self.model.result)
        if element == "rule_appeal":
            return form["upheld"] and not is_founded(form)
        waits = element == "revisit" and "rule_extension" not in self.model.open
        return super().is_refused(element, form) or self.must_wait_for_a_ruling(waits, form.get("result"))

    def must_wait_for_a_ruling(self, leaves: bool, result: str | None) -> bool:
        """An appeal holds the case in its handling, unless another round of it follows at once."""
        follows = result in SENT_BACK and self.model.round < 2
        return leaves and "rule_appeal" in self.model.open and not follows

    def done_verify(self, form: dict[str, Any]) -> None:
        self.model.handling = form["handling"]
        following = {"clear": "rectify_clear", "complex": "rectify_complex"}
        self.model.pass_on("verify", following.get(form["handling"], "explain"))

    def done_answer(self, form: dict[str, Any]) -> None:
        self.model.pass_on("answer", "report")

    def done_report(self, form: dict[str, Any]) -> None:
        self.model.pass_on("report")
        self.model.status, self.model.waits_for_draw = "closed", True

    def done_rule_extension(self, form: dict[str, Any]) -> None:
        self.model.pass_on("rule_extension")
        if form["granted"] and self.rectifying:
            (element,) = self.rectifying
            assert self.case.open_tasks()[element].due_at == self.days_after(self.handle_by, form["days"])
        if self.model.left:
            self.model.leave()

    def done_rule_appeal(self, form: dict[str, Any]) -> None:
        self.model.pass_on("rule_appeal")
        if form["upheld"]:
            self.model.void()

    @possible("waits_for_draw")
    @rule(drawn=st.booleans())
    def hear_of_the_draw(self, drawn: bool) -> None:
        """No person acts: the case is told whether it was drawn."""
        leaves = not drawn and "rule_extension" not in self.model.open
        allowed = not self.must_wait_for_a_ruling(leaves, None)
        clock = person("xs", self.overseer)
        if self.act(allowed, clock, lambda step: step.send("draw", drawn=drawn, drawn_at=iso(step.now))):
            self.model.waits_for_draw = False
            if drawn:
                self.model.open.add("revisit")
            else:
                self.model.leave()

    @property
    def rectifying(self) -> set[str]:
        return {"rectify_clear", "rectify_complex"} & self.model.open

    @property
    def handle_by(self) -> datetime:
        """The first instant that is too late for rectifying, before any extension."""
        assert self.model.began_at
        return days_after(self.model.began_at, 2 if "rectify_clear" in self.model.open else 15, self.off)

    def days_after(self, limit: datetime, days: int) -> datetime:
        """Return a limit with so many working days added to its last day."""
        return days_after(limit - timedelta(microseconds=1), days, self.off)

    @possible("rectifying")
    @rule()
    def ask_for_more_time(self) -> None:
        actor = person("xs", self.model.department)
        allowed = not self.model.extended and self.model.now < self.handle_by
        if self.act(allowed, actor, lambda step: request_extension(step, actor, "调档", "已说明")):
            self.model.extended = True
            self.model.open.add("rule_extension")

    @property
    def may_appeal(self) -> bool:
        return self.model.is_handling and not self.model.appealed and not self.is_being_ruled

    @possible("may_appeal")
    @rule()
    def appeal(self) -> None:
        actor = person("xs", self.model.department, "head")
        ends = [days_after(at, 5, self.off) for at in (self.model.forwarded_at, self.model.resent_at) if at]
        if self.act(self.model.now < max(ends), actor, lambda step: apply_for_review(step, actor, "事项", "理由", "意见")):
            self.model.appealed = True
            self.model.open.add("rule_appeal")

    @once_a_state("xs")
    @rule()
    def what_has_no_place_in_xs_is_refused(self) -> None:
        """Appeals without the head or a second time, extensions of what is not rectified, draws that nobody made."""
        self.tried.add(("xs", self.model.state))
        handler, head = (person("xs", self.model.department, role) for role in ("handler", "head"))
        self.act(False, handler, lambda step: apply_for_review(step, handler, "事项", "理由", "意见"))
        if not self.may_appeal:
            self.act(False, head, lambda step: apply_for_review(step, head, "事项", "理由", "意见"))
        if not self.rectifying:
            self.act(False, handler, lambda step: request_extension(step, handler, "调档", "已说明"))
        if not self.model.waits_for_draw:
            self.act(False, head, lambda step: step.send("draw", drawn=True, drawn_at=iso(step.now)))


class ZbLife(Life):
    """The centre hears a claim instead of the handling, and calls everybody back whom it can."""

    programme, lead, overseer, superior = "zb", "zb-complaint-centre", "zb-complaint-centre", "zb-approval-bureau"
    seconds_sign: ClassVar[set[str]] = {"rule_claim"}
    forms: ClassVar[dict[str, st.SearchStrategy[dict[str, Any]]]] = Life.forms | {
        "verify": st.fixed_dictionaries({"handling": st.sampled_from([*HANDLINGS, "claim", "claim"])}),
        "rule_claim": RULING,
    }

    def by(self, element: str) -> str:
        return self.lead if element == "rule_claim" else super().by(element)

    def is_refused(self, element: str, form: dict[str, Any]) -> bool:
        if element == "verify" and form["handling"] == "complex":
            return self.model.round > 1 and not self.model.complex_granted
        if element == "rule_claim":
            return form["upheld"] and not is_founded(form)
        return super().is_refused(element, form)

    def done_verify(self, form: dict[str, Any]) -> None:
        self.model.handling = form["handling"]
        following = {"clear": "rectify_clear", "complex": "ledger", "claim": "rule_claim"}
        self.model.pass_on("verify", following.get(form["handling"], "explain"))

    def done_ledger(self, form: dict[str, Any]) -> None:
        self.model.pass_on("ledger", "rectify_complex")

    def done_answer(self, form: dict[str, Any]) -> None:
        self.model.pass_on("answer")
        self.model.status = "closed"
        if self.model.anonymous:
            self.model.leave()
        else:
            self.model.open.add("revisit")

    def done_rule_claim(self, form: dict[str, Any]) -> None:
        self.model.pass_on("rule_claim")
        if form["upheld"]:
            self.model.void()
        else:
            self.model.open.add("verify")


@pytest.mark.clause("L1", "L3", "L4", "L6", "L7")
@pytest.mark.parametrize("life", [XsLife, ZbLife])
def test_a_case_lives_as_the_model_says(
    database: Flask, make_case: Callable[..., Driver], clock: VirtualClock, life: type[Life]
) -> None:
    life.make, life.clock, life.acts, life.ends = staticmethod(make_case), clock, Counter(), Counter()
    life.elements = sorted(node.id for node in read_bundle(SHIPPED / life.programme).program.definition.of_kind("userTask"))
    run_state_machine_as_test(life, settings=SUITE)
    print(f"{life.__name__}: {len(life().rules)} rules, {dict(life.acts)}, {dict(life.ends)}")
