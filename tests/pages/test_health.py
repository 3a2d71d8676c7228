"""The health page tells what `flask doctor` tells, and lets stopped cases go on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cases.conftest import Driver, rows
from jobs.test_work import break_case

from app.audit.models import AuditEntry
from app.cases.host import Host
from app.clock import VirtualClock
from app.engine.errors import EngineFault
from app.identity.actor import Role
from app.jobs import work
from app.jobs.queue import EVERY
from app.pages.health import JOBS
from pages.conftest import Visit, text_of

Make = Callable[..., Driver]


def test_all_is_well_while_the_clock_ticks(city: None, visit: Visit, clock: VirtualClock) -> None:
    silent = text_of(visit(Role.SYSTEM_ADMIN).get("/health"))
    assert "时钟没有在走" in silent
    assert "还没有任务做完过" in silent
    for kind in EVERY:
        work.beat(clock, kind)
    well = text_of(visit(Role.SYSTEM_ADMIN).get("/health"))
    assert "一切正常" in well
    assert "到期触发 fire_due 0 秒前" in well
    assert set(JOBS) == set(EVERY)


def test_a_stopped_case_says_why_and_goes_on_once_its_cause_is_mended(
    make_case: Make, visit: Visit, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = make_case("xs")
    whole = Host.fire
    break_case(monkeypatch, case, EngineFault("流程图走不下去。"))
    case.at("2025-04-04 00:30")
    work.beat(clock, "fire_due")
    work.fire_due(clock)
    admin = visit(Role.SYSTEM_ADMIN)
    number = case.case.number
    assert "1 件差评因流程故障暂停" in text_of(admin.get("/health"))
    refused = admin.post(f"/health/incidents/{number}/resumption", nonce="a")
    assert refused.status_code >= 400
    assert "流程图走不下去" in text_of(refused)
    monkeypatch.setattr(Host, "fire", whole)
    for _ in range(2):
        answer = admin.post(f"/health/incidents/{number}/resumption", nonce="b")
        assert (answer.status_code, answer.location) == (303, f"/health?resumed={number}")
    assert "一切正常" in text_of(admin.get("/health"))
    assert [each.act for each in rows(AuditEntry, stream=f"case:{number}")].count("resume") == 1
    assert admin.post(f"/health/incidents/{number}/resumption", nonce="c").status_code == 409
    assert admin.post("/health/incidents/XS-2025-999999/resumption", nonce="d").status_code == 404


def test_only_the_system_administrator_comes_here(city: None, visit: Visit) -> None:
    for role in (Role.HANDLER, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN, Role.LEADER):
        assert visit(role).get("/health").status_code == 403
