"""The board of whoever supervises: numbers that can be counted again, who was told, objections; nobody looks sideways."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest
from cases.conftest import OTHER, RATED, Driver, handling, person, rows
from revisits.conftest import freeze, members
from sqlalchemy import func, select

from app.audit.models import AuditEntry
from app.cases.extensions import request_extension
from app.cases.incidents import open_incident
from app.cases.models import CaseDeadline
from app.casework.models import DayObjection
from app.casework.objections import object_to_day
from app.clock import SHANGHAI, VirtualClock
from app.db import db, unit_of_work
from app.errors import Conflict
from app.figures.oversight import OversightOnly, Share, count_departments, list_late, total_of
from app.identity.actor import Role
from app.identity.vault import Vault
from pages.conftest import Visit, text_of

Make = Callable[..., Driver]
YEAR = datetime(2025, 1, 1, tzinfo=SHANGHAI)
CENTRE, SUPERIOR = "xs-affairs-centre", "xs-affairs-bureau"


@pytest.fixture
def late(make_case: Make) -> dict[str, Driver]:
    """Cases of XS: one complex and extended, one clear and late, one of another department, one voided."""
    complex_, clear = handling(make_case), handling(make_case)
    complex_.do("verify", handling="complex")
    handler = person("xs", RATED)
    complex_.act(lambda step: request_extension(step, handler, "调档", "已说明"), handler)
    ruling = next(name for name, task in complex_.open_tasks().items() if task.act == "rule_extension")
    complex_.do(ruling, granted=True, days=2)
    clear.do("verify")
    other = make_case(department=OTHER)
    other.do(next(iter(other.open_tasks())), department=OTHER)
    voided = make_case(department=OTHER)
    voided.act(lambda step: step.change(voided_at=step.now))
    for case in (complex_, clear, other, voided):
        case.at("2025-04-08 09:00")
        case.tick()
    return {"complex": complex_, "clear": clear, "other": other, "voided": voided}


def test_the_numbers_are_those_of_the_cases(late: dict[str, Driver], clock: VirtualClock) -> None:
    found = count_departments(person("xs", CENTRE), YEAR, clock.moment)
    mine, other = found[RATED], found[OTHER]
    assert mine.complex == Share(1, 2)
    assert mine.extended == Share(1, 2)
    assert mine.voided == Share(0, 2)
    assert other.voided == Share(1, 2)
    assert other.complex == Share(0, 0)
    assert mine.open == sum(task.department == RATED for case in late.values() for task in case.open_tasks().values())
    assert mine.overdue == sum(
        task.department == RATED and task.due_at <= clock.moment for case in late.values() for task in case.open_tasks().values()
    )
    assert mine.overdue >= 1
    assert mine.supervised >= 1
    total = total_of(found.values())
    assert total.voided == Share(1, 4)
    assert total.overdue == len(list_late(person("xs", CENTRE), clock.moment))
    assert next(iter(found)) == max(found, key=lambda code: found[code].overdue)
    assert count_departments(person("xs", CENTRE), clock.moment, clock.moment)[RATED].complex == Share(0, 0)


def test_the_board_says_who_was_told_of_what(late: dict[str, Driver], visit: Visit) -> None:
    shown = text_of(visit(department=CENTRE).get("/board"))
    assert "环节超期" in shown
    assert f"超期 04-08 09:00 → {RATED}（负责人，张三）" in shown
    assert f"{CENTRE}（监督单位，张三）" in shown
    assert "1 / 2 50.0%" in shown


def test_only_who_supervises_looks_across_departments(late: dict[str, Driver], clock: VirtualClock, visit: Visit) -> None:
    assert visit().get("/board").status_code == 403
    assert 'href="/board"' not in visit().get("/inbox").text
    assert 'href="/board"' in visit(department=CENTRE).get("/inbox").text
    with pytest.raises(OversightOnly):
        list_late(person("xs", RATED), clock.moment)
    for role in (Role.WINDOW, Role.CLERK, Role.PROCESS_OWNER, Role.SYSTEM_ADMIN):
        assert visit(role).get("/board").status_code == 403
    for role in (Role.LEADER, Role.AUDITOR):
        assert late["clear"].case.number in visit(role).get("/board").text
    assert late["clear"].case.number in visit(department=SUPERIOR).get("/board").text
    assert late["clear"].case.number not in visit(Role.LEADER, programme="hk").get("/board").text
    looks = select(func.count()).select_from(AuditEntry).where(AuditEntry.payload["what"].astext == "board")
    assert db.session.scalar(looks) == 1


@pytest.mark.clause("XS 6")
def test_leaders_do_not_learn_from_the_board_what_was_drawn(
    month: Callable[..., list[Driver]], clock: VirtualClock, vault: Vault, visit: Visit
) -> None:
    month()
    freeze(clock, vault)
    number = members(status="drawn")[0].number
    clock.set(datetime.fromisoformat("2025-06-30T10:00:00+08:00"))
    assert number in visit(department=CENTRE).get("/board").text
    assert number not in visit(Role.LEADER).get("/board").text


@pytest.fixture
def objected(make_case: Make) -> Driver:
    """A case of XS whose department holds that a day was counted wrongly."""
    case, handler = handling(make_case), person("xs", RATED)
    limit = rows(CaseDeadline, case_id=case.case_id, status="running")[0].id
    case.act(lambda step: object_to_day(step, handler, limit, date(2025, 4, 2), "当天停电，全市放假"), handler)
    return case


def test_an_objection_to_a_day_is_answered_by_the_overseer_alone(objected: Driver, visit: Visit) -> None:
    overseer, leader = visit(department=CENTRE), visit(Role.LEADER)
    number = objected.case.number
    (objection,) = rows(DayObjection)
    path = f"/board/{number}/objections/{objection.id}"
    shown = text_of(overseer.get("/board"))
    assert "不认 4月2日 周三 的计算： 当天停电，全市放假" in shown
    assert "由监督单位答复" in text_of(leader.get("/board"))
    assert leader.post(path, verdict="wrong", answer="不成立").status_code == 403
    assert visit(department=SUPERIOR).post(path, verdict="wrong", answer="不成立").status_code == 403
    refused = overseer.post(path, answer="当天正常上班")
    assert refused.status_code == 422
    assert "请选异议成立还是不成立" in text_of(refused)
    assert "当天正常上班</textarea>" in refused.text
    assert "请写答复" in text_of(overseer.post(path, verdict="wrong"))
    for _ in range(2):
        assert overseer.post(path, verdict="wrong", answer="当天正常上班", nonce="n").location == f"/board?done={number}"
    assert [(each.is_upheld, each.answer) for each in rows(DayObjection)] == [(False, "当天正常上班")]
    assert "没有待答复的异议" in text_of(overseer.get("/board"))


def test_cases_that_stand_still_are_listed(make_case: Make, clock: VirtualClock, visit: Visit) -> None:
    case = handling(make_case)
    with unit_of_work():
        open_incident(case.case_id, Conflict("下一步没有承办部门。"), clock.moment)
    assert f"{case.case.number} 下一步没有承办部门" in text_of(visit(department=CENTRE).get("/board"))
    assert case.case.number not in visit(Role.LEADER, programme="hk").get("/board").text
