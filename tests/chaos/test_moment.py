"""C4: completion at the very moment of the deadline. The moment is read under the lock, so it is the one or the other."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from cases.conftest import RATED, Driver, filled, person
from flask import Flask
from sqlalchemy import Connection, text

from app.cases.acting import submit_task
from app.cases.step import Step
from app.db import db, unit_of_work
from app.edge import perform
from app.jobs import work
from bench.world import copy_case
from chaos.judge import count_of, find_halves

ROUNDS = 200
DUE = datetime(2025, 4, 3, 16, tzinfo=UTC)  # 3 April ends in China
LEAD = "xs-lead-prefecture"


class MovingClock:
    """A clock that moves: set to a moment before the deadline, it passes the deadline by itself."""

    def __init__(self) -> None:
        self.set(DUE)

    def set(self, moment: datetime) -> None:
        self._from, self._began = moment, time.monotonic()

    @property
    def moment(self) -> datetime:
        return self._from + timedelta(seconds=time.monotonic() - self._began)

    def now(self, connection: Connection) -> datetime:
        return self.moment

    def of(self, database_moment: datetime) -> datetime:
        return self.moment


@contextmanager
def in_context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield
        db.session.remove()


def complete(app: Flask, case_id: int, clock: Any, barrier: Barrier) -> None:
    with in_context(app):
        actor = person("xs", LEAD)
        barrier.wait()

        def act(step: Step) -> None:
            submit_task(step, "forward", actor, filled(step.node("forward").form, {"department": RATED}))

        perform(case_id, actor, clock, act)


def fire(app: Flask, clock: Any, barrier: Barrier) -> int:
    """Fire until the deadline is past and nothing is due any more."""
    with in_context(app):
        barrier.wait()
        fired = 0
        while clock.moment < DUE or is_due(clock):
            fired += work.fire_next(clock)
        return fired


def is_due(clock: Any) -> bool:
    return bool(count_of("select count(*) from instances where due_at <= :now", now=clock.moment))


@pytest.fixture
def reminded(make_case: Callable[..., Driver]) -> Driver:
    """A case that has been reminded; next it will be overdue."""
    case = make_case("xs")
    case.at("2025-04-03 12:00")
    case.tick()
    return case


@pytest.fixture
def copies(reminded: Driver) -> Callable[[int], list[int]]:
    """Return a maker of copies of it; the one that was copied is out of the way."""

    def make(count: int) -> list[int]:
        made = copy_case(reminded.case_id, count)
        with unit_of_work() as session:
            session.execute(text("update instances set due_at = null where case_id = :case"), {"case": reminded.case_id})
        return made

    return make


def alone(case_id: int, cases: list[int]) -> None:
    """Let one case be due at the moment, and no other."""
    with unit_of_work() as session:
        due = "case when case_id = :case then cast(:due as timestamptz) end"
        alarm = f"update instances set due_at = {due} where case_id = any(:cases)"
        session.execute(text(alarm), {"case": case_id, "due": DUE, "cases": cases})


FOUND = """
select d.status, d.ended_at < d.due_at as in_time,
       (select count(*) from firings f where f.deadline_id = d.id and f.level = 'overdue') as overdue,
       (select count(*) from tasks t where t.case_id = d.case_id and t.element = 'forward' and t.status = 'done') as done
from deadlines d where d.case_id = :case and d.timer = 'forward_limit'
"""


@pytest.mark.clause("L2")
def test_a_step_done_at_the_very_moment_is_either_in_time_or_overdue_and_never_both(
    database: Flask, copies: Callable[[int], list[int]]
) -> None:
    chance, clock, seen = random.Random(4), MovingClock(), set()
    with ThreadPoolExecutor(2) as threads:
        for case_id in (cases := copies(ROUNDS)):
            alone(case_id, cases)
            barrier = Barrier(2, action=lambda: clock.set(DUE - timedelta(milliseconds=10 ** chance.uniform(-1, 2))))
            racing = [threads.submit(complete, database, case_id, clock, barrier), threads.submit(fire, database, clock, barrier)]
            for each in racing:
                each.result(timeout=60)
            with unit_of_work() as session:
                found = session.execute(text(FOUND), {"case": case_id}).one()
            assert (found.status, found.done) == ("met", 1)
            assert (found.in_time, found.overdue) in {(True, 0), (False, 1)}
            seen.add(found.in_time)
    assert seen == {True, False}


@pytest.mark.clause("L2")
def test_two_workers_on_the_same_due_cases_fire_each_level_once(database: Flask, copies: Callable[[int], list[int]]) -> None:
    made, clock, barrier = copies(60), MovingClock(), Barrier(2)
    clock.set(DUE)
    with ThreadPoolExecutor(2) as threads:
        fired = sum(threads.map(lambda _: fire(database, clock, barrier), range(2)))
    assert fired == len(made)
    query = "select count(*) from firings where case_id = any(:cases) and level = 'overdue'"
    assert count_of(query, cases=made) == len(made)
    assert count_of("select count(distinct case_id) from firings where case_id = any(:cases)", cases=made) == len(made)
    assert find_halves_of_copies() == []


def find_halves_of_copies() -> list[str]:
    """Copies come without their first firing; all else must be whole."""
    return [each for each in find_halves() if not each.startswith("firings unlike the limit")]
