"""Everything due at once, workers killed at random; and the same without locks, which must show.

Each worker acknowledges the case it fired in a file of its own, after the commit and synced to
disk. The judge holds these files against the database: acknowledged and not there is lost,
fired or acknowledged twice is doubled.
"""

from __future__ import annotations

import os
import random
import re
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event, text

from app.clock import VirtualClock
from app.db import db, unit_of_work
from app.installation import owner_engine
from app.jobs import work
from bench.forks import acknowledge, acknowledged, fork
from bench.world import OPENED, copy_case, open_one

WORKERS = 3
# What stands behind the row lock, and has to go with it for the twin to show what the lock is for.
GUARDS = (("firings", "pk_firings"), ("audit_entries", "pk_audit_entries"))
LOCKING = re.compile(r"\s+FOR (NO KEY )?UPDATE.*$", re.DOTALL)


@dataclass
class Storm:
    """What came of a storm."""

    due: int
    fired: int = 0
    lost: int = 0
    doubled: int = 0
    kills: int = 0
    seconds: float = 0.0
    cases: list[int] = field(default_factory=list, repr=False)


def storm(app: Flask, folder: Path, cases: int, kills: int, *, locked: bool = True) -> Storm:
    """Let as many copies of one case fall due at once, and drain them with workers that get killed."""
    clock: VirtualClock = app.extensions["bihuan"]["clock"]
    clock.set(OPENED)
    found = Storm(cases, cases=copy_case(open_one("xs", f"storm-{os.urandom(4).hex()}"), cases))
    clock.set(OPENED + timedelta(days=1, hours=16))  # The reminder of the last day has come, and nothing else.
    _fire_others(clock, found)
    if not locked:
        _drop_guards(app)
    began = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    Crew(app, clock, folder, locked, found).drain(kills)
    found.seconds = round(time.monotonic() - began, 1)
    judge(folder, found)
    return found


def _fire_others(clock: VirtualClock, found: Storm) -> None:
    """Leave nothing due but the copies."""
    with unit_of_work() as session:
        statement = "update instances set due_at = null where due_at <= :now and case_id < :first"
        session.execute(text(statement), {"now": clock.moment, "first": found.cases[0]})


def _drop_guards(app: Flask) -> None:
    with owner_engine(app.extensions["bihuan"]["config"].owner_url).begin() as connection:
        for table, guard in GUARDS:
            connection.execute(text(f"alter table {table} drop constraint {guard}"))


class Crew:
    """Workers in processes of their own, and the one who kills them."""

    def __init__(self, app: Flask, clock: VirtualClock, folder: Path, locked: bool, found: Storm) -> None:
        self._app, self._clock, self._folder, self._found = app, clock, folder, found
        self._work = worker if locked else worker_without_lock
        self._names = count()
        self._running: set[int] = set()
        self._chance = random.Random(found.due)

    def drain(self, kills: int) -> None:
        """Run until nothing is due; kill a worker at random each time another part of the work is done."""
        marks = [(i + 1) * self._found.due // (kills + 1) for i in range(kills)]
        db.session.remove()
        while (left := self._left()) or self._running:
            self._reap()
            while left and len(self._running) < WORKERS:
                self._start()
            if marks and self._found.due - left >= marks[0]:
                marks.pop(0)
                time.sleep(self._chance.random() / 100)
                self._kill()
            time.sleep(0.005)

    def _left(self) -> int:
        with unit_of_work() as session:
            left: int = session.scalar(text("select count(*) from instances where due_at <= :now"), {"now": self._clock.moment})
            return left

    def _start(self) -> None:
        path = self._folder / f"worker-{next(self._names)}"
        self._running.add(fork(self._app, lambda: self._work(self._clock, path)))

    def _kill(self) -> None:
        if self._running:
            os.kill(self._chance.choice(sorted(self._running)), signal.SIGKILL)
            self._found.kills += 1

    def _reap(self) -> None:
        for pid in list(self._running):
            if os.waitpid(pid, os.WNOHANG)[0]:
                self._running.discard(pid)


def worker(clock: VirtualClock, path: Path) -> None:
    """Fire until nothing is due, and acknowledge each case after its commit."""
    taken: list[int] = []
    find = work.list_due

    def remembering(*arguments: Any) -> list[int]:
        taken[:] = find(*arguments)
        return taken

    work.list_due = remembering
    while work.fire_next(clock):
        acknowledge(path, taken[0])


def worker_without_lock(clock: VirtualClock, path: Path) -> None:
    """The broken twin: the same worker, the same statements, but none of them locks a row."""

    def unlock(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> tuple[str, Any]:
        return LOCKING.sub("", statement) if statement.startswith("SELECT") else statement, parameters

    event.listen(db.engine, "before_cursor_execute", unlock, retval=True)
    worker(clock, path)


FIRED = """
select i.case_id, (select count(*) from firings f where f.case_id = i.case_id) as firings,
       (select count(*) from audit_entries a where a.stream = 'case:K-' || i.case_id and a.act = 'escalate') as entries
from instances i where i.case_id = any(:cases)
"""


def judge(folder: Path, found: Storm) -> None:
    """Count what was lost and what was doubled, by the files and by the database."""
    told = Counter(int(line) for path in folder.glob("worker-*") for line in acknowledged(path))
    with unit_of_work() as session:
        rows = {row.case_id: (row.firings, row.entries) for row in session.execute(text(FIRED), {"cases": found.cases})}
    found.fired = sum(firings > 0 for firings, _ in rows.values())
    found.lost = sum(rows.get(case, (0, 0)) < (1, 1) for case in {*told, *found.cases})
    found.doubled = sum(told[case] > 1 or max(rows.get(case, (0, 0))) > 1 for case in {*told, *found.cases})
