"""Runs lint, build and a first step over the hostile corpus under an audit hook; prints what it saw as JSON."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path

from app.engine.machine import Machine
from app.engine.specs import build_program
from app.errors import AppError
from app.programmes.lint import lint
from tests.programmes.hosts import Nobody
from tests.programmes.mutations import WORDS, bundle
from tests.programmes.sinks import CANARY, PAYLOADS, corpus

# What no diagram may bring about.
FORBIDDEN = ("exec", "import", "open", "socket.", "subprocess.", "os.", "ctypes.", "urllib.", "shutil.", "pty.")
# Reading an expression compiles its text, but only into a tree, which `ast.parse` names so.
TREE = "<unknown>"


class Watch:
    """An audit hook that can be switched on; hooks are never removed."""

    def __init__(self) -> None:
        self.on = False
        self.seen: list[str] = []
        sys.addaudithook(self)

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        compiled = event == "compile" and arguments[1] != TREE
        if self.on and (compiled or event.startswith(FORBIDDEN)):
            self.seen.append(f"{event} {arguments!r}"[:300])


def work(data: bytes) -> None:
    lint(data, WORDS)
    with suppress(AppError):
        program = build_program(data)
        machine = Machine(program, Nobody(), {"linked": False, "received_at": "x", "anonymous": False})  # type: ignore[arg-type]
        with suppress(AppError):
            machine.run()
        for element in sorted(machine.open_tasks()):
            with suppress(AppError):
                machine.complete(element)
                machine.run()


def main() -> None:
    os.chdir(Path(os.environ["CANARY"]).parent)
    watch, files = Watch(), list(corpus())
    work(bundle("xs").diagram)  # Imports that libraries put off happen before the watch begins.
    work(files[0][2])
    watch.on = True
    for _, _, data in files:
        work(data)
    watch.on = False
    print(json.dumps({"files": len(files), "payloads": len(PAYLOADS), "canary": CANARY, "events": watch.seen[:20]}))


if __name__ == "__main__":
    main()
