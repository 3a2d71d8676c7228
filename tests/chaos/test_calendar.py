"""T4, T5: a notice that comes after deadlines were set. What fired stays recorded; nothing fires because of a notice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from cases.conftest import Driver
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select, text

from app.audit.models import AuditEntry
from app.calendars.load import load_notice
from app.calendars.models import CalendarDay
from app.calendars.notice import read_notice
from app.calendars.queries import newest_notice
from app.cases.models import CaseDeadline, Firing
from app.clock import VirtualClock
from app.db import db, unit_of_work
from app.deadlines.calendar import Day
from app.edge import recalendar
from app.installation import owner_engine
from app.jobs import work
from app.outbox import OutboxMessage
from chaos.judge import count_of, find_halves
from chaos.killing import die, until_one_survives

Make = Callable[..., Driver]
Load = Callable[..., Result]


def rows(model: type[Any], **where: Any) -> list[Any]:
    db.session.expire_all()
    return list(db.session.scalars(select(model).filter_by(**where).order_by(*model.__table__.primary_key)))


def never(_day: date) -> bool:
    return False


@pytest.fixture
def load(database: Flask, tmp_path: Path) -> Iterator[Load]:
    """Return `flask calendar load` for a notice: the present days of a layer and year, some added, some taken away.

    The notices are gone afterwards: other tests count with the first ones.
    """
    newest = count_of("select max(id) from calendar_notices")

    def run(
        *options: str, layer: str = "xs", year: int = 2025, add: tuple[str, ...] = (), drop: Callable[[date], bool] = never
    ) -> Result:
        path = written(tmp_path, layer, year, add, drop)
        return CliRunner().invoke(database.cli, ["calendar", "load", str(path), *options])

    yield run
    db.session.remove()
    with owner_engine(database.extensions["bihuan"]["config"].owner_url).begin() as connection:
        connection.execute(text("delete from calendar_days where notice_id > :newest"), {"newest": newest})
        connection.execute(text("delete from calendar_notices where id > :newest"), {"newest": newest})


def written(folder: Path, layer: str, year: int, add: tuple[str, ...], drop: Callable[[date], bool]) -> Path:
    with unit_of_work() as session:
        known = newest_notice(session, layer, year)
        named = select(CalendarDay).where(CalendarDay.notice_id == known.id) if known else None
        days = [Day(each.day, each.is_off, each.name) for each in session.scalars(named)] if known else []
        area = known.area if known else ""
    kept = [each for each in days if not drop(each.day)] + [Day(date.fromisoformat(day), True, "停工") for day in add]
    lines = [f'layer = "{layer}"', f"year = {year}", 'source = "测试"'] + ([f'area = "{area}"'] if area else [])
    for each in sorted(kept, key=lambda day: day.day):
        lines += ["[[days]]", f'name = "{each.name}"', f"date = {each.day}", f"off = {str(each.is_off).lower()}"]
    path = folder / f"{layer}-{year}.toml"
    path.write_text("\n".join(lines), "utf-8")
    return path


def overdue(case: Driver) -> None:
    case.at("2025-04-04 00:30")
    work.fire_due(case.clock)
    assert [each.level for each in rows(Firing, case_id=case.case_id)] == ["remind", "overdue"]


@pytest.mark.clause("L2")
def test_a_rehearsal_tells_from_and_to_and_changes_nothing(make_case: Make, load: Load) -> None:
    case = make_case("xs")
    before = count_of("select count(*) from calendar_notices")
    told = load("--rehearse", add=("2025-04-02",))
    assert told.exit_code == 0
    assert f"{case.case.number}  反馈差评结果  2025-04-04 00:00 → 2025-04-08 00:00" in told.stdout
    assert count_of("select count(*) from calendar_notices") == before
    assert rows(CaseDeadline)[0].due_at == datetime.fromisoformat("2025-04-04T00:00+08:00")


@pytest.mark.clause("L2")
def test_a_limit_that_moves_later_marks_what_fired_too_early_as_withdrawn(make_case: Make, load: Load) -> None:
    case = make_case("xs")
    overdue(case)
    told = load(add=("2025-04-02",))
    assert (told.exit_code, "已按新日历重算在办工单：1件。" in told.stdout) == (0, True)
    version = count_of("select max(id) from calendar_notices")
    reminded, late = rows(Firing, case_id=case.case_id)
    assert (reminded.withdrawn, late.withdrawn) == (None, f"calendar:{version}")
    assert rows(CaseDeadline, case_id=case.case_id)[0].due_at == datetime.fromisoformat("2025-04-08T00:00+08:00")
    assert rows(AuditEntry, stream="calendar", act="load")[-1].payload["version"] == version
    case.at("2025-04-08 00:00")
    work.fire_due(case.clock)
    assert [each.withdrawn for each in rows(Firing, case_id=case.case_id) if each.level == "overdue"] == [
        f"calendar:{version}",
        None,
    ]


@pytest.mark.clause("L2")
def test_a_limit_that_moves_into_the_past_never_fires_but_becomes_a_task_of_the_overseer(
    make_case: Make, load: Load, clock: VirtualClock
) -> None:
    clock.set(datetime.fromisoformat("2025-04-11T10:00+08:00"))
    case = make_case("xs")  # 泼水节 from the 13th: due at the end of the 18th
    assert rows(CaseDeadline)[0].due_at == datetime.fromisoformat("2025-04-19T00:00+08:00")
    case.at("2025-04-16 10:00")
    assert load(add=("2025-11-03",), drop=lambda day: day.month == 4).exit_code == 0
    work.fire_due(clock)
    assert rows(CaseDeadline)[0].due_at == datetime.fromisoformat("2025-04-16T00:00+08:00")
    assert "overdue" not in {each.level for each in rows(Firing)}
    message = rows(OutboxMessage, kind="deadline_in_past")[0]
    assert (message.recipient, message.body["levels"]) == ("xs-affairs-centre", ["overdue"])


@pytest.mark.clause("L2")
def test_the_same_notice_applied_twice_changes_nothing_more(make_case: Make, load: Load) -> None:
    for _ in range(3):
        make_case("xs")
    overdue(make_case("xs"))
    load(add=("2025-04-02",))
    before = snapshot()
    told = load()
    assert "没有新增" in told.stdout
    assert snapshot() == before


def snapshot() -> list[tuple[Any, ...]]:
    """Return all that a notice may touch."""
    queries = (
        "select id, due_at, last_day, moments::text, fired, calendar_version, is_provisional from deadlines order by id",
        "select deadline_id, position, level, fired_at, withdrawn from firings order by 1, 2",
        "select key, kind from outbox order by 1",
        "select stream, seq, act, payload::text from audit_entries order by id",
    )
    with unit_of_work() as session:
        return [tuple(row) for query in queries for row in session.execute(text(query))]


@pytest.mark.clause("L2")
def test_a_notice_whose_application_is_killed_anywhere_is_finished_by_the_next_run(
    database: Flask, make_case: Make, load: Load, clock: VirtualClock, tmp_path: Path
) -> None:
    clock.set(datetime.fromisoformat("2025-04-11T10:00+08:00"))
    cases = [make_case("xs") for _ in range(3)]
    cases[0].at("2025-04-16 10:00")
    recalendar("xs", clock)  # warm
    notice = read_notice(written(tmp_path, "xs", 2025, ("2025-11-03",), lambda day: day.month == 4))
    with unit_of_work() as session:
        load_notice(session, notice, loaded_by="test", loaded_at=clock.moment)
    until_one_survives(database, tmp_path, lambda point, told: die(database, told, lambda: recalendar("xs", clock), point))
    assert find_halves() == []
    for case in cases:
        stream = f"case:{case.case.number}"
        assert len(rows(AuditEntry, stream=stream, act="retime")) == 1
        assert len(rows(AuditEntry, stream=stream, act="skip_levels")) == 1
        assert [each.due_at for each in rows(CaseDeadline, case_id=case.case_id)] == [
            datetime.fromisoformat("2025-04-16T00:00+08:00")
        ]
    assert len(rows(OutboxMessage, kind="deadline_in_past")) == len(cases)
    before = snapshot()
    recalendar("xs", clock)
    assert snapshot() == before


@pytest.mark.clause("L1")
def test_a_limit_that_reaches_into_a_year_without_a_notice_is_provisional_until_it_is_loaded(
    make_case: Make, load: Load, clock: VirtualClock
) -> None:
    received = datetime.fromisoformat("2026-12-31T10:00+08:00")
    clock.set(received)
    make_case("gc", received_at=received, served_on=received.date()).do("file")
    running = [each for each in rows(CaseDeadline) if each.status == "running"]
    assert running
    assert all(each.is_provisional for each in running)
    told = load(layer="national", year=2027, add=("2027-01-01",))
    assert told.exit_code == 0, told.output
    running = [each for each in rows(CaseDeadline) if each.status == "running"]
    assert not any(each.is_provisional for each in running)
    assert {each.calendar_version for each in running} == {count_of("select max(id) from calendar_notices")}
