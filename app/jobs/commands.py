"""`flask clock`, `flask worker`, `flask run-all`, `flask doctor`."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable

import click
from flask import current_app

from app.config import ROOT
from app.health import examine
from app.jobs.clock import run_clock
from app.jobs.queue import run_worker
from app.serving import web_command

OnDatabase = Callable[[Callable[..., None]], Callable[..., None]]
PROCESSES = ("clock", "worker")


def job_commands(with_database: OnDatabase, outliving_database: OnDatabase) -> list[click.Command]:
    """Return the commands, each on a current database; those that run for ever wait for one that is away."""
    return [
        click.Command("clock", callback=outliving_database(_clock), help="时钟：可启动多个，只有一个在走"),
        click.Command("worker", callback=outliving_database(_worker), help="工作进程：可启动任意多个"),
        click.Command("run-all", callback=with_database(run_all), params=[_port()], help="单机：时钟、工作进程和网页一起运行"),
        click.Command(
            "doctor", callback=with_database(_doctor), params=[_as_json()], help="最近一次走时、到期未办、封存、待发消息"
        ),
    ]


def _port() -> click.Option:
    return click.Option(["--port"], type=int, default=8000, show_default=True)


def _as_json() -> click.Option:
    return click.Option(["--json", "as_json"], is_flag=True)


def _clock() -> None:
    """Tick."""
    run_clock(current_app._get_current_object())  # type: ignore[attr-defined]  # a LocalProxy


def _worker() -> None:
    """Work jobs off until stopped."""
    run_worker(current_app._get_current_object())  # type: ignore[attr-defined]  # a LocalProxy


def run_all(port: int) -> None:
    """Run all processes of one machine; when one ends, all end."""
    flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
    commands = [*([*flask, name] for name in PROCESSES), web_command(f"127.0.0.1:{port}")]
    running = [subprocess.Popen(words, cwd=ROOT) for words in commands]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        while all(process.poll() is None for process in running):
            signal.sigtimedwait([signal.SIGCHLD], 1)
    except (KeyboardInterrupt, SystemExit):
        click.echo("停止。")
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait()


LABELS = {
    "last_tick_seconds": "最近一次走时距今（秒）",
    "overdue_unfired": "到期未触发（件）",
    "oldest_unfired_seconds": "其中最久（秒）",
    "last_seal_seconds": "最近一次封存距今（秒）",
    "outbox_oldest_seconds": "最早一条待发消息已等（秒）",
    "open_incidents": "未处理的流程故障（件）",
    "healthy": "一切正常",
}


def _doctor(as_json: bool) -> None:
    """Tell how the jobs are; exit 1 when somebody must look."""
    found = examine(current_app.extensions["bihuan"]["clock"])
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        for name, value in found.items():
            shown = "—" if value is None else "是" if value is True else "否" if value is False else value
            click.echo(f"{LABELS[name]}：{shown}")
    raise SystemExit(0 if found["healthy"] else 1)
