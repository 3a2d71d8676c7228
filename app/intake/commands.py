"""`flask import`: takes a file in, shows how far it is, and tells what became of it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import click

from app.clock import SHANGHAI
from app.intake.files import Report
from app.intake.importing import KINDS, FileImport

OnDatabase = Callable[[Callable[..., None]], Callable[..., None]]
# Seconds between two looks of the bar.
PAUSE = 0.2


class ImportFile(Protocol):
    """Takes one file in, from the old system or not; `tell` hears of each piece that is done."""

    def __call__(self, kind: str, path: Path, tell: Callable[[FileImport], None], is_old: bool) -> Report:
        """Return what became of the file."""


class Bar:
    """How far an import is, on one line of a terminal; nothing where there is none."""

    def __init__(self) -> None:
        self._began = self._shown = time.monotonic()
        self._first: int | None = None

    def __call__(self, file: FileImport) -> None:
        """Show it anew, not too often."""
        now = time.monotonic()
        if self._first is None:
            self._first = file.row
        if sys.stderr.isatty() and now - self._shown >= PAUSE:
            self._shown = now
            click.echo(f"\r{bar_of(file, (file.row - self._first) / (now - self._began))}\x1b[K", nl=False, err=True)

    def end(self) -> None:
        """Leave the line empty."""
        if sys.stderr.isatty():
            click.echo("\r\x1b[K", nl=False, err=True)


def bar_of(file: FileImport, speed: float) -> str:
    """Return the line: a bar where the number of rows is known beforehand."""
    counts = f"{file.row:,} 行  {speed:,.0f} 行/秒"
    if file.last_row is None:
        return counts
    share = min(1.0, file.row / max(1, file.last_row))
    full = round(30 * share)
    return f"[{'█' * full}{'·' * (30 - full)}] {share:4.0%}  {counts}"


def import_command(with_database: OnDatabase, import_file: ImportFile) -> click.Command:
    """Return the command."""

    def run(kind: str, path: Path, is_old: bool, as_json: bool) -> None:
        bar = Bar()
        try:
            report = import_file(kind, path, bar, is_old)
        finally:
            bar.end()
        click.echo(json.dumps(report.as_dict(), ensure_ascii=False) if as_json else told(report))
        raise SystemExit(1 if report.refused else 0)

    return click.Command(
        "import",
        callback=with_database(run),
        help=(
            "导入 CSV、JSON 行（UTF-8、GB18030 自动识别）或 XLSX 文件，表头用英文字段名或中文名。"
            "坏行逐行拒绝，连同原因写入旁边的 <文件名>-refused，改好后可直接再导入；有被拒绝的行时退出码为 1。"
            "中断后对同一文件重新运行即从断处继续；重复导入不增加。"
        ),
        params=[
            click.Argument(["kind"], type=click.Choice(sorted(KINDS))),
            click.Argument(["path"], type=click.Path(path_type=Path)),
            click.Option(
                ["--from-old-system", "is_old"], is_flag=True, help="旧系统的办件、评价：整批接收并标明来源，其中的差评不再立案"
            ),
            click.Option(["--json", "as_json"], is_flag=True, help="输出一个 JSON 对象"),
        ],
    )


def told(report: Report) -> str:
    """Return a report as sentences."""
    lines = []
    if report.finished_before:
        lines.append(f"这个文件曾在 {report.finished_before.astimezone(SHANGHAI):%Y-%m-%d %H:%M} 导入完毕，这次从头核对。")
    if report.resumed_after is not None:
        lines.append(f"上次导入中断，这次从第 {report.resumed_after} 行之后继续；以下是整个文件的合计。")
    lines.append(f"新增 {report.added} 行，已有 {report.known} 行，立案 {report.opened} 件，拒绝 {len(report.refused)} 行。")
    if report.passed_over:
        lines.append(f"没有用到的列：{'、'.join(report.passed_over)}。")
    if report.refused_file:
        lines.append(f"被拒绝的行在 {report.refused_file}（含个人信息，只有本用户可读），改好后可再导入。")
    return "\n".join(lines + [f"第 {row} 行：{reason}" for row, reason in report.refused])
