"""How the site is served on one machine: gunicorn's configuration, and the command that starts it with it.

The one place for its options; by hand: `gunicorn --config python:app.serving wsgi:app`.
"""

from __future__ import annotations

import gc
import sys
from contextlib import suppress
from typing import Any

import psycopg

from app.config import load_config
from app.errors import Unavailable
from app.installation import holds_demo

workers = 2
# Workers of the plain kind close a connection after every answer. While one thread waits for the
# database another one works; more of them would only wait for each other.
worker_class = "gthread"
threads = 4
keepalive = 15
control_socket_disable = True


def on_starting(_server: Any) -> None:
    """Refuse to serve the demo's database as if it were real: anybody could sign in to it.

    Where the database cannot be asked the site starts all the same, and answers that it is away.
    """
    config = load_config()
    with suppress(psycopg.OperationalError, Unavailable):
        if config.is_demo or not holds_demo(config):
            return
        sys.exit("这个数据库是 make demo 造的，其账号的密码公开。正式使用请用 DATABASE_URL 或 BIHUAN_INSTANCE 指定另一个库。")


def post_worker_init(_worker: Any) -> None:
    """Let the collector leave alone what stays for good.

    Diagrams, tables and statements are some hundred thousand objects; looking through
    them again and again took a tenth of the time of a request.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def web_command(bind: str) -> list[str]:
    """Return the command that serves the site; `bind` is an address, or `fd://…` for a socket that is handed down."""
    return [sys.executable, "-m", "gunicorn", "wsgi:app", "--config", "python:app.serving", "--bind", bind]
