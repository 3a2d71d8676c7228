"""A database of its own for measuring: cases of one programme, as many as wanted, by copying a real one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from flask import Flask
from sqlalchemy import insert, make_url, select, text

from app import create_app
from app.cases.models import Case
from app.catalogue.models import Department
from app.cli import run_install
from app.clock import Clock, VirtualClock
from app.config import Config, load_config
from app.db import db, table_of, unit_of_work
from app.events import publish
from app.identity.models import Account
from app.installation import owner_engine
from app.intake.events import BadReviewReceived
from app.postgres import OWNER, Server

RATED = "rated"
OPENED = datetime(2025, 4, 1, 1, tzinfo=UTC)
COPIED = ("cases", "instances", "tasks", "deadlines")


@contextmanager
def world(programme: str, clock: Clock | None = None) -> Iterator[Flask]:
    """An application on an empty, durable database, with departments and people; dropped at the end."""
    config = load_config()
    admin_url = _admin_url(config)
    admin = owner_engine(admin_url).execution_options(isolation_level="AUTOCOMMIT")
    name = "bihuan_bench"
    with admin.connect() as connection:
        connection.execute(text(f"drop database if exists {name} with (force)"))
        connection.execute(text(f"create database {name}"))
    url = make_url(admin_url).set(database=name).render_as_string(hide_password=False)
    app = create_app(Config(instance=config.instance / "bench", database_url=url, owner_url=url), clock or VirtualClock(OPENED))
    with app.app_context():
        run_install()
        people(programme)
        yield app
        db.session.remove()
        db.engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))


def _admin_url(config: Config) -> str:
    if config.owner_url:
        return config.owner_url
    server = Server(Path(config.instance))
    server.start()
    return server.url("postgres", OWNER)


def people(programme: str) -> None:
    """Add the rated department with its head."""
    with unit_of_work() as session:
        department = {"programme": programme, "code": RATED, "name": RATED, "area": "", "responsible": "handler"}
        session.execute(insert(table_of(Department)), department)
        account = {
            "login": "handler", "name": "甲", "password_hash": "-", "role": "head", "programme": programme, "department": RATED,
            "staff": None, "is_active": True, "created_at": OPENED,
        }  # fmt: skip
        session.execute(insert(table_of(Account)), account)


def open_one(programme: str, record: str, received_at: datetime = OPENED) -> int:
    """Open a case through the front door; return its key."""
    event = BadReviewReceived(
        review=1, programme=programme, served_on=date(2025, 4, 1), record=record, visit=1, sequence=1,
        department=RATED, staff=None, channel="qr", reviewer=None, is_anonymous=False, received_at=received_at,
    )  # fmt: skip
    with unit_of_work() as session:
        publish(event)
        return int(session.scalar(select(Case.id).where(Case.record == record)) or 0)


def analyse(app: Flask) -> None:
    """Let the server do at once what it does a minute later by itself, and would do while we measure: vacuum and analyse."""
    engine = owner_engine(app.extensions["bihuan"]["config"].owner_url).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("vacuum analyze"))


def copy_case(case_id: int, count: int) -> list[int]:
    """Copy a case that has no history beyond its opening; return the keys.

    Instance, tasks and deadlines come along, numbers and records are made unlike, audit streams begin anew.
    """
    with unit_of_work() as session:
        keys = "select nextval(pg_get_serial_sequence('cases', 'id')) as id from generate_series(1, :count)"
        session.execute(text(f"create temp table ids on commit drop as {keys}"), {"count": count})
        for table in COPIED:
            session.execute(text(copying(table)), {"case": case_id})
        fresh = "audit_seq = 0, audit_digest = repeat('0', 64)"
        session.execute(text(f"update instances set {fresh} from ids where instances.case_id = ids.id"))
        return list(session.scalars(text("select id from ids order by id")))


def copying(table: str, **changed: str) -> str:
    """Return the statement that copies what a case has in a table to every case of `ids`; `changed` are columns made anew."""
    columns = [column.name for column in db.metadata.tables[table].columns]
    key = "id" if table == "cases" else "case_id"
    kept = [name for name in columns if name not in {key, "id"}]
    values = [({"number": "'K-' || ids.id", "record": "'K-' || ids.id"} | changed).get(name, f"one.{name}") for name in kept]
    return (
        f"insert into {table} ({key}, {', '.join(kept)}) "
        f"select ids.id, {', '.join(values)} from {table} one, ids where one.{key} = :case"
    )
