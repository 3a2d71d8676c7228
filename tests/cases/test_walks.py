"""Random walks through all five programmes: people do anything that is open, time passes, nothing breaks."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cases.conftest import RATED, Driver, person
from sqlalchemy import select

from app.appeals.applying import apply_for_review
from app.cases.bounces import return_case
from app.cases.extensions import request_extension
from app.cases.models import Incident, Instance
from app.cases.ownership import overseer_department
from app.cases.step import Step, iso
from app.db import db
from app.engine.errors import EngineFault, ExpressionFailed
from app.errors import AppError
from app.supervision.referrals import refer_matter

CHOICES: dict[str, list[Any]] = {
    "result": ["fixed", "not_fixed", "untrue", "unwelcome", "pressed"],
    "outcome": ["answered"],
    "decision": ["new_round", "settle", "settle"],
    "upheld": [True, False],
    "granted": [True, False],
    "province": ["accepted", "refused", "pending"],
    "truth": ["true", "partly", "false"],
    "ground": ["no_service", "threat"],
}


def random_form(step: Step, element: str, chance: random.Random) -> dict[str, Any]:
    form: dict[str, Any] = {}
    for field in step.node(element).form:
        if field.id in CHOICES:
            form[field.id] = chance.choice(CHOICES[field.id])
        elif field.type == "enum":
            form[field.id] = chance.choice(sorted(field.choices))
        elif field.id == "promised_on" or field.id == "until":
            form[field.id] = (step.now + timedelta(days=chance.randint(1, 12))).date().isoformat()
        elif field.id == "days":
            form[field.id] = chance.randint(1, 2)
        elif field.id == "department":
            form[field.id] = RATED
    if form.get("handling") == "complex" and step.round > 1:
        form["handling"] = "clear" if "clear" in dict(step.node(element).form[-1].choices) else form["handling"]
    form.pop("person", None)
    return form


class Walker:
    def __init__(self, case: Driver, chance: random.Random) -> None:
        self.case, self.chance, self.log = case, chance, []

    def walk(self, steps: int) -> None:
        for _ in range(steps):
            if self.case.case.status == "ended":
                return
            try:
                self.move()
            except (EngineFault, ExpressionFailed):
                raise
            except AppError as error:
                self.log.append(error.code)

    def move(self) -> None:
        dice = self.chance.random()
        tasks = self.case.open_tasks()
        if dice < 0.2:
            self.case.clock.set(self.case.clock.moment + timedelta(hours=self.chance.randint(1, 120)))
            self.case.tick()
        elif dice < 0.35 or not tasks:
            self.message()
        else:
            element = self.chance.choice(sorted(tasks))
            self.log.append(element)
            forms: dict[str, Any] = {}
            self.case.act(lambda step: forms.update(random_form(step, element, self.chance)))
            self.case.do(element, **forms)

    def message(self) -> None:
        department = self.case.case.department
        handler, head = person(self.case.programme, department), person(self.case.programme, department, "head")
        name = self.chance.choice(["appeal", "extension", "bounce", "refer", "draw", "draw", "draw"])
        self.log.append(name)
        if name == "appeal":
            self.case.act(lambda step: apply_for_review(step, head, "事项", "理由", "意见"), head)
        elif name == "extension":
            self.case.act(lambda step: request_extension(step, handler, "理由", "已说明"), handler)
        elif name == "bounce":
            self.case.act(lambda step: return_case(step, handler, "职责第三条"), handler)
        elif name == "refer":
            self.case.act(lambda step: refer_matter(step, person(self.case.programme, overseer_department(step)), "线索"))
        else:
            drawn = self.chance.random() < 0.7
            self.case.act(lambda step: step.send("draw", drawn=drawn, drawn_at=iso(step.now)))


@pytest.mark.parametrize("programme", ["gc", "zb", "sx", "xs", "hk"])
def test_whatever_people_do_a_case_ends_in_an_outcome_or_waits_for_somebody(
    make_case: Callable[..., Driver], programme: str
) -> None:
    outcomes = set()
    for seed in range(25):
        chance = random.Random(f"{programme}{seed}")
        case = make_case(programme, is_anonymous=chance.random() < 0.2 and programme in {"gc", "zb", "xs"})
        walker = Walker(case, chance)
        walker.walk(120)
        found = case.case
        assert found.outcome or case.open_tasks() or waits_for_draw(case), walker.log
        outcomes.add(found.outcome)
    assert db.session.scalar(select(Incident)) is None
    assert {"rectified", "voided"} <= outcomes


def waits_for_draw(case: Driver) -> bool:
    return case.case.status == "closed" and db.session.get_one(Instance, case.case_id).status == "running"
