"""Cases, people and departments, valid by default."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select

from app.cases.acting import sign_task, submit_task
from app.cases.models import Case, Task
from app.cases.step import Step
from app.catalogue.models import Department
from app.clock import VirtualClock
from app.db import db, unit_of_work
from app.edge import perform
from app.engine.definition import FormField
from app.events import publish
from app.identity.actor import Actor, Role
from app.identity.models import Account
from app.intake.events import BadReviewReceived
from app.programmes.bundle import read_bundle, shipped
from app.programmes.rules import Rules

RATED = "rated-department"
OTHER = "other-department"
BEGINNING = datetime.fromisoformat("2025-01-01T00:00:00+00:00")
RULES: dict[str, Rules] = {folder.name: read_bundle(folder).rules for folder in shipped()}


def departments_of(rules: Rules) -> set[str]:
    """Every department that the rules of a programme name, and two that are rated."""
    named = {rule.code for rule in rules.lanes.values()} | {
        code for rule in rules.lanes.values() for code in rule.by_area.values()
    }
    named |= {rule.superior for rule in rules.lanes.values()} | {rules.superior, RATED, OTHER}
    return {code for code in named if code}


@pytest.fixture
def city(database: Flask) -> None:
    """Departments of all programmes, each with a head and two handlers."""
    found_city()


def found_city() -> None:
    """Store the departments of all programmes and their people."""
    with unit_of_work():
        for code, rules in RULES.items():
            for department in sorted(departments_of(rules)):
                row = {"programme": code, "code": department, "name": department, "area": "", "responsible": None}
                db.session.execute(insert(Department), row)
                for role in ("head", "handler", "handler2", "leader"):
                    db.session.execute(insert(Account), account_row(code, department, role))


def account_row(programme: str, department: str, role: str) -> dict[str, Any]:
    login = f"{programme}.{department}.{role}"
    return {
        "login": login, "name": "张三", "password_hash": "-", "role": role.rstrip("2"), "programme": programme,
        "department": department, "staff": None, "is_active": True, "created_at": BEGINNING,
    }  # fmt: skip


def person(programme: str, department: str, role: str = "handler") -> Actor:
    """Return somebody of a department."""
    return Actor(f"{programme}.{department}.{role}", Role(role.rstrip("2")), programme, department)


class Driver:
    """Drives one case as its people would."""

    def __init__(self, case_id: int, programme: str, clock: VirtualClock) -> None:
        self.case_id, self.programme, self.clock = case_id, programme, clock

    @property
    def case(self) -> Case:
        db.session.expire_all()
        return db.session.get_one(Case, self.case_id)

    def open_tasks(self) -> dict[str, Task]:
        db.session.expire_all()
        query = select(Task).where(Task.case_id == self.case_id, Task.status.in_(["open", "submitted"]))
        return {task.element: task for task in db.session.scalars(query)}

    def act(self, act: Callable[[Step], None], actor: Actor | None = None) -> None:
        perform(self.case_id, actor, self.clock, act)

    def do(self, element: str, _role: str = "handler", **form: Any) -> None:
        """Submit a task as a handler of its department, and sign it where a signature is due."""
        actor = person(self.programme, self.open_tasks()[element].department, _role)
        entered = FORMS.get(element, {}) | form
        self.act(lambda step: submit_task(step, element, actor, filled(step.node(element).form, entered)), actor)
        task = self.open_tasks().get(element)
        if task is not None and task.status == "submitted":
            signer = person(self.programme, task.department, "head")
            self.act(lambda step: sign_task(step, element, signer), signer)

    def at(self, moment: str) -> None:
        """Move the clock to a moment in China, and let what is due happen."""
        self.clock.set(datetime.fromisoformat(moment + ":00+08:00"))

    def tick(self) -> None:
        self.act(lambda step: None)


FORMS: dict[str, dict[str, Any]] = {
    "forward": {"department": RATED},
    "file": {"department": RATED},
    "verify": {"truth": "true", "responsibility": "unit", "handling": "clear"},
    "answer": {"outcome": "answered"},
    "revisit": {"result": "fixed"},
    "recheck": {"result": "fixed"},
    "rule_appeal": {"upheld": True, "ground": "no_service"},
    "rule_claim": {"upheld": True, "ground": "no_service"},
}
SAMPLES = {"string": "如实填写", "long": 1, "boolean": False, "date": "2025-04-02"}


def filled(form: tuple[FormField, ...], entered: dict[str, Any]) -> dict[str, Any]:
    """Return what was entered, with every other required field filled in."""
    required = {field.id: next(iter(field.choices), SAMPLES.get(field.type)) for field in form if field.required}
    return required | entered


@pytest.fixture
def make_case(city: None, clock: VirtualClock) -> Callable[..., Driver]:
    """Return a factory of freshly opened cases."""
    numbers = count(1)

    def make(programme: str = "xs", **overrides: Any) -> Driver:
        return open_case(clock, next(numbers), programme, **overrides)

    return make


def open_case(clock: VirtualClock, number: int, programme: str = "xs", **overrides: Any) -> Driver:
    """Open the case of a bad review of the n-th service."""
    values: dict[str, Any] = {
        "review": number, "programme": programme, "served_on": date(2025, 4, 1), "record": f"R{number:06d}", "visit": 1,
        "sequence": 1, "department": RATED, "staff": None, "channel": "qr", "reviewer": None, "is_anonymous": False,
        "received_at": clock.moment,
    }  # fmt: skip
    with unit_of_work() as session:
        publish(BadReviewReceived(**(values | overrides)))
        case_id = session.scalar(select(Case.id).order_by(Case.id.desc()).limit(1))
    return Driver(int(case_id or 0), programme, clock)


def rows(model: type[Any], **where: Any) -> list[Any]:
    db.session.expire_all()
    return list(db.session.scalars(select(model).filter_by(**where)))


def handling(make_case: Callable[..., Driver], programme: str = "xs", **overrides: Any) -> Driver:
    """A case that its department is handling."""
    case = make_case(programme, **overrides)
    case.do(next(iter(case.open_tasks())))
    return case


def to_revisit(case: Driver) -> Driver:
    """Do every step until somebody has to be called."""
    while "revisit" not in case.open_tasks():
        case.do(next(iter(case.open_tasks())))
    return case
