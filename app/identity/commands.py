"""`flask accounts create|password` and `flask identity rotate-key|anonymise|delete-again`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask import current_app
from sqlalchemy import update

from app.audit.record import Act, record
from app.db import unit_of_work
from app.identity.accounts import NewAccount, create_account, find_account
from app.identity.actor import Role
from app.identity.keys import add_key, drop_keys
from app.identity.models import Account
from app.identity.passwords import hash_password, require_good_password
from app.identity.retention import Limits, limits_at
from app.identity.rotation import Encrypted, keys_in_use, reseal
from app.identity.sessions import STREAM, end_sessions
from app.identity.vault import load_vault

OnDatabase = Callable[[Callable[..., None]], Callable[..., None]]
Delete = Callable[[Limits, datetime], int]
DeleteAgain = Callable[[Path, datetime], int]


def account_commands(with_database: OnDatabase) -> click.Group:
    """Return the group `accounts`: how the first administrators come in, and how one gets a new password."""
    roles = click.Choice([role.value for role in Role if role is not Role.SYSTEM])
    login = click.Argument(["login"])
    options = [
        login,
        click.Option(["--name"], required=True, help="姓名"),
        click.Option(["--role"], required=True, type=roles),
        click.Option(["--programme"], default="", help="方案代码；管理员不填"),
        click.Option(["--department"], default="", help="单位编码；管理员不填"),
        click.Option(["--staff"], default=None, help="人员编码；窗口人员必填"),
    ]
    commands = [
        click.Command("create", callback=with_database(_create), params=options, help="开立账号；密码从提示或标准输入读"),
        click.Command("password", callback=with_database(_password), params=[login], help="重设密码并启用账号，结束其全部登录"),
    ]
    return click.Group("accounts", commands=commands, help="账号：管理员只能在这里开立")


def _create(login: str, name: str, role: str, programme: str, department: str, staff: str | None) -> None:
    """Make an account."""
    password, now = _read_password(login), _now()
    with unit_of_work():
        new = NewAccount(login, name, Role(role), programme.lower(), department, staff)
        create_account(new, hash_password(password), _by(), now)
    click.echo(f"已开立 {login}。")


def _password(login: str) -> None:
    """Set a password anew."""
    password, now = _read_password(login), _now()
    with unit_of_work() as session:
        account = find_account(login)
        values = {"password_hash": hash_password(password), "is_active": True}
        session.execute(update(Account).where(Account.id == account.id).values(**values))
        record(STREAM, Act(_by(), "change_password", {"account": account.id}), now)
        end_sessions(account.id, now)
    click.echo(f"已重设 {login} 的密码。")


def _read_password(login: str) -> str:
    """Ask for a password, or take the first line of standard input; never from the command line, which others see."""
    if sys.stdin.isatty():
        password = str(click.prompt("密码", hide_input=True, confirmation_prompt="再输入一次"))
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    require_good_password(password, login)
    return password


def _by() -> str:
    return f"命令行（uid {os.getuid()}）"


def _now() -> datetime:
    with unit_of_work() as session:
        moment: datetime = current_app.extensions["bihuan"]["clock"].now(session.connection())
        return moment


def identity_commands(
    with_database: OnDatabase, columns: Callable[[], list[Encrypted]], delete_old: Delete, delete_again: DeleteAgain
) -> click.Group:
    """Return the group `identity`; what is sealed, and how it is deleted, comes from the composition root."""
    retire = click.Option(["--retire"], is_flag=True, help="停用已无数据使用的旧密钥")
    years = click.Option(["--older-than", "years"], type=click.IntRange(1, 50), default=None, help="统一按几年；不填按各类保存期")

    def rotate(retire: bool) -> None:
        _retire(columns()) if retire else _rotate(columns())

    def anonymise(years: int | None) -> None:
        click.echo(f"已删除 {run_deletion(delete_old, years)} 项超过保存期的个人信息。")

    def again() -> None:
        now = _now()
        with unit_of_work():
            lines = delete_again(current_app.extensions["bihuan"]["config"].deletion_file, now)
        click.echo(f"已按库外删除记录重新删除 {lines} 人，另删除 {run_deletion(delete_old, None)} 项超过保存期的个人信息。")

    commands = [
        click.Command("rotate-key", callback=with_database(rotate), params=[retire], help="换新密钥并重新加密；中断后重新运行"),
        click.Command("anonymise", callback=with_database(anonymise), params=[years], help="删除超过保存期的个人信息"),
        click.Command("delete-again", callback=with_database(again), help="从备份恢复以后，再删除一次此前删除的"),
    ]
    return click.Group("identity", commands=commands, help="评价人数据：密钥、保存期、删除")


def run_deletion(delete_old: Delete, years: int | None) -> int:
    """Delete what has been kept long enough, a transaction a batch; return how much it was."""
    now, done = _now(), 0
    while True:
        with unit_of_work():
            batch = delete_old(limits_at(now, years), now)
        if not batch:
            return done
        done += batch


def _key_file() -> Path:
    found: Path = current_app.extensions["bihuan"]["config"].key_file
    return found


def _rotate(columns: list[Encrypted]) -> None:
    """Add a key unless an earlier run is to be finished, and seal everything with it."""
    now = _now()
    with unit_of_work():
        begun = bool(keys_in_use(columns) - {max(load_vault(_key_file()).keys)})
    number = max(load_vault(_key_file()).keys) if begun else add_key(_key_file(), now)
    click.echo(f"{'继续上次，使用' if begun else '已启用'}第 {number} 号密钥。")
    done = sum(reseal_all(column) for column in columns)
    with unit_of_work():
        record(STREAM, Act(_by(), "rotate_key", {"key": number, "values": done}), now)
    click.echo(f"已重新加密 {done} 批数据。请把密钥文件 {_key_file()} 另行备份。")


def reseal_all(column: Encrypted) -> int:
    """Seal a column with the newest key, a transaction a batch; return how many batches there were."""
    vault, done = load_vault(_key_file()), 0
    after: tuple[Any, ...] | None = None
    while True:
        with unit_of_work():
            after = reseal(column, vault, after)
        if after is None:
            return done
        done += 1


def _retire(columns: list[Encrypted]) -> None:
    """Drop the keys that nothing is sealed with any more."""
    now = _now()
    with unit_of_work():
        used = keys_in_use(columns)
    keys = set(load_vault(_key_file()).keys)
    idle = keys - used - {max(keys)}
    if idle:
        drop_keys(_key_file(), idle, now)
        with unit_of_work():
            record(STREAM, Act(_by(), "retire_keys", {"keys": sorted(idle)}), now)
    kept: dict[str, Any] = {"停用": sorted(idle), "仍在使用": sorted(keys - idle)}
    click.echo("；".join(f"{name}：{'、'.join(map(str, numbers)) or '无'}" for name, numbers in kept.items()))
