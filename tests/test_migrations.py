"""A database of an earlier release, with rows in it, comes up to date and back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import make_url, select, text

from app import create_app
from app.appeals.models import Appeal
from app.cases.models import TaskForm
from app.config import ROOT, Config
from app.db import db
from app.identity.vault import make_key
from app.installation import create_database, owner_engine

MIGRATIONS = str(ROOT / "migrations")
OLD = """
insert into programme_versions (programme, number, digest, diagram, rules, published_at, published_by)
    values ('xs', 1, 'd', '', '', now(), 'x');
insert into cases (number, programme, served_on, record, visit, sequence, channel, is_anonymous, rated_department, department,
    area, status, round, received_at) values ('XS-1', 'xs', '2025-04-01', 'R', 1, 1, 'qr', false, 'd', 'd', '', 'open', 1, now());
insert into tasks (case_id, element, round, lane, department, owner, status, opened_at)
    select id, 'verify', 1, 'department', 'd', 'o', 'done', now() from cases, generate_series(1, 300);
insert into task_forms (task_id, case_id, element, round, body, entered_at, entered_by)
    select id, case_id, element, 1, jsonb_build_object('n', id, 'words', '欧阳甲乙'), now(), 'x' from tasks;
insert into appeals (case_id, kind, round, department, matter, reasons, opinion, applied_at, applied_by)
    select id, 'appeal', 1, 'd', '事项', '理由', '意见', now(), 'x' from cases;
insert into accounts (login, name, password_hash, role, programme, department, created_at)
    values ('root', '王安', '-', 'admin', 'xs', 'd', now());
"""


@pytest.fixture
def old(admin_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An application on a database as the first release left it."""
    admin = owner_engine(admin_url).execution_options(isolation_level="AUTOCOMMIT")
    name = f"bihuan_old_{tmp_path.name[-8:]}".replace("-", "_").lower()
    with admin.connect() as connection:
        connection.execute(text(f"create database {name}"))
    url = make_url(admin_url).set(database=name).render_as_string(hide_password=False)
    app = create_app(Config(tmp_path, url, url))
    create_database(app.extensions["bihuan"]["config"])
    make_key(app.extensions["bihuan"]["config"].key_file)
    with app.app_context():
        upgrade(directory=MIGRATIONS, revision="0001")
        with owner_engine(url).begin() as connection:
            connection.execute(text(OLD))
        yield app
        db.session.remove()
        db.engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))


def test_what_was_written_in_plain_is_sealed_and_opens_again(old: Flask) -> None:
    upgrade(directory=MIGRATIONS)
    with owner_engine(old.extensions["bihuan"]["config"].owner_url).begin() as connection:
        sealed = connection.execute(text("select encode(body, 'escape') from task_forms")).scalars().all()
        connection.execute(text("grant select on all tables in schema public to bihuan_app"))
        assert connection.execute(text("select role, programme from accounts")).one() == ("system_admin", "")
    assert len(sealed) == 300
    assert not [each for each in sealed if "words" in each]
    bodies = db.session.scalars(select(TaskForm.body).order_by(TaskForm.task_id)).all()
    assert [body["n"] for body in bodies] == db.session.scalars(select(TaskForm.task_id).order_by(TaskForm.task_id)).all()
    appeal = db.session.scalars(select(Appeal)).one()
    assert (appeal.matter, appeal.reasons, appeal.opinion) == ("事项", "理由", "意见")
    db.session.remove()
    downgrade(directory=MIGRATIONS, revision="0001")
    with owner_engine(old.extensions["bihuan"]["config"].owner_url).begin() as connection:
        total = "select sum((body->>'n')::int) from task_forms where body->>'words' = '欧阳甲乙'"
        assert connection.execute(text(total)).scalar() == 300 * 301 / 2
