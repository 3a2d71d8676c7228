"""K6: the connection to the database is cut in the middle of an act, or the answer to its COMMIT is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from itertools import count

import psycopg
import pytest
from api.conftest import As, Caller, as_, as_system, catalogue, take
from api.test_cases import LEAD, form_of
from cases.conftest import RATED, Driver
from flask import Flask
from intake.conftest import Row, Take, bad_review, record, review
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from waiting import until
from werkzeug.test import TestResponse

from app import create_app, installation
from app.clock import VirtualClock
from app.config import Config
from app.db import db
from app.identity.actor import Role
from app.installation import owner_engine
from app.intake.batch import FEW
from app.intake.files import Report
from app.jobs import work
from app.postgres import PostgresUnavailable
from chaos.cable import Cable, Fault
from chaos.judge import count_of, find_halves

__all__ = ["as_", "as_system", "catalogue", "take"]

Make = Callable[..., Driver]
COMMIT = b"COMMIT\0"
LOCK = b"FOR UPDATE OF"
CUTS = [Fault.UNHEARD, Fault.UNANSWERED, Fault.GIVEN_UP]


@pytest.fixture
def cable(database: Flask) -> Iterator[Cable]:
    """A cable to the test's server."""
    url = make_url(database.extensions["bihuan"]["config"].owner_url).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
        found = Cable(connection.info.host, connection.info.port)
    yield found
    found.close()


@pytest.fixture
def afar(database: Flask, cable: Cable, clock: VirtualClock) -> Iterator[Flask]:
    """The service at the other end of the cable; what it does is judged by the near one."""
    near: Config = database.extensions["bihuan"]["config"]
    url = make_url(near.owner_url or "").difference_update_query(["host"]).set(host="127.0.0.1", port=cable.port)
    address = url.render_as_string(hide_password=False)
    app = create_app(Config(instance=near.instance, database_url=address, owner_url=address), clock)
    yield app
    with app.app_context():
        db.engine.dispose()


class Act:
    """A case that is forwarded from afar: sent once or again, always with the same key."""

    def __init__(self, afar: Flask, case: Driver, caller: Caller) -> None:
        self._caller = Caller(afar.test_client(), caller.token)
        self._path, self._body = f"/cases/{case.case.number}/tasks/forward/submission", form_of(case, "forward", department=RATED)
        self._case = case

    def send(self) -> TestResponse:
        return self._caller.post(self._path, self._body, Idempotency_Key=f"forward-{self._case.case_id}")

    def effects(self) -> int:
        query = "select count(*) from audit_entries where stream = :stream and act = 'complete'"
        return count_of(query, stream=f"case:{self._case.case.number}")


@pytest.fixture
def make_act(afar: Flask, make_case: Make, as_: As) -> Callable[[], Act]:
    """Return a maker of acts, each on a case of its own, with connections that are warm."""
    caller = as_(Role.HANDLER, LEAD)

    def make() -> Act:
        act = Act(afar, make_case("xs"), caller)
        assert Caller(afar.test_client(), caller.token).get("/inbox/counts").status_code == 200
        return act

    return make


@pytest.fixture
def platform(catalogue: Report, take: Take, as_system: As) -> Caller:
    """The system of a department, whose services are known."""
    assert not take("records", *(record(projectNo=f"{how}{number}") for how in ("good", "bad") for number in range(80))).refused
    return as_system("send_records", "send_reviews")


def assert_busy(answer: TestResponse) -> None:
    assert (answer.status_code, answer.json["code"]) == (503, "unavailable"), answer.text
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.clause("L1")
@pytest.mark.parametrize("fault", CUTS)
def test_an_act_that_is_cut_off_at_any_message_is_done_once_when_it_is_sent_again(
    make_act: Callable[[], Act], cable: Cable, fault: Fault
) -> None:
    for point in count(1):
        act = make_act()
        cable.strike(fault, at=point)
        answer = act.send()
        if not cable.has_struck:
            break
        assert_busy(answer)
        assert act.send().status_code == 201
        assert act.effects() == 1
    assert (answer.status_code, act.effects()) == (201, 1)
    assert point > 8
    assert find_halves() == []


# What a department's system sends: a service, more of them than are stored one by one, and a good and a bad review.
ROWS: dict[str, Callable[[int], list[Row]]] = {
    "record": lambda n: [record(projectNo=f"new{n}")],
    "records": lambda n: [record(projectNo=f"new{n}-{part}") for part in range(FEW + 1)],
    "reviews": lambda n: [review(projectNo=f"good{n}"), bad_review(projectNo=f"bad{n}")],
}
STORED = {"record": "service_records", "records": "service_records", "reviews": "reviews"}


@pytest.mark.clause("L8")
@pytest.mark.parametrize("fault", CUTS)
@pytest.mark.parametrize("what", ROWS)
def test_rows_that_are_cut_off_at_any_message_count_once_when_they_are_sent_again(
    afar: Flask, platform: Caller, cable: Cable, what: str, fault: Fault
) -> None:
    sender, path = Caller(afar.test_client(), platform.token), f"/{what.rstrip('s')}s"
    before = count_of(f"select count(*) from {STORED[what]}")
    sender.post(path, {"rows": []})  # a connection that is warm
    for point in count(1):
        rows = {"rows": ROWS[what](point)}
        cable.strike(fault, at=point)
        answer = sender.post(path, rows)
        if not cable.has_struck:
            break
        assert_busy(answer)
        assert sender.post(path, rows).status_code == 200
    assert (answer.status_code, point > 10) == (200, True)
    assert count_of(f"select count(*) from {STORED[what]}") - before == point * len(ROWS[what](0))
    assert find_halves(imported=True) == []


@pytest.mark.clause("L1")
@pytest.mark.parametrize(("fault", "done"), [(Fault.UNHEARD, 0), (Fault.UNANSWERED, 1)])
def test_whoever_did_not_hear_of_the_commit_hears_of_it_by_sending_again(
    make_act: Callable[[], Act], cable: Cable, fault: Fault, done: int
) -> None:
    act = make_act()
    cable.strike(fault, on=COMMIT)
    assert_busy(act.send())
    assert act.effects() == done
    again = act.send()
    assert (again.status_code, again.json["status"]) == (201, "open")
    assert act.effects() == 1


@pytest.mark.clause("L1")
def test_a_late_answer_to_the_commit_is_waited_for_and_a_twin_hears_the_same(make_act: Callable[[], Act], cable: Cable) -> None:
    act = make_act()
    cable.strike(Fault.LATE, on=COMMIT)
    with ThreadPoolExecutor(2) as threads:
        first, twin = threads.map(lambda _: act.send(), range(2))
    assert cable.has_struck
    assert (first.status_code, twin.status_code) == (201, 201)
    assert first.json == twin.json
    assert act.effects() == 1


def test_an_act_goes_through_byte_by_byte(make_act: Callable[[], Act], cable: Cable) -> None:
    act = make_act()
    cable.in_crumbs = True
    assert act.send().status_code == 201
    assert act.effects() == 1


@pytest.mark.clause("L2")
@pytest.mark.parametrize("fault", CUTS)
def test_what_is_due_fires_once_wherever_the_worker_is_cut_off(
    afar: Flask, make_case: Make, cable: Cable, clock: VirtualClock, fault: Fault
) -> None:
    start = clock.moment
    for point in count(1):
        clock.set(start)
        case = make_case("xs")
        case.at("2025-04-03 12:00")
        with afar.app_context():
            count_of("select 1")  # a connection that is warm
            cable.strike(fault, at=point)
            if is_cut_off(clock):
                work.fire_due(clock)
            elif not cable.has_struck:
                break
        assert firings(case) == 1
    assert (firings(case), point > 5) == (1, True)
    assert count_of("select count(*) from incidents") == 0
    assert find_halves() == []


def is_cut_off(clock: VirtualClock) -> bool:
    try:
        work.fire_next(clock)
    except DBAPIError:
        return True
    return False


def firings(case: Driver) -> int:
    return count_of("select count(*) from firings where case_id = :case", case=case.case_id)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the server give up a transaction in which nothing happens within a fifth of a second.

    Not the one whose pipeline has come to its end: psycopg sends a Flush after it, after which
    PostgreSQL does not count. Of a client that is gone it hears by TCP's keepalive then.
    """
    monkeypatch.setitem(installation.PATIENCE, "idle_in_transaction_session_timeout", "200ms")
    monkeypatch.setitem(installation.PATIENCE, "lock_timeout", "100ms")


@pytest.mark.usefixtures("impatient")
def test_what_a_connection_that_was_lost_unnoticed_still_holds_is_free_again_after_a_while(
    make_act: Callable[[], Act], cable: Cable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(installation.PATIENCE, "idle_in_transaction_session_timeout", "6s")  # there is time to ask again
    act = make_act()
    cable.strike(Fault.HALF_OPEN, on=b"INSERT INTO idempotency_keys")
    assert_busy(act.send())
    assert_busy(act.send())  # the server does not know yet, and keeps the case for who is gone
    until(lambda: act.send().status_code == 201)
    assert act.effects() == 1


def test_both_sides_ask_after_a_connection_that_is_silent_and_give_it_up_within_a_minute(database: Flask) -> None:
    told = conninfo_to_dict(installation.conninfo(database.extensions["bihuan"]["config"]))
    asked = dict(each.split("=") for each in str(told["options"]).split() if "=" in each)
    for settings, prefix in ((told, "keepalives"), (asked, "tcp_keepalives")):
        idle, interval, often = (int(str(settings[f"{prefix}_{name}"]).rstrip("s")) for name in ("idle", "interval", "count"))
        assert 0 < idle + interval * often <= 60


@pytest.mark.usefixtures("impatient")
def test_an_act_that_the_server_has_given_up_is_busy_and_done_once_when_it_is_sent_again(
    make_act: Callable[[], Act], cable: Cable
) -> None:
    act = make_act()
    cable.strike(Fault.LATE, on=LOCK)
    assert_busy(act.send())
    assert act.effects() == 0
    until(lambda: act.send().status_code == 201)
    assert act.effects() == 1


@pytest.mark.clause("L2")
@pytest.mark.usefixtures("impatient")
def test_a_case_whose_step_the_server_has_given_up_is_not_stopped_but_fires_at_the_next_tick(
    afar: Flask, make_case: Make, clock: VirtualClock, cable: Cable
) -> None:
    case = make_case("xs")
    case.at("2025-04-03 12:00")
    with afar.app_context():
        cable.strike(Fault.LATE, on=b"json_agg")  # what is read once the case is locked
        assert is_cut_off(clock)
        assert count_of("select count(*) from incidents") == 0
        until(lambda: not is_cut_off(clock))
    assert firings(case) == 1


@pytest.fixture
def in_the_way(database: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], AbstractContextManager[None]]:
    """Return what holds a whole table, while everybody else waits a tenth of a second for it."""
    monkeypatch.setitem(installation.PATIENCE, "lock_timeout", "100ms")

    @contextmanager
    def hold(table: str) -> Iterator[None]:
        with owner_engine(database.extensions["bihuan"]["config"].owner_url).begin() as connection:
            connection.execute(text(f"lock table {table} in exclusive mode"))
            yield

    return hold


Hold = Callable[[str], AbstractContextManager[None]]


def test_an_act_that_may_not_write_for_too_long_is_busy_and_done_once_when_it_is_sent_again(
    make_act: Callable[[], Act], in_the_way: Hold
) -> None:
    act = make_act()
    with in_the_way("audit_entries"):
        assert_busy(act.send())
    assert act.effects() == 0
    assert act.send().status_code == 201
    assert act.effects() == 1


def test_rows_that_may_not_be_written_for_too_long_are_busy(afar: Flask, platform: Caller, in_the_way: Hold) -> None:
    sender = Caller(afar.test_client(), platform.token)
    for what, table in STORED.items():
        with in_the_way(table):
            assert_busy(sender.post(f"/{what.rstrip('s')}s", {"rows": ROWS[what](0)}))


@pytest.mark.clause("L2")
def test_a_case_that_may_not_be_written_for_too_long_is_not_stopped_but_fires_at_the_next_tick(
    afar: Flask, make_case: Make, clock: VirtualClock, in_the_way: Hold
) -> None:
    case = make_case("xs")
    case.at("2025-04-03 12:00")
    with afar.app_context():
        with in_the_way("firings"):
            assert is_cut_off(clock)
        assert count_of("select count(*) from incidents") == 0
        assert work.fire_due(clock) == 1
    assert firings(case) == 1


def test_an_embedded_server_that_does_not_start_is_busy_and_says_when_to_try_again(
    make_act: Callable[[], Act], afar: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(config: Config) -> str:
        raise PostgresUnavailable("内嵌数据库无法启动。")

    act = make_act()
    with afar.app_context():
        db.engine.dispose()
    monkeypatch.setattr("app.conninfo", refuse)
    answer = act.send()
    assert (answer.status_code, answer.json["code"]) == (503, "postgres_unavailable")
    assert int(answer.headers["Retry-After"]) > 0
