"""Rate limits that all processes share."""

from __future__ import annotations

import time
from threading import Barrier, Thread

from flask import Flask
from flask_limiter import Limiter
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter
from limits.util import parse
from sqlalchemy import text, update

from app.db import db, unit_of_work
from app.limits_storage import COUNTS, URI, PostgresStorage


def turn_back(seconds: int) -> None:
    """Let every window have ended a while ago."""
    with unit_of_work() as session:
        session.execute(update(COUNTS).values(expires_at=text(f"clock_timestamp() - interval '{seconds} seconds'")))


def test_the_library_finds_it_by_its_address_and_keeps_a_limit(database: Flask) -> None:
    limiter = FixedWindowRateLimiter(storage_from_string(URI))
    three = parse("3/minute")
    assert [limiter.hit(three, "li") for _ in range(5)] == [True, True, True, False, False]
    assert limiter.hit(three, "han")
    left = limiter.get_window_stats(three, "li")
    assert left.remaining == 0
    assert 50 < left.reset_time - time.time() <= 60
    turn_back(1)
    assert limiter.hit(three, "li")
    limiter.clear(three, "li")
    assert limiter.get_window_stats(three, "li").remaining == 3


def test_counts_of_many_at_once_are_exact_and_outlive_the_act(database: Flask) -> None:
    gate, seen = Barrier(8), []

    def ask() -> None:
        with database.app_context():
            gate.wait()
            for _ in range(5):
                try:
                    with unit_of_work():
                        seen.append(PostgresStorage().incr("key", 60))
                        raise ConnectionError
                except ConnectionError:
                    continue

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == list(range(1, 41))
    assert PostgresStorage().get("key") == 40


def test_what_is_over_is_nothing_and_is_tidied(database: Flask) -> None:
    storage = PostgresStorage()
    storage.incr("old", 60)
    turn_back(1)
    storage.incr("new", 60, amount=3)
    assert (storage.get("old"), storage.get("new"), storage.get("none")) == (0, 3, 0)
    storage.tidy()
    assert storage.reset() == 1
    assert storage.check()


def test_the_table_is_written_without_a_log(database: Flask) -> None:
    assert db.session.scalar(text("select relpersistence from pg_class where relname = 'rate_counts'")) == "u"


def test_flask_limiter_counts_with_it(database: Flask) -> None:
    limiter = Limiter(lambda: "one", storage_uri=URI, strategy="fixed-window")
    app = Flask("limited")
    limiter.init_app(app)
    assert isinstance(limiter.storage, PostgresStorage)
