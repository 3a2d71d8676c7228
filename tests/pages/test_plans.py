"""What people open all day costs the same however many cases have been closed: no statement of it goes through them all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from cases.conftest import Driver, handling
from flask import Flask
from intake.conftest import Take, bad_review, record
from sqlalchemy import event, select, text

from app.cases.models import Case
from app.catalogue.links import RECEIPT, SERVICE, Link, sign_link
from app.cli import config
from app.clock import VirtualClock
from app.db import db, unit_of_work
from app.identity.actor import Role
from app.identity.vault import load_vault
from app.intake.served import SERVICE_KEY
from bench.inbox import OVER
from bench.world import analyse, copying
from pages.conftest import Visit, Visitor

CLOSED = 5000
OTHER = "'d' || ids.id % 100"  # a department
COPIED = {
    "cases": OVER | {"rated_department": OTHER, "department": OTHER},
    "instances": {"status": "'ended'", "due_at": "null"},
    "tasks": {"status": "'done'", "ended_at": "now()", "department": OTHER},
    "deadlines": {"status": "'met'"},
}
# Services and reviews lie by month; all of these are of one.
GROWING = re.compile(rf"Seq Scan on (?:{'|'.join(COPIED)}|service_records_y2025m04|reviews_y2025m04)\b(?!_)")
Statement = tuple[str, Any]


@pytest.fixture
def case(database: Flask, catalogue: object, city: None, take: Take, clock: VirtualClock) -> Driver:
    """A case of XS in the hands of the rated department, among many that are closed, each with its service and review."""
    take("records", record(programme="xs"))
    take("reviews", bad_review(programme="xs"))
    found = handling(lambda _programme: Driver(db.session.scalars(select(Case.id)).one(), "xs", clock))
    with unit_of_work() as session:
        keys = "select nextval(pg_get_serial_sequence('cases', 'id')) as id from generate_series(1, :count)"
        session.execute(text(f"create temp table ids on commit drop as {keys}"), {"count": CLOSED})
        for table, changed in COPIED.items():
            session.execute(text(copying(table, **changed)), {"case": found.case_id})
        for table in ("service_records", "reviews"):
            session.execute(text(copying_of_services(table)))
    analyse(database)
    return found


def copying_of_services(table: str) -> str:
    """Return the statement that gives every closed case its row of a table of services, like the open one's."""
    names = [column.name for column in db.metadata.tables[table].columns if not column.identity]
    values = [f"cases.{name}" if name in SERVICE_KEY else f'one."{name}"' for name in names]
    listed = ", ".join(f'"{name}"' for name in names)
    return f"insert into {table} ({listed}) select {', '.join(values)} from {table} one, cases where cases.closed_at is not null"


@contextmanager
def heard() -> Iterator[list[Statement]]:
    """Collect the queries that are sent."""
    found: list[Statement] = []

    def listen(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if statement.lower().startswith(("select", "with")):
            found.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", listen)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", listen)


def gone_through(statements: list[Statement]) -> dict[str, str]:
    """Return the statements that read a growing table from end to end, each with that line of its plan."""
    found = {}
    with unit_of_work() as session:
        driver = session.connection().connection.driver_connection
        assert driver is not None
        for statement, values in statements:
            for (line,) in driver.execute(f"explain {statement}", values).fetchall():
                if GROWING.search(line):
                    found[statement] = line
    return found


def test_what_a_department_opens_goes_through_no_table_that_grows(case: Driver, visit: Visit) -> None:
    assert gone_through([("select id from cases where outcome = 'y'", None)])
    head, window = visit(Role.HEAD), visit(Role.WINDOW, staff="s1")
    inbox = ("/inbox", "/inbox?q=窗口&whose=mine&level=1", "/inbox/counts", "/inbox/item", "/team")
    for path in (*inbox, "/cases", "/cases?q=窗口", f"/cases/{case.case.number}", "/my-ratings"):
        with heard() as statements:
            assert (window if path == "/my-ratings" else head).get(path).status_code == 200
        assert gone_through(statements) == {}, path


def test_nor_does_what_the_public_opens(case: Driver, database: Flask) -> None:
    citizen, key, day = Visitor(database.test_client()), load_vault(config().key_file).index_key, case.case.served_on
    for path, link in {"r": Link(SERVICE, "xs", ("P1", "1")), "mine": Link(RECEIPT, "xs", (day.isoformat(), "P1", "1"))}.items():
        with heard() as statements:
            assert citizen.get(f"/{path}/{sign_link(link, key)}").status_code == 200
        assert gone_through(statements) == {}, path
