"""Replaying the month on the virtual clock: files come in, people act, limits run out, until nothing is left to do."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import func, select

from app.appeals.applying import add_evidence, apply_for_review
from app.calendars.queries import calendar_for
from app.cases.acting import sign_task, submit_task
from app.cases.acts import record_try
from app.cases.bounces import return_case
from app.cases.errors import ConflictOfInterest, SignatureNeeded
from app.cases.extensions import request_extension
from app.cases.joint import ask_for_help, contribute
from app.cases.models import Case, Instance, Task
from app.cases.notices import in_hours
from app.cases.ownership import overseer_department
from app.cases.step import Step
from app.clock import VirtualClock
from app.db import unit_of_work
from app.demo.people import People, fill, first_who_may, until
from app.demo.scenarios import AT_ONCE, DRAWN_CALLS, Impulse, Reply, Scenario
from app.edge import perform
from app.errors import AppError
from app.identity.actor import Actor
from app.jobs import work
from app.programmes.versions import bundle_of
from app.revisits.models import DrawMember
from app.supervision.referrals import refer_matter

REFUSALS = (ConflictOfInterest, SignatureNeeded)
# Three tries, a day apart, the last by SMS.
CALLS = ("phone", "phone", "sms")


class Replay:
    """The demo's events in the order of their moments."""

    def __init__(self, clock: VirtualClock, scenario_of: Callable[[Case], Scenario]) -> None:
        """Take the clock to move, and what tells each case's scenario."""
        self._clock, self._scenario_of = clock, scenario_of
        self._events: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = count()
        self._seen: set[tuple[int, str]] = set()
        self._used: dict[tuple[int, str], int] = defaultdict(int)
        self._scenarios: dict[int, Scenario] = {}
        self._people = People()
        self._calls = 0
        self.refused: list[tuple[str, str, str]] = []

    def at(self, moment: datetime, event: Callable[[], None]) -> None:
        """Plan something for a moment."""
        heapq.heappush(self._events, (moment, next(self._order), event))

    def run(self, last: datetime) -> None:
        """Let everything happen, oldest first, until nothing is planned or due any more, or the last moment has come."""
        while (moment := self._next_moment()) is not None and moment < last:
            self._clock.set(max(moment, self._clock.moment))
            work.fire_due(self._clock)
            while self._events and self._events[0][0] <= self._clock.moment:
                heapq.heappop(self._events)[2]()

    def _next_moment(self) -> datetime | None:
        with unit_of_work() as session:
            due: datetime | None = session.scalar(select(func.min(Instance.due_at)))
        planned = self._events[0][0] if self._events else None
        return min((each for each in (due, planned) if each is not None), default=None)

    def plan_all(self) -> None:
        """Plan what people will do on every case that has tasks nobody has looked at."""
        with unit_of_work() as session:
            query = select(Task.case_id).where(Task.status.in_(["open", "submitted"])).distinct().order_by(Task.case_id)
            cases = list(session.scalars(query))
        for case_id in cases:
            self.plan(case_id)

    def plan(self, case_id: int) -> None:
        """Plan what people will do with the open tasks of a case."""
        with unit_of_work() as session:
            case = session.get_one(Case, case_id)
            scenario = self._scenarios.setdefault(case_id, self._scenario_of(case))
            query = select(Task).where(Task.case_id == case_id, Task.status.in_(["open", "submitted"])).order_by(Task.id)
            fresh = [task for task in session.scalars(query) if (task.id, task.status) not in self._seen]
            session.expunge_all()
        for task in fresh:
            self._seen.add((task.id, task.status))
            self._plan_task(scenario, task, case)

    def _plan_task(self, scenario: Scenario, task: Task, case: Case) -> None:
        if task.status == "submitted":
            self._soon(case, 2, lambda: self._sign(task, case))
            return
        if not self._plan_impulse(scenario, task, case):
            given = self._next_reply(scenario, task)
            if given.calls_thrice:
                self._soon(case, given.hours, lambda: self._call(task, case, given, list(CALLS)))
            else:
                self._soon(case, given.hours, lambda: self._submit(task, case, given))

    def _next_reply(self, scenario: Scenario, task: Task) -> Reply:
        if task.act == "revisit" and self._is_drawn(task):
            self._calls += 1
            return DRAWN_CALLS[min(self._calls, len(DRAWN_CALLS)) - 1]
        replies = scenario.replies.get(task.act or "", (AT_ONCE if task.act == "forward" else Reply(),))
        turn = self._used[task.case_id, task.act or ""]
        self._used[task.case_id, task.act or ""] += 1
        return replies[min(turn, len(replies) - 1)]

    def _is_drawn(self, task: Task) -> bool:
        """Whether a draw decided that this case is called."""
        with unit_of_work() as session:
            return session.scalar(select(DrawMember.case_id).where(DrawMember.case_id == task.case_id).limit(1)) is not None

    def _plan_impulse(self, scenario: Scenario, task: Task, case: Case) -> bool:
        """Plan what is done besides a task; return whether it is done instead of it."""
        done = self._used[case.id, "impulses"]
        waiting = scenario.impulses[done:]
        if not waiting or waiting[0].on != task.act:
            return False
        self._used[case.id, "impulses"] += 1
        impulse: Impulse = waiting[0]
        self._soon(case, impulse.hours, lambda: self._act(case, lambda: self._impulse(impulse.kind, case)))
        return impulse.instead

    def _soon(self, case: Case, hours: int, event: Callable[[], None]) -> None:
        """Plan something for business hours."""
        with unit_of_work() as session:
            rules = bundle_of(session.get_one(Instance, case.id).version).rules
            calendar = calendar_for(session, rules.calendar)
        self.at(in_hours(self._clock.moment + timedelta(hours=hours), rules.business_hours, calendar), event)

    def _act(self, case: Case, act: Callable[[], None]) -> None:
        """Let somebody act; what is refused is noted, and the case planned on."""
        try:
            act()
        except AppError as error:
            self.refused.append((case.number, error.code, error.message))
        self.plan(case.id)

    def _perform(self, case: Case, actor: Actor, act: Callable[[Step], None]) -> None:
        perform(case.id, actor, self._clock, act)

    def _submit(self, task: Task, case: Case, given: Reply) -> None:
        def submit(actor: Actor) -> None:
            def act(step: Step) -> None:
                body = fill(step.node(task.element).form, _form(task, case, step, given.form), step.now)
                submit_task(step, task.element, actor, body)

            self._perform(case, actor, act)

        actors = self._people.of(case.programme, task.department)
        self._act(case, lambda: _ignore(first_who_may(actors, submit, REFUSALS)))

    def _sign(self, task: Task, case: Case) -> None:
        def sign(actor: Actor) -> None:
            self._perform(case, actor, lambda step: sign_task(step, task.element, actor))

        actors = self._people.of(case.programme, task.department, head_first=True)
        self._act(case, lambda: _ignore(first_who_may(actors, sign, REFUSALS)))

    def _call(self, task: Task, case: Case, given: Reply, methods: list[str]) -> None:
        """Try to reach the reviewer, and again a day later, until what is left is to record that it cannot be done."""
        actor, method = self._people.of(case.programme, task.department)[0], methods.pop(0)
        self._act(case, lambda: self._perform(case, actor, lambda step: record_try(step, task.element, method, actor)))
        if methods:
            self._soon(case, 24, lambda: self._call(task, case, given, methods))
        else:
            self._soon(case, 1, lambda: self._submit(task, case, given))

    def _impulse(self, kind: str, case: Case) -> None:
        department = self._department(case)
        handler, head = (
            self._people.of(case.programme, department)[0],
            self._people.of(case.programme, department, head_first=True)[0],
        )
        acts: dict[str, tuple[Actor, Callable[[Step], None]]] = {
            "bounce": (handler, lambda step: return_case(step, handler, "“三定”规定第四条：该职责由原部门承担")),
            "extension": (handler, lambda step: request_extension(step, handler, "需向上级调取档案", "已电话向评价人说明")),
            "appeal": (head, lambda step: self._appeal(step, head)),
            "help": (handler, lambda step: ask_for_help(step, handler, self._neighbour(case, department))),
        }
        if kind == "refer":
            self._refer(case)
            return
        self._perform(case, *acts[kind])
        if kind == "help":
            helper = self._people.of(case.programme, self._neighbour(case, department))[0]
            self._perform(case, helper, lambda step: contribute(step, helper, "已提供登记底档。"))

    def _appeal(self, step: Step, head: Actor) -> None:
        apply_for_review(step, head, "对本次评价结果的复核", "评价对应的服务并非本窗口办理", "情况属实，申请复核。单位（盖章）")
        add_evidence(step, head, "当日叫号与办件日志")

    def _refer(self, case: Case) -> None:
        overseer: list[str] = []
        perform(case.id, None, self._clock, lambda step: overseer.append(overseer_department(step)))
        actor = self._people.of(case.programme, overseer[0])[0]
        self._perform(case, actor, lambda step: refer_matter(step, actor, "评价人反映工作人员收受礼品"))

    def _department(self, case: Case) -> str:
        with unit_of_work() as session:
            return str(session.scalar(select(Case.department).where(Case.id == case.id)))

    def _neighbour(self, case: Case, department: str) -> str:
        """Return another rated department of the programme."""
        with unit_of_work() as session:
            query = select(Case.rated_department).where(Case.programme == case.programme, Case.rated_department != department)
            return str(session.scalar(query.order_by(Case.rated_department).limit(1)))


def _ignore(_actor: Actor) -> None:
    """Drop who it was."""


def _form(task: Task, case: Case, step: Step, given: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that depend on the case: departments, dates, and days that fit."""
    fields: dict[str, Any] = {
        "department": case.rated_department,
        "promised_on": until(step.now, 10),
        "until": until(step.now, 14),
        "days": 2,
        "outcome": "answered",
        "result": "fixed",
        "handling": "clear",
    }
    known = {field.id: field for field in step.node(task.element).form}
    fields |= given
    for name, field in known.items():
        if field.type == "enum" and fields.get(name) is not None and fields[name] not in field.choices:
            fields[name] = next(iter(field.choices))
    return fields
