"""A case's life as a simple model tells it, driven beside the real one: what both programmes of `test_life` share.

Where the model allows an act it must happen, where not it must be refused and leave nothing
behind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any, ClassVar

from cases.conftest import FORMS, OTHER, RATED, Driver, filled, person
from cases.life_model import FAR, OFF, RESULTS, START, Model, days_after
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import func, select

from app.appeals.applying import add_evidence
from app.appeals.ruling import hear_objection
from app.audit.chain import verify
from app.audit.models import AuditEntry
from app.audit.record import iso
from app.cases.acting import return_task, sign_task, submit_task
from app.cases.acts import record_try
from app.cases.bounces import return_case
from app.cases.handover import hand_over_case, plan_handover
from app.cases.joint import ask_for_help, contribute
from app.cases.models import Case, CaseDeadline, Hop, Round, Task
from app.cases.step import Step
from app.clock import VirtualClock
from app.db import table_of, unit_of_work
from app.errors import AppError
from app.identity.actor import Actor
from app.supervision.referrals import refer_matter

DEPARTMENTS = st.fixed_dictionaries({"department": st.sampled_from([RATED, OTHER])})


def once_a_state(name: str) -> Callable[[Any], Any]:
    """Let a rule of refusal come once between two changes, or nothing else would come to pass; it says so by `tried`."""
    return precondition(lambda life: (name, life.model.state) not in life.tried)


def possible(name: str) -> Callable[[Any], Any]:
    """Let a rule come only where the model has a place for it; what has none is tried by the rules of refusal."""
    return precondition(lambda life: bool(getattr(life if hasattr(life, name) else life.model, name)))


class Life(RuleBasedStateMachine):
    """One case and its model. Subclasses add what their programme has beyond the common steps.

    A step is told by four parts: `forms` what may be entered, `by` who enters it, `is_refused`
    what the rules forbid, and `done_<element>` what follows.
    """

    programme: ClassVar[str]
    lead: ClassVar[str]
    overseer: ClassVar[str]
    superior: ClassVar[str]
    off: ClassVar[set[str]] = OFF
    forms: ClassVar[dict[str, st.SearchStrategy[dict[str, Any]]]] = {
        "forward": DEPARTMENTS,
        "resend": DEPARTMENTS,
        "rule_bounce": DEPARTMENTS,
        "answer": st.fixed_dictionaries({"outcome": st.sampled_from(["answered", "answered", "unanswerable"])}),
        "revisit": st.fixed_dictionaries({"result": st.sampled_from(RESULTS)}),
        "decide_round": st.fixed_dictionaries(
            {"decision": st.sampled_from(["new_round", "settle"]), "complex_granted": st.booleans()}
        ),
        "tell_voided": st.just({"outcome": "answered"}),
    }
    heads_sign: ClassVar[set[str]] = {"answer"}
    seconds_sign: ClassVar[set[str]] = set()
    elements: ClassVar[list[str]]
    make: ClassVar[Callable[..., Driver]]
    clock: ClassVar[VirtualClock]
    records: ClassVar[Any] = count(1)
    acts: ClassVar[Counter[str]]
    ends: ClassVar[Counter[tuple[str, int]]]

    @initialize(anonymous=st.sampled_from([False, False, True]), to=st.sampled_from([RATED, RATED, OTHER, None]))
    def receive(self, anonymous: bool, to: str | None) -> None:
        """Open a case; most are sent on at once."""
        self.model, self.tried, self.handed_over = Model(anonymous), set[Any](), False
        self.clock.set(START)
        self.case = type(self).make(self.programme, record=f"L{next(self.records)}", is_anonymous=anonymous)
        self.number = self.case.case.number
        if to:
            self.enter("forward", {"department": to}, "handler")

    def teardown(self) -> None:
        if hasattr(self, "case"):
            self.ends[self.model.outcome or self.model.status, self.model.round] += 1

    # How an act is done.

    def act(self, allowed: bool, actor: Actor, act: Callable[[Step], Any]) -> bool:
        """Do an act that must happen if it is allowed, and else be refused and leave nothing behind."""
        before = self.written()
        self.acts["done" if allowed else "refused"] += 1
        refused = self.refusal_of(actor, act)
        assert (refused is None) == allowed, f"refused: {refused!r}; {self.model}"
        assert allowed or self.written() == before
        return allowed

    def refusal_of(self, actor: Actor, act: Callable[[Step], Any]) -> AppError | None:
        try:
            return self.case.act(act, actor)
        except AppError as error:
            return error

    def written(self) -> int:
        """Return how much is on record."""
        with unit_of_work() as session:
            return session.scalar(select(func.count()).select_from(AuditEntry)) or 0

    def by(self, element: str) -> str:
        """Return the department whose step it is."""
        of = {"forward": self.lead, "resend": self.lead, "tell_voided": self.lead}
        of |= dict.fromkeys(("rule_bounce", "revisit", "decide_round"), self.overseer)
        return of.get(element, self.model.department)

    def is_refused(self, element: str, form: dict[str, Any]) -> bool:
        """Whether the rules forbid what was entered for an open step."""
        said = {form.get("outcome"), form.get("result")} & {"unanswerable", "unreachable"}
        return bool(said) and not self.model.anonymous and not self.model.reached_enough(self.off)

    def enter(self, element: str, form: dict[str, Any], role: str) -> None:
        """Enter a step's form; it is done, or waits for a signature."""
        actor = person(self.programme, self.by(element), role)
        waits = element in self.seconds_sign or (element in self.heads_sign and role != "head")

        def submit(step: Step) -> None:
            submit_task(step, element, actor, filled(step.node(element).form, FORMS.get(element, {}) | form))

        if self.act(waits or not self.is_refused(element, form), actor, submit):
            if waits:
                self.model.submitted[element] = form | {"entered_by": role}
            else:
                getattr(self, f"done_{element}")(form)

    # Rules that every programme has.

    @possible("waiting")
    @rule(data=st.data(), role=st.sampled_from(["handler", "handler2", "head"]))
    def enter_a_step(self, data: st.DataObject, role: str) -> None:
        element = data.draw(st.sampled_from(self.model.waiting))
        self.enter(element, data.draw(self.forms.get(element, st.just({}))), role)

    @possible("waiting")
    @rule(data=st.data())
    def the_head_enters_a_step(self, data: st.DataObject) -> None:
        """What a head enters needs no signature of a head."""
        self.enter_a_step(data, "head")

    @possible("waiting")
    @rule(data=st.data())
    def a_step_is_entered_and_signed(self, data: st.DataObject) -> None:
        """As things should go; with the rules about it this leads most cases on, however the dice fall."""
        element = data.draw(st.sampled_from(self.model.waiting))
        self.enter(element, data.draw(self.forms.get(element, st.just({}))), "handler")
        if element in self.model.submitted:
            self.sign(element, "head")

    @possible("submitted")
    @rule(data=st.data(), role=st.sampled_from(["head", "handler", "handler2"]))
    def sign_a_step(self, data: st.DataObject, role: str) -> None:
        self.sign(data.draw(st.sampled_from(sorted(self.model.submitted))), role)

    def sign(self, element: str, role: str) -> None:
        """Let somebody of the step's department sign it; the head, or a second person."""
        form = self.model.submitted[element]
        may_sign = role == "head" if element in self.heads_sign else role != form["entered_by"]
        actor = person(self.programme, self.by(element), role)
        if self.act(may_sign and not self.is_refused(element, form), actor, lambda step: sign_task(step, element, actor)):
            del self.model.submitted[element]
            getattr(self, f"done_{element}")(form)

    @possible("submitted")
    @rule(data=st.data(), role=st.sampled_from(["head", "handler"]))
    def send_a_step_back(self, data: st.DataObject, role: str) -> None:
        element = data.draw(st.sampled_from(sorted(self.model.submitted)))
        may_sign = role == "head" if element in self.heads_sign else role != self.model.submitted[element]["entered_by"]
        actor = person(self.programme, self.by(element), role)
        if self.act(may_sign, actor, lambda step: return_task(step, element, actor)):
            del self.model.submitted[element]

    @property
    def callable_steps(self) -> list[str]:
        return [] if self.model.reached_enough(self.off) else sorted({"answer", "revisit"} & self.model.open)

    @possible("callable_steps")
    @rule(data=st.data(), method=st.sampled_from(["phone", "sms"]), times=st.integers(1, 2))
    def try_to_reach(self, data: st.DataObject, method: str, times: int) -> None:
        """Call once or twice, and once more the next evening."""
        element = data.draw(st.sampled_from(self.callable_steps))
        actor = person(self.programme, self.by(element))
        for hours in (0,) * times + (9,):
            self.let_pass(hours)
            self.act(True, actor, lambda step: record_try(step, element, method, actor))
            self.model.tries.append((self.model.now, method))

    @property
    def may_bounce(self) -> bool:
        ends = [days_after(at, 1, self.off) for at in (self.model.began_at, self.model.resent_at) if at]
        in_time = bool(ends) and self.model.now < max(ends)
        return self.model.is_handling and self.model.status == "open" and self.model.bounces < 2 and in_time

    @precondition(lambda life: life.may_bounce and ("bounce", life.model.state) not in life.tried)
    @rule()
    def bounce(self) -> None:
        self.tried.add(("bounce", self.model.state))
        self.return_the_case(allowed=not self.is_being_ruled)

    def return_the_case(self, *, allowed: bool) -> None:
        actor = person(self.programme, self.model.department)
        if self.act(allowed, actor, lambda step: return_case(step, actor, "第三条")):
            self.model.bounces += 1
            self.model.leave_handling("rule_bounce" if self.model.bounces >= 2 else "resend")

    @possible("may_refer")
    @rule()
    def refer(self) -> None:
        actor = person(self.programme, self.overseer)
        self.act(True, actor, lambda step: refer_matter(step, actor, "线索"))
        self.model.referred = True

    @possible("may_ask_for_help")
    @rule()
    def ask_for_help_and_get_it(self) -> None:
        actor, helper = person(self.programme, self.model.department), person(self.programme, self.lead)
        self.act(True, actor, lambda step: ask_for_help(step, actor, self.lead))
        self.act(True, helper, lambda step: contribute(step, helper, "材料"))
        self.model.helpers.add(self.lead)

    @property
    def is_voided(self) -> bool:
        return self.model.voided_at is not None

    @precondition(lambda life: life.is_voided and ("object", life.model.now) not in life.tried)
    @rule()
    def object(self) -> None:
        """The reviewer objects to the voiding, also when the case is over, as long as the window is open."""
        self.tried.add(("object", self.model.now))
        actor = person(self.programme, self.superior)
        assert self.model.voided_at
        in_time = self.model.now < days_after(self.model.voided_at, 5, self.off)
        self.act(in_time, actor, lambda step: hear_objection(step, actor, "不同意"))

    @property
    def is_being_ruled(self) -> set[str]:
        return {"rule_appeal", "rule_claim"} & self.model.open

    @precondition(lambda life: life.is_being_ruled and ("evidence", life.model.state) not in life.tried)
    @rule()
    def give_evidence(self) -> None:
        self.tried.add(("evidence", self.model.state))
        actor = person(self.programme, RATED)
        self.act(True, actor, lambda step: add_evidence(step, actor, "录像"))

    @precondition(lambda life: bool(life.model.waiting) and not life.handed_over)
    @rule()
    def the_head_hands_over(self) -> None:
        """Who is accountable changes, and nothing else."""
        post = f"{self.programme}.{self.model.department}"
        head = replace(person(self.programme, self.model.department, "head"), login=f"{post}.head")
        with unit_of_work():
            plan = plan_handover(head, f"{post}.head", f"{post}.handler")
        self.handed_over = True
        if self.case.case_id in plan.cases:
            self.act(True, head, lambda step: hand_over_case(step, plan))

    @rule(hours=st.sampled_from([1, 1, 5, 5, 24, 24 * 3, 24 * 12]), data=st.data(), steps=st.integers(0, 5))
    def time_passes_and_work_is_done(self, hours: int, data: st.DataObject, steps: int) -> None:
        """What falls due meanwhile fires, and no step is done by that alone."""
        self.let_pass(hours)
        for _ in range(steps):
            self.the_case_is_as_the_model_says()
            if self.model.waiting:
                self.a_step_is_entered_and_signed(data)

    def let_pass(self, hours: int) -> None:
        """Let the clock jump."""
        self.model.now = min(self.model.now + timedelta(hours=hours), FAR)
        self.case.clock.set(self.model.now)
        self.case.tick()

    # What must be refused.

    @once_a_state("closed")
    @rule(data=st.data(), role=st.sampled_from(["handler", "head"]))
    def what_is_not_open_is_refused(self, data: st.DataObject, role: str) -> None:
        """Another step, one that is done, or one that waits for a signature."""
        self.tried.add(("closed", self.model.state))
        element = data.draw(st.sampled_from([each for each in self.elements if each not in self.model.waiting]))
        actor = person(self.programme, self.by(element), role)

        def submit(step: Step) -> None:
            submit_task(step, element, actor, filled(step.node(element).form, FORMS.get(element, {})))

        self.act(False, actor, submit)

    @once_a_state("stranger")
    @rule()
    def a_stranger_is_refused(self) -> None:
        self.tried.add(("stranger", self.model.state))
        actor = person(self.programme, self.superior)
        for element in sorted(self.model.open):
            self.act(False, actor, lambda step, element=element: submit_task(step, element, actor, {}))
            self.act(False, actor, lambda step, element=element: record_try(step, element, "phone", actor))

    @once_a_state("place")
    @rule()
    def what_has_no_place_is_refused(self) -> None:
        """Bounces out of time, referrals without a handling, evidence without a ruling to come, help after the end."""
        self.tried.add(("place", self.model.state))
        own, overseer = person(self.programme, self.model.department, "head"), person(self.programme, self.overseer)
        if not self.may_bounce:
            self.return_the_case(allowed=False)
        if not self.model.may_refer:
            self.act(False, overseer, lambda step: refer_matter(step, overseer, "线索"))
        if not self.is_being_ruled:
            rated = person(self.programme, RATED)
            self.act(False, rated, lambda step: add_evidence(step, rated, "录像"))
        if self.model.status == "ended":
            helper = person(self.programme, self.lead)
            self.act(False, own, lambda step: ask_for_help(step, own, self.lead))
            self.act(False, helper, lambda step: contribute(step, helper, "材料"))

    # What follows from each step.

    def done_forward(self, form: dict[str, Any]) -> None:
        self.model.forwarded_at = self.model.now
        self.model.send_on(form["department"])
        self.model.begin_round()

    def done_resend(self, form: dict[str, Any]) -> None:
        self.model.resent_at = self.model.now
        self.model.send_on(form["department"])
        self.model.enter_handling()

    done_rule_bounce = done_resend

    def done_rectify_clear(self, form: dict[str, Any]) -> None:
        self.model.open = {"answer"} | (self.model.open - {"rectify_clear", "rectify_complex", "explain"})

    done_rectify_complex = done_explain = done_rectify_clear

    def done_revisit(self, form: dict[str, Any]) -> None:
        self.model.result = form["result"]
        self.model.pass_on("revisit")
        self.model.leave()

    def done_decide_round(self, form: dict[str, Any]) -> None:
        self.model.complex_granted = form["complex_granted"]
        if form["decision"] == "new_round":
            self.model.begin_round()
        else:
            self.model.end(self.model.ending)

    def done_tell_voided(self, form: dict[str, Any]) -> None:
        self.model.end("voided")

    # What holds after every step.

    @invariant()
    def the_case_is_as_the_model_says(self) -> None:
        with unit_of_work() as session:
            case = session.scalars(select(Case).where(Case.id == self.case.case_id)).one()
            of_case = {"case_id": case.id}
            tasks = session.scalars(select(Task).filter_by(**of_case).where(Task.status.in_(["open", "submitted"]))).all()
            limits = session.scalars(select(CaseDeadline).filter_by(**of_case, status="running")).all()
            rounds = session.scalar(select(func.count()).select_from(Round).filter_by(**of_case))
            hops = session.scalar(select(func.count()).select_from(Hop).filter_by(**of_case))
        model = self.model
        assert (case.status, case.outcome, case.round) == (model.status, model.outcome, model.round)
        assert (case.department, case.voided_at is not None) == (model.department, self.is_voided)
        assert (case.ended_at is not None) == (model.status == "ended")
        assert (rounds, hops) == (model.round, model.hops)
        self._tasks_fit(tasks, limits)

    def _tasks_fit(self, tasks: Any, limits: Any) -> None:
        """The open steps are the model's, each with one owner and one running limit, whose moment it carries."""
        assert sorted(each.element for each in tasks) == sorted(self.model.open)
        assert {each.element for each in tasks if each.status == "submitted"} == self.model.submitted.keys()
        assert all(each.owner and each.department == self.by(each.element) for each in tasks)
        assert sorted((each.element, each.due_at) for each in limits) == sorted((each.element, each.due_at) for each in tasks)

    @invariant()
    def its_record_is_whole(self) -> None:
        table = table_of(AuditEntry)
        query = select(table).where(table.c.stream == f"case:{self.number}").order_by(table.c.id)
        with unit_of_work() as session:
            found = [dict(row) | {"occurred_at": iso(row["occurred_at"])} for row in session.execute(query).mappings()]
        assert verify(found, []) == []
        assert [entry["act"] for entry in found].count("end") == (self.model.status == "ended")
