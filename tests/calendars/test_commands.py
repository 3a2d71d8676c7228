"""`flask deadlines due` and `flask calendar load`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.calendars.commands import calendar_commands, deadline_commands
from app.calendars.models import CalendarNotice
from app.calendars.rehearsal import CalendarOf, Move
from app.cli import plainly
from app.db import db
from app.deadlines.compute import runs_out
from app.deadlines.limits import Limit
from app.deadlines.moments import parse_moment

NOTICE = """
layer = "{layer}"
area = "某地"
year = 2026
source = "测试"
[[days]]
name = "台风停工"
date = 2026-09-09
off = true
"""


def due(bundles: Path, *arguments: str, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(deadline_commands(plainly, bundles), ["due", *arguments], input=stdin)


def find_moves(session: Session, present: CalendarOf, with_notice: CalendarOf) -> Iterable[Move]:
    """One open deadline of a made-up case in 西双版纳."""
    from_at, limit = parse_moment("2026-09-08T10:00+08:00"), Limit.parse("1wd")
    before, after = (runs_out(from_at, limit, calendar(["national", "xs"])).due_at for calendar in (present, with_notice))
    return [Move("XS-1", "反馈差评结果", before, after)] if before != after else []


def load(bundles: Path, path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(calendar_commands(plainly, bundles, find_moves, lambda layer: 0), ["load", str(path), *arguments])


def notices(layer: str) -> int:
    return db.session.scalar(select(func.count()).select_from(CalendarNotice).where(CalendarNotice.layer == layer)) or 0


@pytest.mark.clause("XS 一(二)1")
def test_one_deadline_is_printed_as_json(seeded: Flask, bundles: Path) -> None:
    result = due(bundles, "--programme", "xs", "--from", "2025-04-11T10:00+08:00", "--limit", "2wd", "--json")
    answer = json.loads(result.stdout)
    assert result.exit_code == 0
    assert answer["calendar_version"] > 0
    assert {key: answer[key] for key in ("programme", "from", "limit", "due_at", "last_day", "provisional", "counted")} == {
        "programme": "xs",
        "from": "2025-04-11T10:00+08:00",
        "limit": "2wd",
        "due_at": "2025-04-18T16:00:00Z",
        "last_day": "2025-04-18",
        "provisional": False,
        "counted": ["2025-04-17", "2025-04-18"],
    }
    assert answer["skipped"][2] == {"day": "2025-04-14", "reason": "泼水节放假(西双版纳)"}


def test_one_deadline_is_explained_in_chinese(seeded: Flask, bundles: Path) -> None:
    result = due(bundles, "--programme", "GC", "--from", "2026-12-11T10:00+08:00", "--limit", "15wd")
    assert "暂定：2027年全国放假安排尚未载入" in result.stdout


@pytest.mark.parametrize(
    ("programme", "from_text", "limit", "words"),
    [
        ("zz", "2025-04-11T10:00+08:00", "2wd", "没有代码为“zz”的方案"),
        ("xs", "2025-04-11T10:00", "2wd", "时区"),
        ("xs", "2025-04-11T10:00+08:00", "2", "看不懂"),
        ("xs", "9999-12-31T23:00Z", "2wd", "9999年"),
    ],
)
def test_what_makes_no_sense_is_told_in_chinese_with_exit_2(
    seeded: Flask, bundles: Path, programme: str, from_text: str, limit: str, words: str
) -> None:
    result = due(bundles, "--programme", programme, "--from", from_text, "--limit", limit, "--json")
    assert result.exit_code == 2
    assert words in result.stderr
    assert "Traceback" not in result.output
    assert result.stdout == ""


def test_a_missing_option_is_told_with_exit_2(seeded: Flask, bundles: Path) -> None:
    result = due(bundles, "--programme", "xs")
    assert result.exit_code == 2
    assert "请写明" in result.stderr


def test_a_batch_answers_each_line_in_order(seeded: Flask, bundles: Path) -> None:
    lines = "xs\t2025-04-11T10:00+08:00\t2wd\nGC\t2025-04-11T10:00+08:00\t2wd\r\nxs\t2025-04-12T10:00+08:00\t0wd"
    result = due(bundles, "--batch", stdin=lines.encode())
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert [answer["last_day"] for answer in answers] == ["2025-04-18", "2025-04-15", "2025-04-17"]
    assert [answer["programme"] for answer in answers] == ["xs", "GC", "xs"]


def test_a_bad_line_is_answered_in_its_place_and_the_run_goes_on(seeded: Flask, bundles: Path) -> None:
    good = b"xs\t2025-04-11T10:00+08:00\t2wd\n"
    bad = [
        b"\n",
        b"xs\t2wd\n",
        b"\xff\t\t\n",
        b"zz\t2025-04-11T10:00+08:00\t2wd\n",
        b"xs\t2025-04-11T10:00\t2wd\n",
        b"xs\tx\t2wd\n",
    ]
    bad += [b"xs\t2025-04-11T10:00+08:00\t-2wd\n", b"xs\t9999-12-31T23:59Z\t2wd\n"]
    result = due(bundles, "--batch", stdin=good + b"".join(bad) + good)
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert answers[0] == answers[-1]
    assert [(answer["line"], answer["error"]["code"]) for answer in answers[1:-1]] == [
        (2, "batch_line_malformed"),
        (3, "batch_line_malformed"),
        (4, "batch_line_malformed"),
        (5, "programme_unknown"),
        (6, "moment_naive"),
        (7, "moment_malformed"),
        (8, "limit_malformed"),
        (9, "beyond_calendar"),
    ]


def test_an_empty_batch_is_no_error(seeded: Flask, bundles: Path) -> None:
    result = due(bundles, "--batch")
    assert (result.exit_code, result.stdout) == (0, "")


def test_a_rehearsal_lists_what_would_move_and_writes_nothing(seeded: Flask, bundles: Path, tmp_path: Path) -> None:
    path = tmp_path / "xs-2026.toml"
    path.write_text(NOTICE.format(layer="xs"), "utf-8")
    before = notices("xs")
    result = load(bundles, path, "--rehearse")
    assert result.exit_code == 0
    assert "XS-1  反馈差评结果  2026-09-10 00:00 → 2026-09-11 00:00" in result.stdout
    assert "会变动的未办结期限：1项" in result.stdout
    assert notices("xs") == before


def test_a_notice_is_loaded_once(seeded: Flask, bundles: Path, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere.toml"
    path.write_text(NOTICE.format(layer="elsewhere"), "utf-8")
    first, second = load(bundles, path), load(bundles, path)
    assert first.exit_code == second.exit_code == 0
    assert "已载入，日历版本" in first.stdout
    assert "没有方案使用elsewhere层" in first.stderr
    assert "会变动的未办结期限：0项" in first.stdout
    assert "没有新增" in second.stdout
    assert notices("elsewhere") == 1


def test_a_bad_notice_is_told_in_chinese_with_exit_2(seeded: Flask, bundles: Path, tmp_path: Path) -> None:
    path = tmp_path / "2027.json"
    path.write_text('{"year": 2027, "papers": [], "days": []}')
    result = load(bundles, path)
    assert result.exit_code == 2
    assert "可能尚未公布" in result.stderr
    assert load(bundles, tmp_path / "none.toml").exit_code == 2
