"""What is told of an import that was cut off, was finished before, or runs elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from app.cli import config, import_file
from app.clock import SHANGHAI, VirtualClock
from app.db import db, unit_of_work
from app.identity.vault import load_vault
from app.intake.commands import Bar, bar_of, told
from app.intake.files import Report
from app.intake.importing import FileImport, Order
from app.intake.models import Import, ImportRefusal
from app.intake.progress import ImportRunning, alone
from tests.conftest import STILL
from tests.intake.conftest import Take, record

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Thirty records, of which each tenth lacks its telephone number."""
    monkeypatch.setattr("app.intake.importing.CHUNK", 8)
    path = tmp_path / "a.csv"
    rows = [record(projectNo=f"P{n}", mobile="" if n % 10 == 5 else "15410000001") for n in range(30)]
    path.write_text("\n".join([",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)]) + "\n")
    return path


def cut_off(path: Path, pieces: int) -> None:
    """Do the first pieces of an import, and no more."""
    done = FileImport(Order("records", path, "test"), load_vault(config().key_file), lambda: STILL).pieces()
    for _, work in zip(range(pieces), done, strict=False):
        with unit_of_work():
            work()


def test_it_goes_on_after_the_last_chunk_and_reports_the_whole_file(file: Path) -> None:
    cut_off(file, 3)
    report = import_file("records", file)
    assert report.resumed_after == 17
    assert (report.added, report.known, [row for row, _ in report.refused]) == (27, 0, [7, 17, 27])
    assert report.refused_file is not None
    assert len(report.refused_file.read_text().splitlines()) == 4
    assert "从第 17 行之后继续" in told(report)
    assert "resumed_after" in report.as_dict()


def test_a_finished_import_given_again_adds_nothing_and_says_so(file: Path, clock: VirtualClock) -> None:
    first, again = import_file("records", file), import_file("records", file)
    assert (first.finished_before, again.finished_before, again.resumed_after) == (None, clock.moment, None)
    assert (again.added, again.known, again.refused) == (0, 27, first.refused)
    assert f"{clock.moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M} 导入完毕" in told(again)
    stored = db.session.scalars(select(Import).where(Import.kind == "records")).one()
    assert (stored.known, stored.stored_row, stored.finished_at) == (27, 31, clock.moment)


def test_rows_that_were_refused_for_want_of_something_come_in_with_the_same_file_later(take: Take) -> None:
    rows = [record(), record(projectNo="P2", window="w9")]
    assert take("records", *rows).refused == [(2, "window：名录里没有 w9")]
    window = {"programme": "zb", "kind": "window", "code": "w9", "name": "9号窗口", "department": "rated"}
    assert take("catalogue", window).added == 1
    again = take("records", *rows)
    assert (again.added, again.known, again.refused) == (1, 1, [])
    assert db.session.scalars(select(ImportRefusal)).all() == []


def test_reasons_are_kept_encrypted(file: Path) -> None:
    import_file("records", file)
    assert all("必填".encode() not in reason for reason in db.session.scalars(select(ImportRefusal.reason)))


def test_a_second_import_of_the_same_file_is_refused_while_the_first_runs(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.intake.progress.PATIENCE", "50ms")
    key = FileImport(Order("records", file, "test"), load_vault(config().key_file), lambda: STILL).key
    with alone(key), pytest.raises(ImportRunning, match="正在导入"):
        import_file("records", file)
    assert import_file("records", file).added == 27


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    shown: list[str] = []
    monkeypatch.setattr("app.intake.commands.sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setattr("app.intake.commands.click.echo", lambda text, **_: shown.append(text))
    monkeypatch.setattr("app.intake.commands.PAUSE", 0)
    return shown


def test_the_bar_shows_how_far_it_is_and_how_fast(file: Path) -> None:
    done = FileImport(Order("records", file, "test"), load_vault(config().key_file), lambda: STILL)
    assert bar_of(done, 5200) == f"[{'·' * 30}]   0%  0 行  5,200 行/秒"
    done._progress.stored_row = 31
    assert bar_of(done, 5200) == f"[{'█' * 30}] 100%  31 行  5,200 行/秒"


def test_the_command_tells_in_chinese_and_shows_no_bar_without_a_terminal(database: Flask, file: Path) -> None:
    result = CliRunner().invoke(database.cli, ["import", "records", str(file)], obj=None)
    assert result.exit_code == 1
    assert "新增 27 行，已有 0 行，立案 0 件，拒绝 3 行。" in result.output
    assert "a-refused.csv" in result.output
    assert "第 7 行：mobile：本方案规定必填" in result.output
    assert "█" not in result.output + result.stderr


def test_the_bar_is_shown_on_a_terminal(terminal: list[str], file: Path) -> None:
    bar = Bar()
    import_file("records", file, bar)
    bar.end()
    assert any("行/秒" in text for text in terminal)
    assert terminal[-1] == "\r\x1b[K"


def test_what_there_is_nothing_of_is_left_out_of_the_report() -> None:
    assert Report().as_dict() == {"added": 0, "known": 0, "opened": 0, "refused": []}
