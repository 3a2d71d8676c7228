"""The record of every act on pages: searched, verified, sealed, handed out; referrals are not in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from cases.conftest import RATED, Driver, handling, rows
from flask import Flask
from sqlalchemy import text

from app.audit.chain import verify
from app.audit.models import AuditEntry, Seal
from app.audit.record import Act, record
from app.clock import VirtualClock
from app.db import db, unit_of_work
from app.identity.actor import Role
from app.identity.models import Account
from app.installation import owner_engine
from pages.conftest import Visit, Visitor, text_of

Make = Callable[..., Driver]


@pytest.fixture
def case(make_case: Make) -> Driver:
    return handling(make_case)


@pytest.fixture
def admin(case: Driver, visit: Visit) -> Visitor:
    return visit(Role.AUDIT_ADMIN)


def downloaded(admin: Visitor, name: str) -> list[dict[str, Any]]:
    with admin.get(f"/audit/{name}.jsonl") as answer:
        return [json.loads(line) for line in answer.text.splitlines()]


def test_entries_are_found_by_stream_actor_act_and_day(case: Driver, admin: Visitor) -> None:
    stream = f"case:{case.case.number}"
    shown = text_of(admin.get(f"/audit?stream={stream}"))
    assert f"{stream} 第 1 条，从这里开始" in shown
    assert "第 2 条，接第 1 条" in shown
    assert "转办 forward" in shown
    assert "环节 forward" in shown
    assert "核验这一条流" in shown
    forwarder = rows(AuditEntry, act="forward")[0].actor
    assert "转办" in text_of(admin.get(f"/audit?act=forward&actor={forwarder}"))
    assert "没有符合的记录" in text_of(admin.get("/audit?act=forward&actor=nobody"))
    assert "转办" in text_of(admin.get("/audit?act=forward&from=2025-04-01&until=2025-04-01"))
    assert "没有符合的记录" in text_of(admin.get("/audit?act=forward&from=2025-04-02"))
    assert "没有符合的记录" in text_of(admin.get("/audit?act=forward&until=2025-03-31"))
    assert admin.get("/audit?from=nonsense&after=x").status_code == 422


def test_an_actor_is_found_by_login(admin: Visitor, clock: VirtualClock) -> None:
    (account,) = rows(Account, login=f"xs.{RATED}.head")
    with unit_of_work():
        record("identity", Act(str(account.id), "sign_in", {"account": account.id}), clock.moment)
    found = text_of(admin.get("/audit", actor=account.login))
    assert f"张三 {account.id}" in found
    assert "forward" not in found


def test_referrals_are_not_in_it(admin: Visitor, clock: VirtualClock) -> None:
    with unit_of_work():
        record("referral:1", Act("1", "refer", {}), clock.moment)
    assert "referral:1" not in admin.get("/audit").text
    assert "没有符合的记录" in text_of(admin.get("/audit?stream=referral:1"))


def test_a_long_record_comes_in_pages(admin: Visitor, clock: VirtualClock) -> None:
    with unit_of_work():
        for number in range(60):
            record("catalogue", Act("1", f"act-{number}", {}), clock.moment)
    first = admin.get("/audit?stream=catalogue").text
    assert "act-59" in first
    assert "act-9<" not in first
    onward = first.split('class="btn" href="')[-1].split('"')[0].replace("&amp;", "&")
    assert "act-9" in admin.get(onward).text


def test_all_is_sealed_verified_and_handed_out(admin: Visitor) -> None:
    for _ in range(2):
        assert admin.post("/audit/seals", nonce="n").location == "/audit/seals?sealed=1"
    assert len(rows(Seal)) == 1
    assert "全部记录和封存核验通过" in text_of(admin.get("/audit/verification"))
    exported, seals = downloaded(admin, "export"), downloaded(admin, "seals")
    assert len(exported) == len(rows(AuditEntry))
    assert len(seals) == 1
    assert verify(exported, seals) == []


def test_a_changed_entry_is_found(case: Driver, admin: Visitor, database: Flask) -> None:
    stream = f"case:{case.case.number}"
    db.session.rollback()
    with owner_engine(database.extensions["bihuan"]["config"].owner_url).begin() as connection:
        connection.execute(text("update audit_entries set actor = 'x' where stream = :stream and seq = 2"), {"stream": stream})
    for path in ("/audit/verification", f"/audit/verification?stream={stream}"):
        shown = text_of(admin.get(path))
        assert "核验不通过：1 处" in shown
        assert f"{stream} 第 2 条：内容与摘要不符" in shown
    assert "记录流 identity 核验通过" in text_of(admin.get("/audit/verification?stream=identity"))


def test_only_the_audit_administrator_comes_here(city: None, visit: Visit) -> None:
    for role in (Role.HANDLER, Role.LEADER, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR):
        visitor = visit(role)
        for path in ("/audit", "/audit/seals", "/audit/verification", "/audit/export.jsonl", "/audit/seals.jsonl"):
            assert visitor.get(path).status_code == 403
        assert visitor.post("/audit/seals").status_code == 403
