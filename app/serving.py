"""How the site is served on one machine: the one place for gunicorn's options, for commands, figures and tests alike."""

from __future__ import annotations

import sys

PROCESSES = 2
# A thread waits for the database while another one works; more of them only wait for each other.
THREADS = 4


def web_command(bind: str) -> list[str]:
    """Return the command that serves the site; `bind` is an address, or `fd://…` for a socket that is handed down.

    Threads, because workers of the plain kind close a connection after every answer.
    """
    options = {"bind": bind, "workers": PROCESSES, "worker-class": "gthread", "threads": THREADS, "keep-alive": 15}
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    return [sys.executable, "-m", "gunicorn", "wsgi:app", *words, "--no-control-socket"]
