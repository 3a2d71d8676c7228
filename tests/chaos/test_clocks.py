"""T2, T3, T7: clocks that jump, days of downtime, the last instant of a day; and whose clock counts."""

from __future__ import annotations

import ast
import os
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cases.conftest import Driver
from flask import Flask
from sqlalchemy import func, select, text

from app.audit.models import AuditEntry
from app.cases.models import CaseDeadline, Firing
from app.clock import VirtualClock
from app.config import ROOT
from app.db import db
from app.jobs import work

Make = Callable[..., Driver]
ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "Pacific/Kiritimati")


def rows(model: type[Any], *order: Any, **where: Any) -> list[Any]:
    db.session.expire_all()
    return list(db.session.scalars(select(model).filter_by(**where).order_by(*order)))


def firings() -> dict[tuple[int, int], tuple[str, datetime, datetime]]:
    return {(each.deadline_id, each.position): (each.level, each.due_at, each.fired_at) for each in rows(Firing)}


STEPS = (("forward", {}), ("verify", {}), ("rectify_clear", {}), ("answer", {}), ("report", {}))


@pytest.mark.clause("L2")
@pytest.mark.parametrize("seed", range(3))
def test_a_clock_that_jumps_neither_unfires_nor_doubles_nor_takes_a_case_back_in_time(make_case: Make, seed: int) -> None:
    chance, cases = random.Random(seed), [make_case("xs") for _ in range(3)]
    left = {case.case_id: list(STEPS) for case in cases}
    clock, before = cases[0].clock, firings()
    for _ in range(40):
        clock.set(
            clock.moment + chance.choice([1, -1]) * chance.choice([timedelta(hours=1), timedelta(days=1)]) + timedelta(hours=4)
        )
        work.fire_due(clock)
        case = chance.choice(cases)
        if chance.random() < 0.3 and left[case.case_id]:
            element, form = left[case.case_id].pop(0)
            case.do(element, **form)
        now = firings()
        assert before.items() <= now.items()
        before = now
    assert before
    assert all(due <= fired for _, due, fired in before.values())
    for case in cases:
        stream = f"case:{case.case.number}"
        at = [entry.occurred_at for entry in rows(AuditEntry, AuditEntry.seq, stream=stream)]
        assert at == sorted(at)
        escalations = [entry for entry in rows(AuditEntry, stream=stream, act="escalate")]
        assert len(escalations) == len(rows(Firing, case_id=case.case_id))


@pytest.mark.clause("L2")
@pytest.mark.parametrize(
    ("down_until", "levels"),
    [("2025-04-04 09:00", {"remind", "overdue"}), ("2025-04-22 09:00", {"remind", "overdue", "supervise", "leaders"})],
    ids=["three days", "three weeks"],
)
def test_after_days_of_downtime_each_missed_level_fires_once_in_due_order_with_both_times(
    make_case: Make, down_until: str, levels: set[str]
) -> None:
    cases = [make_case("xs"), make_case("gc"), make_case("xs")]
    cases[0].at(down_until)
    clock: VirtualClock = cases[0].clock
    assert work.fire_due(clock) == len(cases)
    assert work.fire_due(clock) == 0
    xs = rows(Firing, Firing.position, case_id=cases[0].case_id)
    assert [each.position for each in xs] == list(range(1, len(xs) + 1))
    assert ({each.level for each in xs}, len(xs)) == (levels, len(levels))
    for case in cases:
        fired = rows(Firing, Firing.position, case_id=case.case_id)
        assert [each.due_at for each in fired] == sorted(each.due_at for each in fired)
        assert {each.fired_at for each in fired} == {clock.moment}
        assert all(each.due_at < clock.moment for each in fired)
        assert len({(each.deadline_id, each.level) for each in fired}) == len(fired)


def test_what_is_due_longest_fires_first(make_case: Make, clock: VirtualClock) -> None:
    late = make_case("xs")
    clock.set(clock.moment - timedelta(days=1))
    early = make_case("xs")
    early.at("2025-04-30 09:00")
    work.fire_due(clock)
    entries = rows(AuditEntry, AuditEntry.id, act="escalate")
    streams = list(dict.fromkeys(entry.stream for entry in entries))
    assert streams == [f"case:{early.case.number}", f"case:{late.case.number}"]


@pytest.mark.clause("L1")
@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2024-02-28T10:00:00+08:00", "2024-03-02T00:00:00+08:00"),  # 29 February counts
        ("2024-12-31T10:00:00+08:00", "2025-01-04T00:00:00+08:00"),  # New Year's Day does not
        ("2025-04-01T23:59:59.999999+08:00", "2025-04-04T00:00:00+08:00"),
        ("2025-04-02T00:00:00+08:00", "2025-04-08T00:00:00+08:00"),  # one instant later: the next day, over 清明
        ("2025-01-26T17:30:00+08:00", "2025-02-06T00:00:00+08:00"),  # a Sunday that is worked, then 春节
    ],
)
def test_limits_that_begin_at_the_edge_of_a_day_or_year_end_exactly(
    make_case: Make, clock: VirtualClock, received: str, due: str
) -> None:
    moment = datetime.fromisoformat(received)
    clock.set(moment)
    case = make_case("xs", received_at=moment, served_on=moment.date())
    end = datetime.fromisoformat(due)
    assert rows(CaseDeadline, case_id=case.case_id)[0].due_at == end
    clock.set(end - timedelta(microseconds=1))
    work.fire_due(clock)
    assert "overdue" not in {each.level for each in rows(Firing, case_id=case.case_id)}
    clock.set(end)
    work.fire_due(clock)
    assert "overdue" in {each.level for each in rows(Firing, case_id=case.case_id)}


WALK = """
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from sqlalchemy import text
from app import create_app
from app.cases.acting import submit_task
from app.clock import VirtualClock
from app.config import Config
from app.db import db, unit_of_work
from app.edge import nothing, perform
from app.identity.actor import Actor, Role
from bench.steps import STEPS, filled
from bench.world import RATED, open_one

url, instance, record = sys.argv[1:]
start = datetime.fromisoformat("2025-04-01T23:59:59.999999+08:00")
clock = VirtualClock(start)
app = create_app(Config(instance=Path(instance), database_url=url, owner_url=url), clock)
with app.app_context():
    case = open_one("xs", record, start)
    for days, (element, department, entered) in zip((6, 1, 9, 1, 2), STEPS):
        clock.set(clock.moment + timedelta(days=days))
        perform(case, None, clock, nothing)
        actor = Actor("handler", Role.HEAD, "xs", department)
        perform(case, actor, clock, lambda step: submit_task(step, element, actor, filled(step.node(element).form, entered)))
    clock.set(clock.moment + timedelta(days=30))
    perform(case, None, clock, nothing)
    with unit_of_work() as session:
        for query in (
            "select timer, status, rule, began_at at time zone 'UTC', due_at at time zone 'UTC', last_day, moments "
            "from deadlines where case_id = :case order by id",
            "select level, due_at at time zone 'UTC', fired_at at time zone 'UTC', recipients "
            "from firings where case_id = :case order by deadline_id, position",
            "select seq, occurred_at at time zone 'UTC', act, payload::text from audit_entries "
            "join cases on stream = 'case:' || number where cases.id = :case and act <> 'open' order by seq",
        ):
            for row in session.execute(text(query), {"case": case}):
                print(tuple(row))
    db.engine.dispose()
"""


@pytest.mark.clause("L1")
def test_four_time_zones_of_the_host_give_the_same_deadlines_and_firings(database: Flask, city: None) -> None:
    from bench.world import people

    people("xs")
    config = database.extensions["bihuan"]["config"]
    children = []
    for zone in ZONES:
        environment = {**os.environ, "TZ": zone, "PGTZ": zone, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-W", "ignore", "-c", WALK, config.owner_url, str(config.instance), zone]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        children.append(subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **pipes))
    told = [child.communicate(timeout=120) for child in children]
    assert [child.returncode for child in children] == [0] * 4, told[0][1][-1500:]
    assert told[0][0].count("\n") > 25
    for zone, (out, _) in zip(ZONES[1:], told[1:], strict=True):
        assert out.splitlines() == told[0][0].splitlines(), zone


LYING = """
import datetime, sys, time
from pathlib import Path
REAL = datetime.datetime
class Lying(REAL):
    @classmethod
    def now(cls, tz=None):
        return REAL(1999, 1, 1, tzinfo=tz)
    utcnow = today = now
datetime.datetime = Lying
time.time = lambda: 0.0
from app import create_app
from app.config import Config
from app.db import db, unit_of_work
from app.edge import perform
from bench.world import open_one
from sqlalchemy import text
url, instance = sys.argv[1:]
app = create_app(Config(instance=Path(instance), database_url=url, owner_url=url))
clock = app.extensions["bihuan"]["clock"]
with app.app_context():
    with unit_of_work() as session:
        now = clock.now(session.connection())
    case = open_one("xs", "lying", now)
    perform(case, None, clock, lambda step: step.audit("look"))
    with unit_of_work() as session:
        age = "select extract(epoch from clock_timestamp() - moved_at) from instances where case_id = :case"
        print(session.scalar(text(age), {"case": case}))
    db.engine.dispose()
"""


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_production_reads_the_clock_of_the_database_whatever_the_host_says(database: Flask, city: None, zone: str) -> None:
    config = database.extensions["bihuan"]["config"]
    command = [sys.executable, "-W", "ignore", "-c", LYING, config.owner_url, str(config.instance)]
    environment = {**os.environ, "TZ": zone, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-1500:]
    assert 0 <= float(done.stdout) < 30


# Who else looks at a clock, and why it decides nothing.
MAY_READ = {
    "app/clock.py": "the one place that reads the clock",
    "app/postgres.py": "how long to wait for the server to come up",
    "app/programmes/checking.py": "how long the child that checks a diagram may take",
    "app/demo/commands.py": "how long the demo took, for its figures",
    "app/intake/commands.py": "how fast an import goes, for the bar on its terminal",
    "app/jobs/clock.py": "when the ticker ticks first; what is due the job asks the database",
}
READERS = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "localtime", "gmtime"}
CLOCKS = {"datetime", "date", "time", "dt", "func"}
IN_SQL = ("clock_timestamp", "now()", "current_timestamp", "localtimestamp", "current_date")
ASKED_OF_DATABASE = {
    "app/clock.py": {"clock_timestamp"},
    "app/cases/store.py": {"clock_timestamp"},  # read with the case, handed to the clock
    "app/identity/sessions.py": {"clock_timestamp"},  # read with the session, handed to the clock
    "app/identity/tokens.py": {"clock_timestamp"},  # read with the token, handed to the clock
    "app/limits_storage.py": {"clock_timestamp"},  # windows of rate limits, which run in real time on all machines
    "app/demo/commands.py": {"now()"},  # when the demo's database was made
}


def readings(path: Path) -> set[str]:
    """Return the clocks a module reads in Python: `datetime.now()`, `time.time()`, `date.today()`, and bare imports of them."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    read = {f"{each.value.id}.{each.attr}" for each in calls if isinstance(each, ast.Attribute)
            and isinstance(each.value, ast.Name) and each.value.id in CLOCKS and each.attr in READERS}  # fmt: skip
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "time"]
    return read | {f"time.{alias.name}" for node in imported for alias in node.names if alias.name in READERS}


def test_no_module_but_the_clock_reads_a_clock() -> None:
    modules = sorted((ROOT / "app").rglob("*.py"))
    reading = {str(path.relative_to(ROOT)): found for path in modules if (found := readings(path))}
    assert set(reading) <= set(MAY_READ), reading
    in_sql = {
        str(path.relative_to(ROOT)): found
        for path in modules
        if (found := {word for word in IN_SQL if word in _texts_and_calls(path)})
    }
    assert in_sql.items() <= ASKED_OF_DATABASE.items()


def _texts_and_calls(path: Path) -> str:
    """Return all string constants but docstrings, and the names of `func.…`, in lower case."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    constants = [
        n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in documented
    ]
    functions = [n.attr + ("()" if n.attr == "now" else "") for n in ast.walk(tree)
                 if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and n.value.id == "func"]  # fmt: skip
    return "\n".join([*constants, *functions]).lower()


def test_the_search_for_clocks_finds_one(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("from datetime import datetime\nfrom time import time\ndatetime.now()\n")
    assert readings(module) == {"datetime.now", "time.time"}


def test_the_database_clock_is_the_wall_clock_in_utc(database: Flask) -> None:
    from app.clock import DatabaseClock

    connection = db.session.connection()
    connection.execute(text("set local timezone to 'America/New_York'"))
    moment, again = DatabaseClock().now(connection), DatabaseClock().now(connection)
    assert moment.tzinfo is UTC
    assert again > moment  # not the start of the transaction
    assert abs((moment - connection.scalar(select(func.clock_timestamp()))).total_seconds()) < 5
