"""Processes for measuring and killing: forks of one that is warmed up, each with connections of its own."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path

from flask import Flask

from app.db import db

KILLED = 9


def fork(app: Flask, work: Callable[[], None]) -> int:
    """Start a child that does the work and is gone; return its pid.

    The parent's connections are forgotten, not closed: they are the parent's.
    """
    pid = os.fork()
    if pid:
        return pid
    try:
        with app.app_context():
            parents = db.engine.pool  # noqa: F841  kept alive, so that nothing is closed with it
            db.engine.dispose(close=False)
            work()
        os._exit(0)
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(1)


def wait(pid: int) -> int:
    """Wait for a child; return its exit status, or minus the number of the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def run_all(app: Flask, works: Iterable[Callable[[], None]]) -> None:
    """Run several children at once, and insist that each came to its end."""
    pids = [fork(app, work) for work in works]
    ends = [wait(pid) for pid in pids]
    if any(ends):
        raise RuntimeError(f"children ended with {ends}")


def acknowledge(path: Path, line: object) -> None:
    """Write one line that outlives `kill -9` and power cuts."""
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
        file.flush()
        os.fsync(file.fileno())


def acknowledged(path: Path) -> list[str]:
    """Return the whole lines of a file of acknowledgements."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return text.split("\n")[:-1]
