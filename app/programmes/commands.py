"""`flask programmes …`: check bundles of any origin, redraw the pictures of our own."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable

import click
from flask.cli import AppGroup

from app.errors import AppError
from app.programmes.bundle import DIAGRAM, SHIPPED, shipped
from app.programmes.checking import CLEAN, FINDINGS, UNREADABLE, Limits, Verdict, check_paths
from app.programmes.picture import render
from app.programmes.vocabulary import Vocabulary

PICTURE = "bad_review.svg"
EXIT = {CLEAN: 0, FINDINGS: 1, UNREADABLE: 2}
SAID = {CLEAN: "没有问题", FINDINGS: "有问题", UNREADABLE: "无法读取"}


def programme_commands(vocabulary: Vocabulary) -> AppGroup:
    """Return the command group; the vocabulary is what diagrams may name."""
    group = AppGroup("programmes", help="方案：检查、重画")
    group.add_command(_check_command(vocabulary))
    group.add_command(_picture_command())
    return group


def _check_command(vocabulary: Vocabulary) -> click.Command:
    @click.command("check", help="检查方案文件夹或 .bpmn 文件；退出码 0 全部没有问题，1 有问题，2 有无法读取的")
    @click.argument("paths", nargs=-1, required=True, type=click.Path())
    @click.option("--json", "as_json", is_flag=True, help="每个路径输出一行 JSON")
    @click.option(
        "--seconds", default=Limits.seconds, type=click.FloatRange(0, 600), show_default=True, help="每个文件最多用多少秒"
    )
    @click.option(
        "--megabytes", default=Limits.megabytes, type=click.IntRange(0, 4096), show_default=True, help="每个文件最多用多少内存"
    )
    def check(paths: tuple[str, ...], as_json: bool, seconds: float, megabytes: int) -> None:
        verdicts = check_paths(paths, vocabulary, Limits(seconds, megabytes))
        raise SystemExit(_report(verdicts, as_json=as_json))

    return check


def _report(verdicts: Iterable[Verdict], *, as_json: bool) -> int:
    """Print each verdict as it comes; return the exit code of the worst."""
    worst = 0
    for verdict in verdicts:
        worst = max(worst, EXIT[verdict.verdict])
        click.echo(json.dumps(verdict.as_dict()) if as_json else _in_words(verdict))
    return worst


def _in_words(verdict: Verdict) -> str:
    count = f"（{len(verdict.findings)} 处）" if verdict.verdict == FINDINGS else ""
    lines = [f"{printable(verdict.path)}：{SAID[verdict.verdict]}{count}"]
    lines += [f"  {finding.element or '（整个文件）'} [{finding.rule}] {finding.message}" for finding in verdict.findings]
    return "\n".join(map(printable, lines))


def printable(text: str) -> str:
    """Return a text that this terminal can show: what it has no character for, and control characters, become `?`."""
    encoding = sys.stdout.encoding or "utf-8"
    shown = text.encode(encoding, "replace").decode(encoding)
    return "".join(each if each.isprintable() else "?" for each in shown)


def _picture_command() -> click.Command:
    @click.command("picture", help="按流程图重画 bpmn/<代码>/bad_review.svg；不写代码则全部重画")
    @click.argument("codes", nargs=-1)
    def picture(codes: tuple[str, ...]) -> None:
        for code in codes or [folder.name for folder in shipped()]:
            click.echo(_redraw(code))

    return picture


def _redraw(code: str) -> str:
    folder = SHIPPED / code.lower()
    if folder not in shipped():
        raise click.UsageError(f"没有代码为 {code} 的方案。可用：{'、'.join(each.name for each in shipped())}。")
    try:
        picture = render((folder / DIAGRAM).read_bytes())
    except (AppError, OSError) as error:
        raise click.ClickException(f"画不出 {code}：{error}") from error
    (folder / PICTURE).write_text(picture, encoding="utf-8")
    return f"已重画 {folder.name}/{PICTURE}"
