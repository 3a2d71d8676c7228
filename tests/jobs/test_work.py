"""What the jobs do when something goes wrong in one case, and what the doctor says of it all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from cases.conftest import Driver
from chaos.judge import count_of
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import insert, select, text
from sqlalchemy.exc import OperationalError

from app.audit.models import AuditEntry
from app.cases.host import Host
from app.cases.models import CaseDeadline, Firing, Incident, Instance
from app.clock import VirtualClock
from app.db import db, unit_of_work
from app.engine.errors import EngineFault
from app.errors import Conflict
from app.health import examine
from app.identity.models import SignInCount
from app.jobs import work
from app.limits_storage import PostgresStorage
from app.outbox import OutboxMessage

Make = Callable[..., Driver]
FAULTS = [EngineFault("流程引擎无法继续这一步。"), KeyError("nobody thought of this"), Conflict("不合时宜")]


@pytest.fixture
def three(make_case: Make) -> list[Driver]:
    """Three cases of which the one that is due longest is the first."""
    cases = [make_case("xs") for _ in range(3)]
    cases[0].at("2025-04-03 00:30")
    with unit_of_work() as session:
        first = "update instances set due_at = due_at - interval '1 minute' where case_id = :case"
        session.execute(text(first), {"case": cases[0].case_id})
    return cases


def break_case(monkeypatch: pytest.MonkeyPatch, case: Driver, error: Exception) -> None:
    whole = Host.fire

    def fire(self: Host, timer: str, due: object) -> object:
        if self._loaded.case_id == case.case_id:
            raise error
        return whole(self, timer, due)

    monkeypatch.setattr(Host, "fire", fire)


@pytest.mark.clause("L2")
@pytest.mark.parametrize("error", FAULTS, ids=["engine", "bug", "refusal"])
def test_a_case_with_a_fault_stops_alone_and_the_others_fire(
    three: list[Driver], clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    broken = three[0]
    break_case(monkeypatch, broken, error)
    assert work.fire_due(clock) == 3
    assert work.fire_due(clock) == 0
    assert {each.case_id for each in db.session.scalars(select(Firing))} == {case.case_id for case in three[1:]}
    stopped = db.session.get_one(Instance, broken.case_id)
    assert (stopped.status, stopped.due_at) == ("incident", None)
    assert len(list(db.session.scalars(select(Incident).where(Incident.case_id == broken.case_id)))) == 1
    limit = db.session.scalars(select(CaseDeadline).where(CaseDeadline.case_id == broken.case_id)).one()
    assert (limit.fired, len(limit.moments)) == (0, 4)  # nothing of the step was stored
    acts = list(db.session.scalars(select(AuditEntry.act).where(AuditEntry.stream == f"case:{broken.case.number}")))
    assert acts[-1] == "incident"
    assert "escalate" not in acts


def test_a_stored_state_that_cannot_be_read_stops_its_case_alone(three: list[Driver], clock: VirtualClock) -> None:
    with unit_of_work() as session:
        session.execute(text("update instances set state = '[[7]]' where case_id = :case"), {"case": three[0].case_id})
    assert work.fire_due(clock) == 3
    assert count_of("select count(*) from firings") == 2
    assert count_of("select count(*) from incidents") == 1


def test_a_database_that_goes_away_is_no_fault_of_the_case(
    three: list[Driver], clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_case(monkeypatch, three[0], OperationalError("select", {}, Exception("gone")))
    with pytest.raises(OperationalError):
        work.fire_next(clock)
    assert count_of("select count(*) from incidents") == 0
    monkeypatch.undo()
    assert work.fire_due(clock) == 3


def test_a_stopped_case_goes_on_once_its_cause_is_mended_and_makes_up_for_what_fell_due(
    three: list[Driver], clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, database: Flask
) -> None:
    number = three[0].case.number
    break_case(monkeypatch, three[0], FAULTS[0])
    work.fire_due(clock)
    told = CliRunner().invoke(database.cli, ["cases", "incidents"])
    assert (told.exit_code, number in told.stdout, "engine_fault" in told.stdout) == (1, True, True)

    refused = CliRunner().invoke(database.cli, ["cases", "resume", number])
    assert (refused.exit_code, refused.stderr) == (2, "错误：流程引擎无法继续这一步。\n")
    assert count_of("select count(*) from incidents where resolved_at is null") == 1
    assert db.session.get_one(Instance, three[0].case_id, populate_existing=True).status == "incident"

    monkeypatch.undo()
    assert CliRunner().invoke(database.cli, ["cases", "resume", number]).exit_code == 0
    assert CliRunner().invoke(database.cli, ["cases", "incidents"]).exit_code == 0
    going = db.session.get_one(Instance, three[0].case_id, populate_existing=True)
    assert (going.status, going.due_at is not None) == ("running", True)
    assert len(list(db.session.scalars(select(Firing).where(Firing.case_id == three[0].case_id)))) == 1
    stream = select(AuditEntry.act, AuditEntry.actor).where(AuditEntry.stream == f"case:{number}").order_by(AuditEntry.seq)
    acts = [tuple(row) for row in db.session.execute(stream)]
    assert [act for act, _ in acts][-3:] == ["incident", "resume", "escalate"]
    assert acts[-2][1].startswith("命令行")
    assert CliRunner().invoke(database.cli, ["audit", "verify"]).exit_code == 0


def test_only_a_stopped_case_can_be_resumed(three: list[Driver], database: Flask) -> None:
    number = three[0].case.number
    for wrong, sentence in ((number, "没有因流程故障暂停"), ("XS-0", "没有这个工单号")):
        refused = CliRunner().invoke(database.cli, ["cases", "resume", wrong])
        assert (refused.exit_code, sentence in refused.stderr) == (2, True)
    assert count_of("select count(*) from audit_entries where act = 'resume'") == 0


def test_a_message_is_sent_once_and_a_delivery_that_fails_is_tried_again(three: list[Driver], clock: VirtualClock) -> None:
    work.fire_due(clock)
    sent: list[str] = []
    assert work.send_outbox(clock, lambda message: sent.append(message.key)) == 0  # at night nobody is disturbed
    three[0].at("2025-04-03 09:00")

    def fail(message: OutboxMessage) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        work.send_outbox(clock, fail)
    assert work.send_outbox(clock, lambda message: sent.append(message.key)) == 3
    assert work.send_outbox(clock, lambda message: sent.append(message.key)) == 0
    assert len(set(sent)) == 3


def test_the_doctor_tells_ages_and_counts(
    three: list[Driver], clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, database: Flask
) -> None:
    silent = examine(clock)
    assert (silent["last_tick_seconds"], silent["overdue_unfired"], silent["healthy"]) == (None, 3, False)
    assert silent["oldest_unfired_seconds"] == 31 * 60
    work.beat(clock, "fire_due")
    work.fire_due(clock)
    work.seal_streams(clock, database.extensions["bihuan"]["config"].instance / "doctor.jsonl")
    clock.set(clock.moment + timedelta(seconds=60))
    assert examine(clock) == {
        "last_tick_seconds": 60.0, "overdue_unfired": 0, "oldest_unfired_seconds": None, "last_seal_seconds": 60.0,
        "outbox_oldest_seconds": None, "open_incidents": 0, "healthy": True,
    }  # fmt: skip
    three[0].at("2025-04-03 09:00")
    late = examine(clock)
    assert (late["healthy"], late["outbox_oldest_seconds"]) == (False, 0.0)


def test_the_doctor_says_by_its_exit_code_that_somebody_must_look(
    three: list[Driver], clock: VirtualClock, database: Flask
) -> None:
    told = CliRunner().invoke(database.cli, ["doctor", "--json"])
    assert (told.exit_code, '"overdue_unfired": 3' in told.stdout) == (1, True)
    work.fire_due(clock)
    work.beat(clock, "fire_due")
    assert CliRunner().invoke(database.cli, ["doctor"]).exit_code == 0


def test_sessions_counts_and_limits_are_swept(database: Flask, clock: VirtualClock) -> None:
    with unit_of_work() as session:
        session.execute(insert(SignInCount).values(login="x", source="y", failures=1, failed_at=clock.moment))
    storage = PostgresStorage()
    storage.incr("key", 0)
    clock.set(clock.moment + timedelta(hours=2))
    work.sweep(clock)
    assert not db.session.scalars(select(SignInCount)).all()
    assert storage.reset() == 0
