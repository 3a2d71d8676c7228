"""`flask deadlines due` and `flask calendar load`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import click
from flask import current_app
from sqlalchemy.orm import Session

from app.calendars.errors import BatchLineMalformed
from app.calendars.layers import layers_in_use, layers_of
from app.calendars.load import load_notice
from app.calendars.notice import Notice, read_notice
from app.calendars.queries import calendar_for
from app.calendars.rehearsal import FindMoves, Move, rehearse_notice
from app.db import unit_of_work
from app.deadlines.calendar import WorkCalendar
from app.deadlines.compute import Deadline, runs_out
from app.deadlines.explain import explain, written_moment
from app.deadlines.limits import Limit
from app.deadlines.moments import parse_moment
from app.errors import AppError

Command = Callable[..., None]
# Reckons the open deadlines of a layer anew, in transactions of its own; returns how many cases there were.
Recalendar = Callable[[str], int]
OnDatabase = Callable[[Command], Command]

_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

_DUE_OPTIONS: tuple[Callable[[Command], Command], ...] = (
    click.option("--programme", metavar="代码", help="方案代码，如xs"),
    click.option("--from", "from_text", metavar="时间", help="起算时间，须写明时区，如2025-04-11T10:00+08:00"),
    click.option("--limit", metavar="期限", help="2wd为2个工作日，7nd为7个自然日，0wd为当日"),
    click.option("--batch", is_flag=True, help="从标准输入逐行读取“方案⇥起算时间⇥期限”，每行输出一个JSON"),
    click.option("--json", "as_json", is_flag=True, help="输出一个JSON"),
)


class Reckoner:
    """Answers when a programme's limit runs out; reads each programme's calendar once."""

    def __init__(self, session: Session, bundles: Path) -> None:
        self._session = session
        self._bundles = bundles
        self._calendars: dict[str, WorkCalendar] = {}

    def reckon(self, programme: str, from_text: str, limit_text: str) -> Deadline:
        """Return the deadline; all three are texts from outside.

        Raises:
            AppError: a text that makes no sense, each with its reason.
        """
        calendar = self._calendars.get(programme)
        if calendar is None:
            calendar = calendar_for(self._session, layers_of(self._bundles, programme))
            self._calendars[programme] = calendar
        return runs_out(parse_moment(from_text), Limit.parse(limit_text), calendar)


def as_answer(programme: str, from_text: str, deadline: Deadline) -> dict[str, Any]:
    """Return the JSON object of one answer: what was asked, and the deadline's own shape."""
    return {"programme": programme, "from": from_text} | deadline.as_dict()


def answer_lines(lines: Iterable[bytes], reckoner: Reckoner) -> Iterator[tuple[bool, str]]:
    """Yield for each line, in order, whether it could be answered and the JSON to print."""
    for number, raw in enumerate(lines, 1):
        try:
            programme, from_text, limit_text = _fields(raw)
            answer = as_answer(programme, from_text, reckoner.reckon(programme, from_text, limit_text))
        except AppError as error:
            yield False, _to_json({"line": number, "error": error.as_dict()})
        else:
            yield True, _to_json(answer)


def _fields(raw: bytes) -> list[str]:
    """Return the three fields of a line.

    Raises:
        BatchLineMalformed: not UTF-8, or not three fields.
    """
    try:
        fields = raw.decode("utf-8").rstrip("\r\n").split("\t")
    except UnicodeDecodeError:
        raise BatchLineMalformed("这一行不是UTF-8编码") from None
    if len(fields) != 3:
        raise BatchLineMalformed(f"每行应有方案、起算时间、期限三栏，以制表符分隔；这一行有{len(fields)}栏")
    return fields


def deadline_commands(on_database: OnDatabase, bundles: Path) -> click.Group:
    """Return `flask deadlines`; `bundles` is the folder that holds the programmes."""

    def due(programme: str | None, from_text: str | None, limit: str | None, batch: bool, as_json: bool) -> None:
        with unit_of_work() as session:
            reckoner = Reckoner(session, bundles)
            if batch:
                _print_batch(reckoner)
            elif programme is None or from_text is None or limit is None:
                raise click.UsageError("请写明--programme、--from和--limit；或用--batch从标准输入逐行读取")
            else:
                _print_one(programme, from_text, reckoner.reckon(programme, from_text, limit), as_json)

    group = click.Group("deadlines", help="期限：何时到期，为什么")
    command = on_database(due)
    for option in reversed(_DUE_OPTIONS):
        command = option(command)
    group.command("due", help="计算一项期限，并逐日说明")(command)
    return group


def _print_one(programme: str, from_text: str, deadline: Deadline, as_json: bool) -> None:
    answer = as_answer(programme, from_text, deadline)
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2) if as_json else explain(deadline))


def _print_batch(reckoner: Reckoner) -> None:
    """Answer standard input line by line, each at once; exit with 1 when any line was bad."""
    all_good = True
    for good, answer in answer_lines(sys.stdin.buffer, reckoner):
        all_good = all_good and good
        sys.stdout.buffer.write(answer.encode() + b"\n")
        sys.stdout.buffer.flush()
    if not all_good:
        raise SystemExit(1)


def calendar_commands(on_database: OnDatabase, bundles: Path, find_moves: FindMoves, recalendar: Recalendar) -> click.Group:
    """Return `flask calendar`; `find_moves` tells which open deadlines a notice would move, `recalendar` moves them."""

    def load(file: Path, rehearse: bool) -> None:
        notice = read_notice(file)
        _print_notice(notice, layers_in_use(bundles))
        with unit_of_work() as session:
            moves = rehearse_notice(session, notice, find_moves)
            _print_moves(moves)
            if rehearse:
                click.echo("这是预演，没有写入任何内容。")
                return
            _load(session, notice)
        # Also after a notice that was loaded before: the run that loaded it may have broken off here.
        click.echo(f"已按新日历重算在办工单：{recalendar(notice.layer)}件。")

    group = click.Group("calendar", help="工作日历：预演、载入放假安排")
    command = click.option("--rehearse", is_flag=True, help="只预演：列出会变动的期限，不写入")(on_database(load))
    command = click.argument("file", type=click.Path(path_type=Path))(command)
    group.command("load", help="载入一份放假安排（.toml或.json）")(command)
    return group


def _load(session: Session, notice: Notice) -> None:
    before = calendar_for(session, [notice.layer]).version
    now = current_app.extensions["bihuan"]["clock"].now(session.connection())
    loaded = load_notice(session, notice, loaded_by=f"命令行（uid {os.getuid()}）", loaded_at=now)
    same = loaded.id <= before
    click.echo(f"与已载入的内容相同，没有新增；日历版本{loaded.id}。" if same else f"已载入，日历版本{loaded.id}。")


def _print_notice(notice: Notice, in_use: set[str]) -> None:
    days_off = sum(day.is_off for day in notice.days)
    click.echo(f"{notice.layer}层{notice.year}年：放假{days_off}天，调休上班{len(notice.days) - days_off}天")
    click.echo(f"来源：{notice.source}")
    if notice.layer not in in_use:
        click.echo(f"注意：没有方案使用{notice.layer}层，载入后不影响任何期限。", err=True)


def _print_moves(moves: list[Move]) -> None:
    for move in moves:
        click.echo(f"  {move.case}  {move.step}  {written_moment(move.due_from)} → {written_moment(move.due_to)}")
    click.echo(f"会变动的未办结期限：{len(moves)}项")
