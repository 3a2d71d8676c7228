"""Draws: committed to, frozen, replaced, published, and recomputed by anybody. XS 6."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from cases.conftest import OTHER, RATED, Driver
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from app.audit.models import AuditEntry
from app.cases.models import Case
from app.clock import VirtualClock
from app.config import ROOT
from app.db import db, unit_of_work
from app.identity.vault import Vault
from app.jobs import work
from app.revisits import draws
from app.revisits.periods import month_of
from app.revisits.recipe import check, order, pool_digest, size
from revisits.conftest import SECRET, april, call_all, close, freeze, members, published

Make = Callable[..., Driver]


def run_alone(body: dict[str, Any], path: Path) -> subprocess.CompletedProcess[str]:
    """Recompute as an outsider would: a bare interpreter and the published file."""
    path.write_text(json.dumps(body, ensure_ascii=False), "utf-8")
    command = [sys.executable, "-I", "-S", str(ROOT / "app/revisits/recipe.py"), str(path)]
    return subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)


@pytest.mark.clause("XS 6", "L5")
def test_a_draw_is_committed_to_before_its_period_opens_and_frozen_when_it_is_over(
    month: Callable[..., list[Driver]], clock: VirtualClock, vault: Vault
) -> None:
    month()
    draw = april()
    assert (draw.committed_at < draw.opens_at, draw.frozen_at, members()) == (True, None, [])
    assert SECRET.hex().encode() not in bytes(draw.secret)
    clock.set(datetime.fromisoformat("2025-04-30T23:59:59+08:00"))
    work.draw(clock, vault, lambda: SECRET)
    assert april().frozen_at is None
    freeze(clock, vault)
    assert april().frozen_at == clock.moment
    freeze(clock, vault)  # once more changes nothing
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.stream == "draw:xs").order_by(AuditEntry.seq))
    assert [entry.act for entry in entries if entry.payload["period"] == "2025-04"] == ["commit", "freeze"]
    assert len(members()) == 10


@pytest.mark.clause("XS 6", "L5")
def test_no_department_is_called_less_than_its_share(
    month: Callable[..., list[Driver]], clock: VirtualClock, vault: Vault
) -> None:
    month(rated=6, other=1)
    freeze(clock, vault)
    drawn = members(status="drawn")
    assert [(each.department, each.position) for each in drawn] == [(OTHER, 0), (RATED, 0), (RATED, 1)]


@given(st.fractions(0, 1), st.integers(0, 500))
def test_the_size_of_a_draw_is_the_smallest_that_is_not_below_the_share(share: Fraction, n: int) -> None:
    drawn = size(share, n)
    assert drawn >= share * n > drawn - 1
    assert 0 <= drawn <= n


@pytest.mark.clause("XS 6", "P2")
def test_a_published_draw_is_recomputed_by_a_bare_interpreter(
    month: Callable[..., list[Driver]], clock: VirtualClock, vault: Vault, tmp_path: Path
) -> None:
    cases = month()
    freeze(clock, vault)
    call_all(clock, vault, cases)
    done = run_alone(published(vault), tmp_path / "draw.json")
    assert (done.returncode, done.stdout, done.stderr) == (0, "抽取核验通过\n", "")
    assert run_alone(published(vault) | {"share": "1/2"}, tmp_path / "draw.json").returncode == 1


@pytest.mark.clause("XS 6", "L5")
def test_who_cannot_be_reached_is_replaced_by_the_next_of_the_same_department(
    month: Callable[..., list[Driver]], clock: VirtualClock, vault: Vault
) -> None:
    cases = month(rated=7, other=0)
    freeze(clock, vault)
    first, second, *_ = [each.case_id for each in members()]
    call_all(clock, vault, cases, unreachable=1)
    after = members()
    assert [each.status for each in after] == ["unreachable", "made", "made", "spared", "spared", "spared", "spared"]
    assert (after[0].case_id, after[1].case_id) == (first, second)
    assert after[2].replaces == first
    assert check(published(vault)) == []


@pytest.mark.clause("XS 6", "L6")
def test_voided_and_linked_cases_and_those_of_other_months_are_not_in_the_pool(
    month: Callable[..., list[Driver]], make_case: Make, clock: VirtualClock, vault: Vault
) -> None:
    voided, linked, kept = month(rated=3, other=0)
    with unit_of_work() as session:
        session.execute(update(Case).where(Case.id == voided.case_id).values(voided_at=clock.moment))
        session.execute(update(Case).where(Case.id == linked.case_id).values(linked_to=kept.case_id))
    make_case("xs")  # is still open
    clock.set(datetime.fromisoformat("2025-05-01T00:00+08:00"))
    close(make_case("xs"))  # closes in the first instant of May
    freeze(clock, vault)
    assert [each.case_id for each in members()] == [kept.case_id]


@pytest.mark.clause("XS 6")
def test_the_list_is_secret_until_the_calls_are_over(
    month: Callable[..., list[Driver]], clock: VirtualClock, vault: Vault
) -> None:
    cases = month()
    freeze(clock, vault)
    with pytest.raises(draws.DrawNotOver):
        published(vault)
    waiting = {each.case_id for each in members(status="waiting")}
    assert waiting
    assert all(case.case.status == "closed" and not case.open_tasks() for case in cases if case.case_id in waiting)
    call_all(clock, vault, cases)
    assert set(published(vault)["members"].values()) == {"made", "spared"}
    assert {case.case.status for case in cases} == {"ended"}


def tampered() -> dict[str, Callable[[dict[str, Any]], None]]:
    """Return ways of changing a published draw."""

    def swap(body: dict[str, Any]) -> None:
        made, spared = (next(n for n, s in body["members"].items() if s == status) for status in ("made", "spared"))
        body["members"][made], body["members"][spared] = "spared", "made"

    return {
        "members": swap,
        "secret": lambda body: body.update(secret="00" * 32),
        "pool": lambda body: next(iter(body["pool"].values())).pop(),
        "commitment": lambda body: body.update(commitment="0" * 64),
        "too few": lambda body: body["members"].update({n: "spared" for n in body["members"]}),
        "too many": lambda body: body["members"].update({n: "made" for n in body["members"]}),
    }


@pytest.mark.clause("XS 6", "P2")
@pytest.mark.parametrize("what", tampered())
def test_a_published_draw_that_was_changed_is_found(what: str) -> None:
    pool = {"甲局": [f"XS-{n}" for n in range(12)], "乙局": ["XS-90", "XS-91"]}
    drawn = {n for numbers in order(SECRET, pool).values() for n in numbers[: size(Fraction(1, 5), len(numbers))]}
    body = {
        "secret": SECRET.hex(), "commitment": "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd", "share": "1/5",
        "pool": pool, "pool_digest": pool_digest(pool),
        "members": {n: "made" if n in drawn else "spared" for numbers in pool.values() for n in numbers},
    }  # fmt: skip
    assert check(body) == []
    changed = deepcopy(body)
    tampered()[what](changed)
    assert check(changed) != []


def test_the_order_depends_on_the_secret_and_on_the_whole_pool() -> None:
    pool = {"甲局": [f"XS-{n}" for n in range(40)]}
    larger = pool | {"乙局": ["XS-90"]}
    orders = [order(SECRET, pool)["甲局"], order(SECRET[::-1], pool)["甲局"], order(SECRET, larger)["甲局"]]
    assert len({tuple(each) for each in orders}) == 3
    assert {tuple(sorted(each)) for each in orders} == {tuple(sorted(pool["甲局"]))}


@pytest.mark.parametrize(
    ("moment", "name"),
    [
        ("2025-03-31T15:59:59.999999+00:00", "2025-03"),
        ("2025-03-31T16:00:00+00:00", "2025-04"),
        ("2024-12-31T16:00:00+00:00", "2025-01"),
    ],
)
def test_a_period_is_a_month_in_china(moment: str, name: str) -> None:
    period = month_of(datetime.fromisoformat(moment))
    assert period.name == name
    assert period.opens_at <= datetime.fromisoformat(moment) < period.freezes_at == period.following().opens_at


def test_the_draw_job_run_again_makes_no_second_draw(
    month: Callable[..., list[Driver]], clock: VirtualClock, vault: Vault
) -> None:
    month(rated=2, other=0)
    for _ in range(2):
        freeze(clock, vault)
    query = text("select count(*) from draws group by programme, period having count(*) > 1")
    assert db.session.scalar(query) is None
