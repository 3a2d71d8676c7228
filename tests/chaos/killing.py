"""Killing a child at the n-th point of an act: before every statement, before and after every commit."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import event, make_url
from sqlalchemy.orm import Session

from app.db import db
from bench.forks import KILLED, acknowledge, fork, wait

NAME = "bihuan-chaos"


class Trap:
    """Kills this process at one point; all points are counted alike."""

    def __init__(self, at: int) -> None:
        self._left = at

    def step(self, *_: Any) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def set(self) -> None:
        event.listen(db.engine, "before_cursor_execute", self.step)
        event.listen(db.engine, "commit", self.step)
        event.listen(Session, "after_commit", self.step)


def cut_in_two(marker: str, *, then: str = "select 1") -> Callable[[], None]:
    """Return what makes an act two transactions: it commits before the first statement that holds the marker."""

    def cut(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if marker in statement:
            connection.connection.driver_connection.commit()
            connection.connection.driver_connection.execute(then)

    return lambda: event.listen(db.engine, "before_cursor_execute", cut)


def do_and_die(
    app: Flask, acknowledgement: Path, act: Callable[[], Any], at: int, prepare: Callable[[], None] | None = None
) -> int:
    """Start a child that does an act, is killed at a point, or acknowledges; return its pid."""

    def work() -> None:
        os.environ["PGAPPNAME"] = NAME
        if prepare:
            prepare()
        Trap(at).set()
        acknowledge(acknowledgement, act())

    return fork(app, work)


def gone(app: Flask) -> None:
    """Wait until the server has noticed that the killed children are gone, and let go of their locks."""
    url = make_url(app.extensions["bihuan"]["config"].owner_url).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        query = "select count(*) from pg_stat_activity where application_name = %s"
        while connection.execute(query, [NAME]).fetchone() != (0,):
            pass


def until_one_survives(app: Flask, folder: Path, attempt: Callable[[int, Path], int]) -> int:
    """Kill at the first point, the second … until a child comes to its end; return how many points there were."""
    db.session.remove()
    for point in count(1):
        assert point < 200, "the act never comes to its end"
        path = folder / f"told-{point}"
        end = attempt(point, path)
        assert end in (0, -KILLED)
        assert (end == 0) == path.exists()
        if end == 0:
            return point - 1
    return 0


def die(app: Flask, path: Path, act: Callable[[], Any], at: int, prepare: Callable[[], None] | None = None) -> int:
    """Do and die, and wait for both the child and the server."""
    end = wait(do_and_die(app, path, act, at, prepare))
    gone(app)
    return end
