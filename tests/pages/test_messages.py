"""提醒: the ladder and what asks to be checked reach people in their bar; seen is what they mark, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from cases.conftest import OTHER, RATED, Driver, handling, person, rows
from sqlalchemy import update

from app.cases.models import CaseDeadline
from app.casework.objections import object_to_day
from app.clock import VirtualClock
from app.db import unit_of_work
from app.identity.actor import Role
from app.identity.models import Account
from app.outbox import OutboxMessage
from app.pages.guard import COOKIE
from pages.conftest import Visit, text_of

Make = Callable[..., Driver]


@pytest.fixture
def late(make_case: Make) -> Driver:
    """A case of XS whose department has let its limits pass."""
    case = handling(make_case)
    case.at("2025-04-30T10:00")
    case.tick()
    return case


def test_who_is_told_reads_it_and_marks_it_as_seen(late: Driver, visit: Visit) -> None:
    told = {each.recipient for each in rows(OutboxMessage)}
    head = visit(Role.HEAD, login=f"xs.{RATED}.head")
    assert told & {RATED, f"xs.{RATED}.head"}
    shown = head.get("/messages")
    assert late.case.number in shown.text
    assert 'href="/messages"' in head.get("/inbox").text
    assert "条新提醒" in head.get("/messages/count").text
    newest = str(max(each.id for each in rows(OutboxMessage)))
    assert head.post("/messages", newest=newest).status_code == 303
    assert head.post("/messages", newest="1").status_code == 303
    assert head.post("/messages", newest="x").status_code == 303
    assert head.get("/messages/count").text == ""
    assert late.case.number in head.get("/messages").text


def test_what_was_told_long_ago_is_new_to_nobody(late: Driver, visit: Visit) -> None:
    head = visit(Role.HEAD, login=f"xs.{RATED}.head")
    assert "都看过了" in head.get("/messages").text
    late.clock.set(late.clock.moment + timedelta(days=8))
    later = visit(Role.HEAD, login=f"xs.{RATED}.head")
    assert later.get("/messages/count").text == ""
    assert late.case.number in later.get("/messages").text
    assert "都看过了" not in later.get("/messages").text


def test_others_are_told_nothing(late: Driver, visit: Visit) -> None:
    for other in (visit(Role.HEAD, OTHER), visit(Role.HEAD, programme="hk"), visit(Role.HEAD, OTHER, login="x")):
        assert "没有提醒" in text_of(other.get("/messages"))
        assert other.get("/messages/count").text == ""
    assert visit(Role.WINDOW, staff="s1").get("/messages").status_code == 403


@pytest.mark.clause("P3")
def test_who_is_rated_hears_nothing_of_it(make_case: Make, visit: Visit) -> None:
    case = handling(make_case, staff="s1")
    case.at("2025-04-30T10:00")
    case.tick()
    head = visit(Role.HEAD, login=f"xs.{RATED}.head")
    assert case.case.number in head.get("/messages").text
    with unit_of_work() as session:
        session.execute(update(Account).where(Account.login == f"xs.{RATED}.head").values(staff="s1"))
    assert case.case.number not in head.get("/messages").text
    assert head.get("/messages/count").text == ""


def test_nobody_is_told_out_of_hours(make_case: Make, visit: Visit, clock: VirtualClock) -> None:
    case = handling(make_case)
    clock.set(datetime.fromisoformat("2025-04-01T22:00:00+08:00"))
    number, handler = case.case.number, person("xs", RATED)
    limit = next(each.id for each in rows(CaseDeadline, case_id=case.case_id, status="running"))
    case.act(lambda step: object_to_day(step, handler, limit, date(2025, 4, 2), "当天停电"), handler)
    (message,) = rows(OutboxMessage, kind="day_objection")
    overseer = visit(department=message.recipient)
    assert number not in overseer.get("/messages").text
    clock.set(datetime.fromisoformat("2025-04-02T09:30:00+08:00"))
    assert number in visit(department=message.recipient).get("/messages").text


def test_a_part_asked_for_by_somebody_signed_out_says_so_in_its_place(make_case: Make, visit: Visit) -> None:
    mine = visit()
    mine.client.delete_cookie(COOKIE)
    headers = {"HX-Request": "true", "Accept": "text/html"}
    for path, status in (("/messages/count", 204), ("/inbox/counts", 204), ("/inbox/item", 200)):
        answer = mine.client.get(path, headers=headers)
        assert answer.status_code == status, path
    assert "登录已失效" in answer.text
