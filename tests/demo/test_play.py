"""The demo as a whole: every way is walked, nothing is lost, both proofs hold."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from chaos.crashing import free_port
from sqlalchemy import make_url, text
from waiting import until

from app import create_app
from app.audit.seal import verify_database
from app.cli import import_file, run_install
from app.clock import DatabaseClock
from app.config import ROOT, Config
from app.db import db, unit_of_work
from app.demo.commands import NotADemo, clear_the_stage, go_on, play
from app.figures.ways import OUTCOMES
from app.health import examine
from app.installation import owner_engine

EVERYWHERE = {
    *(f"结局：{name}" for name in OUTCOMES.values()),
    "申诉复核成立",
    "申诉复核退回",
    "退单一次",
    "退单两次后裁定",
    "逐级报到领导",
    "第二轮整改",
    "协办",
    "移交线索",
}
MOVED = {"延期或改期获准", "延期或改期未获准"}


@pytest.fixture(scope="module")
def demo_config(admin_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    """The settings of an empty database of the demo's own."""
    name = f"bihuan_demo_test_{tmp_path_factory.getbasetemp().name.replace('-', '_')}"
    admin = owner_engine(admin_url).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"drop database if exists {name} with (force)"))
        connection.execute(text(f"create database {name}"))
    url = make_url(admin_url).set(database=name).render_as_string(hide_password=False)
    yield Config(instance=Path(tmp_path_factory.mktemp("demo")), database_url=url, owner_url=url)
    with admin.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))


@pytest.fixture(scope="module")
def played(demo_config: Config) -> Iterator[dict[str, Any]]:
    """What a whole run came to."""
    app = create_app(demo_config)
    with app.app_context():
        yield play(run_install, import_file, 7)
        db.session.remove()
        db.engine.dispose()


@pytest.mark.database
@pytest.mark.clause("L3", "XS 6")
def test_no_bad_review_is_without_a_case_and_no_case_without_its_answer(played: dict[str, Any]) -> None:
    for programme, row in played["figures"]["programmes"].items():
        complaints = 2 if programme == "zb" else 0
        assert row["bad"] + complaints == row["opened"] == row["open"] + row["closed"]
        assert row["closed"] == row["answered"] + row["unanswerable"]
        assert row["ended"] == row["closed"]
    assert played["waiting"] == []
    xs = played["figures"]["programmes"]["xs"]
    assert 5 * xs["made"] >= xs["draw_pool"] > 0


@pytest.mark.database
def test_both_proofs_hold(played: dict[str, Any]) -> None:
    assert (played["figures"]["audit_ok"], played["figures"]["draw_ok"]) == (True, True)


@pytest.mark.database
@pytest.mark.parametrize("programme", ["gc", "zb", "sx", "xs", "hk"])
def test_every_way_of_a_programme_is_walked(played: dict[str, Any], programme: str) -> None:
    expected = EVERYWHERE | (MOVED if programme in {"sx", "xs", "hk"} else set())
    assert expected <= played["ways"][programme].keys()


@pytest.mark.database
@pytest.mark.usefixtures("played")
def test_whoever_looks_afterwards_finds_something_to_do_in_every_programme(demo_config: Config) -> None:
    go_on(import_file)
    waiting = "select programme, count(*) from tasks where status in ('open', 'submitted') group by programme order by programme"
    with unit_of_work() as session:
        open_now = {code: number for code, number in session.execute(text(waiting))}
        assert verify_database(demo_config.seal_file) == []
    assert set(open_now) == {"gc", "hk", "sx", "xs", "zb"}
    assert min(open_now.values()) >= 3


@pytest.mark.database
@pytest.mark.usefixtures("played")
def test_the_city_that_is_looked_at_goes_on_until_it_is_stopped(demo_config: Config) -> None:
    go_on(import_file)
    port = free_port()
    env = {**os.environ, "DATABASE_URL": demo_config.owner_url or "", "BIHUAN_INSTANCE": str(demo_config.instance)}
    code = f"from app.demo.commands import serve_pages; serve_pages({port})"
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=env, stdout=subprocess.DEVNULL) as serving:
        try:
            until(lambda: bool(examine(DatabaseClock())["healthy"]))
            until(lambda: count("select count(*) from cases left join case_terms on case_id = id where case_id is null") == 0)
            assert count("select count(*) from outbox where sent_at is null and not_before < now() - interval '1 minute'") == 0
            with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as line:
                line.request("GET", "/sign-in")
                assert "示范账号" in line.getresponse().read().decode()
            assert serving.poll() is None
        finally:
            serving.terminate()
    assert serving.returncode == 0


def count(query: str) -> int:
    """Return a number that the demo's database tells."""
    with unit_of_work() as session:
        return int(session.execute(text(query)).scalar_one())


@pytest.mark.database
def test_a_database_with_real_cases_is_left_alone(played: dict[str, Any], demo_config: Config) -> None:
    engine = owner_engine(demo_config.owner_url or "")
    with engine.begin() as connection:
        connection.execute(text("drop table demo_city"))
    with pytest.raises(NotADemo):
        clear_the_stage(demo_config)
