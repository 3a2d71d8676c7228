"""`flask cases incidents|resume`."""

from __future__ import annotations

import os
from collections.abc import Callable

import click

from app.cases.queries import list_incidents
from app.clock import SHANGHAI
from app.db import unit_of_work

OnDatabase = Callable[[Callable[..., None]], Callable[..., None]]
Resume = Callable[[str, str], None]


def case_commands(with_database: OnDatabase, resume: Resume) -> click.Group:
    """Return `flask cases`; `resume` lets the case of a number go on, in the name of somebody."""

    def go_on(number: str) -> None:
        resume(number, f"命令行（uid {os.getuid()}）")
        click.echo(f"{number} 已恢复办理，其间到期的时限已补记。")

    commands = [
        click.Command("incidents", callback=with_database(_incidents), help="列出因流程故障暂停的差评；有则退出码为 1"),
        click.Command(
            "resume",
            callback=with_database(go_on),
            params=[click.Argument(["number"])],
            help="故障排除后恢复办理；仍有故障的原样暂停",
        ),
    ]
    return click.Group("cases", commands=commands, help="差评工单：流程故障与恢复")


def _incidents() -> None:
    """Tell which cases stand still, since when and why."""
    with unit_of_work():
        stopped = list_incidents()
    for each in stopped:
        click.echo(f"{each.number}  {each.opened_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}  {each.code}：{each.message}")
    click.echo(f"共 {len(stopped)} 件。" if stopped else "没有因故障暂停的差评。")
    raise SystemExit(1 if stopped else 0)
