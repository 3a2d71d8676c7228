"""K1, K2: killed at every statement and commit of an act. What was acknowledged is there once; nothing is ever half there."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from cases.conftest import RATED, Driver, filled, person
from flask import Flask
from intake.conftest import CATALOGUE, COLUMNS, bad_review, record

from app.audit.seal import seal, verify_database
from app.cases.acting import submit_task
from app.cli import import_file
from app.clock import VirtualClock
from app.db import unit_of_work
from app.edge import perform
from app.engine.errors import TaskNotOpen
from app.jobs import work
from bench.forks import wait
from chaos.judge import count_of, find_halves
from chaos.killing import cut_in_two, die, do_and_die, gone, until_one_survives

SERVICES = 80
VERIFIED = {"truth": "true", "responsibility": "unit", "handling": "clear"}


def write(path: Path, *rows: dict[str, str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def services(database: Flask, tmp_path: Path) -> Callable[[int], Path]:
    """A catalogue and services; return the file with the bad review of the n-th."""
    rows = [{"programme": "zb"} | {name: row.get(name, "") for name in COLUMNS if name != "programme"} for row in CATALOGUE]
    assert not import_file("catalogue", write(tmp_path / "catalogue.csv", *rows)).refused
    made = [record(projectNo=f"P{n}") for n in range(SERVICES)]
    assert not import_file("records", write(tmp_path / "records.csv", *made)).refused

    return lambda n: write(tmp_path / f"review-{n}.csv", bad_review(projectNo=f"P{n}", anonymityFlag="1"))


def opened(n: int) -> int:
    return count_of("select count(*) from cases where record = :record", record=f"P{n}")


def prove_chain(app: Flask, clock: VirtualClock, folder: Path) -> None:
    """All streams verify, and so does a seal over them."""
    with unit_of_work() as session:
        seal(folder / "seals.jsonl", clock.now(session.connection()))
    with unit_of_work():
        assert verify_database(folder / "seals.jsonl") == []


@pytest.mark.clause("L1")
def test_a_case_is_opened_once_or_not_at_all_wherever_the_import_is_killed(
    database: Flask, clock: VirtualClock, services: Callable[[int], Path], tmp_path: Path
) -> None:
    import_file("reviews", services(0))  # warm

    def attempt(point: int, told: Path) -> int:
        file = services(point)
        end = die(database, told, lambda: import_file("reviews", file).opened, point)
        assert find_halves(imported=True) == []
        assert opened(point) in ({1} if told.exists() else {0, 1})
        again = import_file("reviews", file)
        assert (again.refused, opened(point)) == ([], 1)
        return end

    assert until_one_survives(database, tmp_path, attempt) > 10
    assert find_halves(imported=True) == []
    prove_chain(database, clock, tmp_path)


def complete(case: Driver) -> str:
    """Enter the verification, as head of the department, so that no signature is due."""
    actor = person("xs", RATED, "head")

    def act(step: object) -> None:
        submit_task(step, "verify", actor, filled(step.node("verify").form, VERIFIED))

    perform(case.case_id, actor, case.clock, act)
    return "done"


def completed(case: Driver) -> int:
    return count_of("select count(*) from tasks where case_id = :id and element = 'verify' and status = 'done'", id=case.case_id)


def verifying(make_case: Callable[..., Driver]) -> Driver:
    case = make_case("xs")
    case.do("forward")
    return case


@pytest.mark.clause("L1")
def test_a_step_is_completed_once_or_not_at_all_wherever_it_is_killed(
    database: Flask, clock: VirtualClock, make_case: Callable[..., Driver], tmp_path: Path
) -> None:
    complete(verifying(make_case))  # warm

    def attempt(point: int, told: Path) -> int:
        case = verifying(make_case)
        end = die(database, told, lambda: complete(case), point)
        assert find_halves() == []
        done = completed(case)
        assert done in ({1} if told.exists() else {0, 1})
        if done:
            with pytest.raises(TaskNotOpen):
                complete(case)
        else:
            complete(case)
        assert completed(case) == 1
        return end

    assert until_one_survives(database, tmp_path, attempt) > 8
    assert find_halves() == []
    prove_chain(database, clock, tmp_path)


def fired() -> int:
    return count_of("select count(*) from firings")


@pytest.fixture
def due(make_case: Callable[..., Driver], clock: VirtualClock) -> Callable[[], int]:
    """Forty cases of which each has one reminder to fire; return how many are due."""
    cases = [make_case("xs") for _ in range(40)]
    cases[0].at("2025-04-03 00:30")
    query = "select count(*) from instances where due_at <= :now"
    return lambda: count_of(query, now=clock.moment)


@pytest.mark.clause("L2")
def test_a_deadline_fires_once_or_not_yet_wherever_the_worker_is_killed(
    database: Flask, clock: VirtualClock, due: Callable[[], int], tmp_path: Path
) -> None:
    work.fire_next(clock)  # warm

    def attempt(point: int, told: Path) -> int:
        before, left = fired(), due()
        end = die(database, told, lambda: work.fire_next(clock), point)
        assert find_halves() == []
        assert fired() - before in ({1} if told.exists() else {0, 1})
        assert left - due() == fired() - before
        return end

    assert until_one_survives(database, tmp_path, attempt) > 6
    work.fire_due(clock)
    assert (fired(), due()) == (40, 0)
    assert find_halves() == []
    prove_chain(database, clock, tmp_path)


@pytest.mark.clause("L2")
def test_two_workers_killed_at_once_neither_lose_nor_double_a_firing(
    database: Flask, clock: VirtualClock, due: Callable[[], int], tmp_path: Path
) -> None:
    work.fire_next(clock)  # warm
    chance = random.Random(2)
    for turn in range(12):
        before, files = fired(), [tmp_path / f"{turn}-{i}" for i in range(2)]
        pids = [do_and_die(database, file, lambda: work.fire_next(clock), chance.randint(1, 12)) for file in files]
        for pid in pids:
            wait(pid)
        gone(database)
        told = sum(file.exists() and file.read_text() == "1\n" for file in files)
        assert told <= fired() - before <= 2
        assert find_halves() == []
    work.fire_due(clock)
    assert (fired(), due()) == (40, 0)
    assert find_halves() == []
    prove_chain(database, clock, tmp_path)


def is_found(attempt: Callable[[int, Path], int], folder: Path, points: int = 60) -> bool:
    """Kill the act that was cut in two at one point after another, until the judge sees a half of it."""
    for point in range(1, points):
        attempt(point, folder / f"told-{point}")
        if find_halves():
            return True
    return False


@pytest.mark.parametrize("marker", ["INSERT INTO audit_entries", "UPDATE instances"])
def test_the_judge_finds_a_completion_that_was_cut_into_two_transactions(
    database: Flask, make_case: Callable[..., Driver], tmp_path: Path, marker: str
) -> None:
    def attempt(point: int, told: Path) -> int:
        case = verifying(make_case)
        return die(database, told, lambda: complete(case), point, cut_in_two(marker))

    assert is_found(attempt, tmp_path)


def test_the_judge_finds_a_firing_that_was_cut_into_two_transactions(
    database: Flask, clock: VirtualClock, due: Callable[[], int], tmp_path: Path
) -> None:
    def attempt(point: int, told: Path) -> int:
        return die(database, told, lambda: work.fire_next(clock), point, cut_in_two("INSERT INTO firings"))

    assert due() == 40
    assert is_found(attempt, tmp_path)


def test_the_judge_finds_an_opening_that_was_cut_into_two_transactions(
    database: Flask, services: Callable[[int], Path], tmp_path: Path
) -> None:
    cut = cut_in_two("INSERT INTO tasks", then="savepoint sa_savepoint_1")

    def attempt(point: int, told: Path) -> int:
        file = services(point)
        return die(database, told, lambda: import_file("reviews", file).opened, point, cut)

    assert is_found(attempt, tmp_path)
