"""`flask audit verify|seal|export` and `flask draw verify` read what they need from the composition root."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click
from flask import current_app

from app.audit.seal import entries, list_bounds, seal, verify_database
from app.audit.streams import shown_in_export
from app.db import unit_of_work

OnDatabase = Callable[[Callable[..., None]], Callable[..., None]]


def audit_commands(with_database: OnDatabase) -> click.Group:
    """Return the group `audit`."""
    path = click.Argument(["path"], type=click.Path(path_type=Path))
    commands = [
        click.Command("verify", callback=with_database(_verify), help="核验全部记录和封存；有破绽时退出码为 1"),
        click.Command("seal", callback=with_database(_seal), help="现在封存一次"),
        click.Command("export", callback=with_database(_export), params=[path], help="导出记录，供 app/audit/chain.py 独立核验"),
    ]
    return click.Group("audit", commands=commands, help="审计记录：核验、封存、导出")


def _seal_file() -> Path:
    found: Path = current_app.extensions["bihuan"]["config"].seal_file
    return found


def _verify() -> None:
    """Check everything and name every break."""
    with unit_of_work():
        findings = verify_database(_seal_file())
    for finding in findings:
        click.echo(f"{finding.stream} #{finding.seq}：{finding.problem}")
    click.echo("核验通过" if not findings else f"核验不通过：{len(findings)} 处")
    raise SystemExit(1 if findings else 0)


def _seal() -> None:
    """Seal all streams now."""
    with unit_of_work() as session:
        line = seal(_seal_file(), current_app.extensions["bihuan"]["clock"].now(session.connection()))
    click.echo(json.dumps(line, ensure_ascii=False))


def _export(path: Path) -> None:
    """Write all entries, one a line; of streams that few may read, numbers and digests only."""
    with unit_of_work(), path.open("w", encoding="utf-8") as file:
        for entry in shown_in_export(entries(), list_bounds()):
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
    click.echo(f"已导出到 {path}，封存在 {_seal_file()}。")
