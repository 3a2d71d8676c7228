"""How the site is served on one machine: gunicorn's configuration, and the command that starts it with it.

The one place for its options; by hand: `gunicorn --config python:app.serving wsgi:app`.
"""

from __future__ import annotations

import gc
import sys
from typing import Any

workers = 2
# Workers of the plain kind close a connection after every answer. While one thread waits for the
# database another one works; more of them would only wait for each other.
worker_class = "gthread"
threads = 4
keepalive = 15
control_socket_disable = True


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
