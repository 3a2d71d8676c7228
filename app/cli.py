"""The commands of `flask --app wsgi …`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click
import psycopg
import structlog
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError

from app.audit.commands import audit_commands
from app.calendars.commands import calendar_commands, deadline_commands
from app.calendars.seed import seed_calendars
from app.cases.commands import case_commands
from app.cases.recalendar import find_moves
from app.clock import Clock
from app.config import ROOT, Config
from app.db import db, unit_of_work
from app.demo.commands import demo_command
from app.edge import recalendar, resume
from app.errors import AppError, Unavailable
from app.identity.commands import account_commands, identity_commands
from app.identity.vault import load_vault, make_key
from app.installation import create_database, install
from app.intake.commands import import_command
from app.intake.files import Report
from app.intake.importing import FileImport, Order
from app.intake.progress import alone
from app.jobs.commands import job_commands
from app.jobs.queue import RETRY_SECONDS
from app.postgres import Server, run_as
from app.privacy.deleting import delete_again, delete_old
from app.programmes.bundle import SHIPPED, read_bundle, shipped
from app.programmes.commands import programme_commands
from app.programmes.versions import publish
from app.revisits.commands import draw_commands
from app.wiring import encrypted_columns, vocabulary

P = ParamSpec("P")
R = TypeVar("R")

log = structlog.get_logger()
postgres = AppGroup("postgres", help="内嵌 PostgreSQL：启动、停止、状态")


class SchemaOutdated(Unavailable):
    """The tables are not those of this code."""

    code = "schema_outdated"


def config() -> Config:
    """Return the settings of the running application."""
    found: Config = current_app.extensions["bihuan"]["config"]
    return found


def clock() -> Clock:
    """Return the clock of the running application."""
    found: Clock = current_app.extensions["bihuan"]["clock"]
    return found


def plainly(function: Callable[P, R]) -> Callable[P, R]:
    """Show what went wrong as a Chinese sentence and exit with 2, never with a traceback."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except AppError as error:
            click.echo(f"错误：{error.message}", err=True)
        except (OperationalError, psycopg.OperationalError):
            click.echo("错误：连不上数据库，或连接中断。请检查 DATABASE_URL 和数据库服务，然后重试。", err=True)
        raise SystemExit(2)

    return run


def with_database(function: Callable[P, R]) -> Callable[P, R]:
    """Run a command on a database whose tables are current.

    The embedded server is started and brought up to date; a server of DATABASE_URL
    is never changed by the way: `flask install` does that.
    """

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        ensure_installed()
        return function(*args, **kwargs)

    return with_appcontext(plainly(run))


def outliving_database(function: Callable[P, R]) -> Callable[P, R]:
    """Run a command that goes on when the database goes, like the site: one that is away at the start is waited for, too."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        while not _is_there():
            time.sleep(RETRY_SECONDS)
        return function(*args, **kwargs)

    return with_appcontext(plainly(run))


def _is_there() -> bool:
    try:
        ensure_installed()
    except SchemaOutdated:
        raise
    except (OperationalError, psycopg.OperationalError, Unavailable) as error:
        log.warning("waits_for_database", error=type(error).__name__)
        return False
    return True


def ensure_installed() -> None:
    """Bring the embedded database up to date, or refuse to work on an outdated other one."""
    if config().is_embedded:
        create_database(config())
    head = ScriptDirectory(str(ROOT / "migrations")).get_current_head()
    with db.engine.connect() as connection:
        known = inspect(connection).has_table("alembic_version")
        current = connection.execute(text("select version_num from alembic_version")).scalar() if known else None
    if current == head:
        return
    if not config().is_embedded:
        raise SchemaOutdated("数据库结构不是本版程序的。请先运行 flask --app wsgi install。")
    run_install()


def run_install() -> None:
    """Create what is missing and load the first data."""
    install(current_app._get_current_object(), config(), seed)  # type: ignore[attr-defined]  # a LocalProxy


def seed() -> None:
    """Load the first data: the key of reviewers' data, the calendars, the shipped programmes."""
    make_key(config().key_file)
    with unit_of_work() as session:
        now = clock().now(session.connection())
        seed_calendars(session, loaded_by="install", loaded_at=now)
        for folder in shipped():
            publish(read_bundle(folder), "install", now)


@click.command("install", help="建库、建表、授权、装入日历与五个方案；可重复运行")
@with_appcontext
@plainly
def install_command() -> None:
    """Make the database ready."""
    run_install()
    click.echo("数据库已就绪。")


@postgres.command("start", help="启动（首次运行时建立）")
@plainly
def start_postgres() -> None:
    """Start the embedded server."""
    server = Server(config().instance)
    server.start()
    click.echo(f"{run_as().note}内嵌数据库在运行：{server.socket_dir}")


@postgres.command("stop", help="停止")
@plainly
def stop_postgres() -> None:
    """Stop the embedded server."""
    Server(config().instance).stop()
    click.echo("内嵌数据库已停止。")


@postgres.command("status", help="是否在运行；未运行时退出码为 3")
@plainly
def postgres_status() -> None:
    """Tell whether the embedded server runs."""
    server = Server(config().instance)
    if not server.is_running():
        click.echo("内嵌数据库没有运行。")
        raise SystemExit(3)
    click.echo(f"内嵌数据库在运行：{server.socket_dir}")


def import_file(kind: str, path: Path, tell: Callable[[FileImport], None] = lambda _: None, is_old: bool = False) -> Report:
    """Take one file in, a transaction a piece, and return what became of it; `tell` hears of each piece done."""
    order = Order(kind, path, f"命令行（uid {os.getuid()}）", is_old)
    file = FileImport(order, load_vault(config().key_file), lambda: clock().now(db.session.connection()))
    with alone(file.key):
        for work in file.pieces():
            with unit_of_work():
                work()
            tell(file)
    return file.report


def register(app: Flask) -> None:
    """Add all commands to the application."""
    commands: list[Any] = [
        postgres,
        install_command,
        import_command(with_database, import_file),
        deadline_commands(with_database, SHIPPED),
        calendar_commands(with_database, SHIPPED, find_moves, lambda layer: recalendar(layer, clock())),
        case_commands(with_database, lambda number, by: resume(number, by, clock())),
        audit_commands(with_database),
        account_commands(with_database),
        identity_commands(with_database, encrypted_columns, delete_old, delete_again),
        draw_commands(with_database),
        programme_commands(vocabulary()),
        *job_commands(with_database, outliving_database),
        demo_command(plainly, run_install, import_file),
    ]
    for command in commands:
        app.cli.add_command(command)
