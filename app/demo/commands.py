"""`flask demo`: a made-up city's month, from files to proven answers."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import click
from flask import current_app
from sqlalchemy import inspect, select, text, update

from app.audit.seal import verify_database
from app.cases.models import Case, Task
from app.clock import SHANGHAI, DatabaseClock, VirtualClock
from app.config import Config
from app.db import db, table_of, unit_of_work
from app.demo.accounts import PASSWORD, SAMPLES, make_accounts
from app.demo.city import City, CityDay, write_city
from app.demo.door import Door
from app.demo.recent import play_recent
from app.demo.replay import Replay
from app.demo.scenarios import ORDINARY, SCENARIOS, Scenario
from app.demo.written import read_lines
from app.errors import Conflict
from app.figures.overview import LABELS, overview
from app.figures.ways import ways
from app.identity.rights import Right
from app.identity.vault import load_vault
from app.installation import DEMO_MARK, create_database, database_urls, owner_engine
from app.intake.files import Report
from app.jobs import work
from app.jobs.commands import run_all
from app.outbox import OutboxMessage
from app.revisits.commands import verify_draws

BEGINS = datetime(2025, 3, 31, 8, tzinfo=SHANGHAI)
# No programme keeps a case longer; what is still open then waits for a named person.
ENDS = datetime(2026, 1, 1, tzinfo=SHANGHAI)
ARRIVES = timedelta(hours=17)

ImportFile = Callable[..., Report]
Install = Callable[[], None]
Plainly = Callable[[Callable[..., None]], Callable[..., None]]


class NotADemo(Conflict):
    """The database holds real data."""

    code = "not_a_demo"


def demo_command(plainly: Plainly, install: Install, import_file: ImportFile) -> click.Command:
    """Return the command; installing and importing are the same as for real data."""

    def run(seed: int, serve: bool, as_json: bool, port: int) -> None:
        result = play(install, import_file, seed)
        click.echo(json.dumps(result["figures"], ensure_ascii=False) if as_json else tell(result))
        if serve:
            go_on(import_file)
            serve_pages(port)

    return click.Command(
        "demo",
        callback=plainly(run),
        help="示范：造一座城市一个月的数据，导入、办理、抽查、核验",
        params=[
            click.Option(["--seed"], type=int, default=2025, show_default=True),
            click.Option(["--serve/--no-serve"], default=True, help="结束后在本机打开网页"),
            click.Option(["--json", "as_json"], is_flag=True, help="输出一个 JSON 对象"),
            click.Option(["--port"], type=int, default=8000, show_default=True),
        ],
    )


def play(install: Install, import_file: ImportFile, seed: int) -> dict[str, Any]:
    """Play the whole month and return what came of it: figures, a case for each way, and what was refused."""
    began = time.monotonic()
    state = current_app.extensions["bihuan"]
    config: Config = state["config"]
    clear_the_stage(config)
    state["clock"] = clock = VirtualClock(BEGINS)
    install()
    city = write_city(config.instance / "demo", seed)
    take_in("catalogue", city.catalogue, import_file)
    take_in("records", city.old_records, import_old(import_file))
    take_in("reviews", city.old_reviews, import_old(import_file))
    make_accounts(city, BEGINS)
    replay = Replay(clock, casting(city))
    plan(replay, city, config, clock, import_file, random.Random(seed))  # noqa: S311  a demo can be repeated
    replay.run(ENDS)
    work.seal_streams(clock, config.seal_file)
    return result(config, replay, began)


def clear_the_stage(config: Config) -> None:
    """Empty the database of an earlier demo, and mark an empty one as the demo's.

    Raises:
        NotADemo: it holds records or cases that no demo made.
    """
    create_database(config)
    with owner_engine(database_urls(config)[1]).begin() as connection:
        tables = set(inspect(connection).get_table_names())
        real = {"cases", "service_records"} & tables if DEMO_MARK not in tables else set()
        if any(connection.execute(text(f"select 1 from {table} limit 1")).first() for table in sorted(real)):  # noqa: S608  ours
            raise NotADemo("数据库里有真实数据，示范不会覆盖它。请用 DATABASE_URL 或 BIHUAN_INSTANCE 指定另一个库。")
        connection.execute(text("drop schema public cascade"))
        connection.execute(text("create schema public"))
        connection.execute(text(f"create table {DEMO_MARK} (made_at timestamptz not null default now())"))
    config.seal_file.unlink(missing_ok=True)
    db.engine.dispose()


def take_in(kind: str, path: Path, import_file: ImportFile) -> None:
    """Import a file of the city; every row of it must stand."""
    report = import_file(kind, path)
    if report.refused:
        raise NotADemo(
            f"{path.name} 有 {len(report.refused)} 行没有导入，例如第 {report.refused[0][0]} 行：{report.refused[0][1]}"
        )


def casting(city: City) -> Callable[[Case], Scenario]:
    """Give each bad review its scenario: in the order of the month, one after the other."""
    parts: dict[tuple[str, str, int, int], Scenario] = {}
    for programme, scenarios in SCENARIOS.items():
        plain = [bad for bad in city.bad if bad.programme == programme and not bad.again and not bad.anonymous]
        for bad, scenario in zip(plain, scenarios, strict=False):
            parts[bad.programme, bad.record, bad.visit, bad.sequence] = scenario
    return lambda case: parts.get((case.programme, case.record, case.visit, case.sequence), ORDINARY)


def plan(replay: Replay, city: City, config: Config, clock: VirtualClock, import_file: ImportFile, chance: random.Random) -> None:
    """Plan what the month brings, and the jobs of every night until the end."""
    doors = {
        "reviews": Door("hk", "hk-visitor-centre", Right.SEND_REVIEWS, clock.moment),
        "complaints": Door("zb", "zb-complaint-centre", Right.TAKE_COMPLAINT, clock.moment),
    }
    for day in city.days:
        replay.at(midnight(day.day) + ARRIVES, partial(arrive, day, replay, import_file, doors))
    vault = load_vault(config.key_file)

    def night() -> None:
        work.give_defaults(clock)
        work.draw(clock, vault, lambda: chance.randbytes(32))
        replay.plan_all()

    for number in range((ENDS - BEGINS).days):
        replay.at(BEGINS + timedelta(days=number), night)


def arrive(day: CityDay, replay: Replay, import_file: ImportFile, doors: Mapping[str, Door]) -> None:
    """Take in what one day brings, records first, and let people look at the new cases."""
    take_in("records", day.records, import_file)
    take_in("reviews", day.reviews, import_file)
    doors["reviews"].send("reviews", read_lines(day.sent))
    doors["complaints"].send("complaints", read_lines(day.complaints))
    replay.plan_all()


def import_old(import_file: ImportFile) -> ImportFile:
    """Return an import of files from the system before this one (R4)."""
    return partial(import_file, is_old=True)


def midnight(day: date) -> datetime:
    """Return the beginning of a day in China."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def result(config: Config, replay: Replay, began: float) -> dict[str, Any]:
    """Return the figures with both proofs, a case for each way, and who still has to act."""
    with unit_of_work() as session:
        table = overview()
        findings = verify_database(config.seal_file)
        draws = verify_draws(load_vault(config.key_file))
        found = ways()
        waiting = session.execute(
            select(Case.number, Task.element, Task.department, Task.owner)
            .join(Task, Task.case_id == Case.id)
            .where(Task.status.in_(["open", "submitted"]))
            .order_by(Case.number)
        ).all()
    figures = {
        "programmes": table,
        "audit_ok": not findings,
        "draw_ok": bool(draws) and not any(draws.values()),
        "seconds": round(time.monotonic() - began, 1),
    }
    return {"figures": figures, "ways": found, "waiting": [tuple(row) for row in waiting], "refused": replay.refused}


def tell(result: dict[str, Any]) -> str:
    """Return the result as people read it."""
    figures = result["figures"]
    table = figures["programmes"]
    lines = ["项目".ljust(12, "　") + "".join(code.upper().rjust(8) for code in table)]
    lines += [
        label.ljust(12, "　") + "".join(str(row[column]).rjust(8) for row in table.values()) for column, label in LABELS.items()
    ]
    lines.append("")
    for programme, found in result["ways"].items():
        lines += [f"{programme.upper()}：", *(f"  {name}：{number}" for name, number in found.items())]
    lines.append(f"\n仍等人办理：{len(result['waiting'])} 件；被拒绝的操作：{len(result['refused'])} 次")
    lines.append(
        f"审计核验：{'通过' if figures['audit_ok'] else '不通过'}；抽取核验：{'通过' if figures['draw_ok'] else '不通过'}"
    )
    lines.append(f"用时 {figures['seconds']} 秒。")
    lines += ["", f"示范账号（口令都是 {PASSWORD}）：", *(f"  {label.ljust(8, '　')} {login}" for label, login in SAMPLES)]
    return "\n".join(lines)


def go_on(import_file: ImportFile) -> None:
    """Play the days up to this moment, so that the inboxes are not empty; the month's figures are told by then."""
    state = current_app.extensions["bihuan"]
    config: Config = state["config"]
    with unit_of_work() as session:
        now = DatabaseClock().now(session.connection())
    play_recent(config.instance / "demo", state["clock"], lambda kind, path: take_in(kind, path, import_file), now)
    deliver_all(now)
    work.seal_streams(state["clock"], config.seal_file)


def deliver_all(now: datetime) -> None:
    """Let every message have been delivered when its time came: there are thousands, and nobody to get them."""
    outbox = table_of(OutboxMessage)
    due = update(outbox).where(outbox.c.sent_at.is_(None), outbox.c.not_before <= now)
    with unit_of_work() as session:
        session.execute(due.values(sent_at=outbox.c.not_before, attempts=1))


def serve_pages(port: int) -> None:
    """Serve the pages until stopped, with clock and worker: the city goes on."""
    site = f"http://127.0.0.1:{port}"
    click.echo(f"网页：{site}　登录办理：{site}/sign-in　接口说明：{site}/api/v1/docs（按 Ctrl+C 停止）")
    os.environ["BIHUAN_DEMO"] = "1"
    run_all(port)
