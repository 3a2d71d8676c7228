"""Accounts: made, changed and ended by the security administrator, who has no way to their own rights."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from app.audit.record import Act, record
from app.db import db
from app.identity.actor import ADMINISTRATORS, Actor, Role
from app.identity.attempts import begin_attempt, count_failure
from app.identity.errors import AccountInvalid, AccountNotFound, LoginTaken, NotYourOwn, SignInRefused
from app.identity.models import Account
from app.identity.passwords import hash_password, require_good_password, verify_password
from app.identity.rights import Right, require_right
from app.identity.sessions import STREAM, end_sessions

# Where wrong old passwords come from, for counting: whoever finds a screen unlocked may not guess on.
OWN_SESSION = "own session"
# Who works on tasks, as long as they have the account.
HANDLING = (Account.is_active.is_(True), Account.role.in_([Role.HANDLER.value, Role.HEAD.value]))


@dataclass(frozen=True)
class NewAccount:
    """Who is to sign in, and as what."""

    login: str
    name: str
    role: Role
    programme: str
    department: str
    staff: str | None = None


@dataclass(frozen=True)
class Post:
    """What an account is for: everything about it that gives rights."""

    role: Role
    programme: str
    department: str
    staff: str | None = None


def create_account(new: NewAccount, password_hash: str, by: str, at: datetime) -> int:
    """Store an account and record who made it; return its id. For commands and the demo: no right is asked.

    Raises:
        LoginTaken: the login is in use.
        AccountInvalid: see `require_fitting`.
    """
    require_fitting(Post(new.role, new.programme, new.department, new.staff))
    values = {
        "login": new.login, "name": new.name, "password_hash": password_hash, "role": new.role.value,
        "programme": new.programme, "department": new.department, "staff": new.staff, "created_at": at,
    }  # fmt: skip
    statement = insert(Account).values(**values).on_conflict_do_nothing(index_elements=["login"]).returning(Account.id)
    key = db.session.scalar(statement)
    if key is None:
        raise LoginTaken(f"登录名 {new.login} 已有人使用。")
    record(STREAM, Act(by, "create_account", {"account": key, "role": new.role.value, "department": new.department}), at)
    return key


def require_fitting(post: Post) -> None:
    """Refuse a post whose parts do not go together.

    Raises:
        AccountInvalid: an administrator with a programme, anybody else without one, window
            staff without a staff code, or a system, which has tokens and no account.
    """
    if post.role is Role.SYSTEM:
        raise AccountInvalid("部门系统用令牌接入，不开账号。")
    if post.role in ADMINISTRATORS and (post.programme or post.department or post.staff):
        raise AccountInvalid("管理员不属于任何方案和单位。")
    if post.role not in ADMINISTRATORS and not (post.programme and post.department):
        raise AccountInvalid("账号须写明方案和单位。")
    if post.role is Role.WINDOW and not post.staff:
        raise AccountInvalid("窗口人员账号须写明人员编码。")


def add_account(actor: Actor, new: NewAccount, password: str, now: datetime) -> int:
    """Make an account with its first password; return its id. Administrators are made at the command line alone.

    Raises:
        RightMissing, NotYourOwn, LoginTaken, AccountInvalid, PasswordTooShort, PasswordGuessable: see there.
    """
    require_right(actor, Right.EDIT_ACCOUNTS)
    _require_no_administrator(new.role)
    require_good_password(password, new.login)
    return create_account(new, hash_password(password), actor.id, now)


def _require_no_administrator(role: str) -> None:
    """An administrator who could make administrators would be all three of them."""
    if role in ADMINISTRATORS:
        raise NotYourOwn("管理员账号只能由系统运维人员在命令行开立和变更。")


def change_post(actor: Actor, login: str, post: Post, now: datetime) -> None:
    """Give an account another post; its sessions end, so that nobody goes on with rights they had.

    Raises:
        RightMissing, AccountNotFound, AccountInvalid: see there.
        NotYourOwn: the actor's own account, or an administrator's, or one that is to become one.
    """
    require_right(actor, Right.EDIT_ACCOUNTS)
    account = find_account(login)
    _require_other(actor, account)
    _require_no_administrator(account.role)
    _require_no_administrator(post.role)
    require_fitting(post)
    values = {"role": post.role.value, "programme": post.programme, "department": post.department, "staff": post.staff}
    _change(actor, account, "change_post", now, **values)
    end_sessions(account.id, now)


def _require_other(actor: Actor, account: Account) -> None:
    if str(account.id) in actor.persons:
        raise NotYourOwn("不能变更自己的账号。")


def _change(actor: Actor, account: Account, act: str, now: datetime, **values: Any) -> None:
    db.session.execute(update(Account).where(Account.id == account.id).values(**values))
    told = {name: value for name, value in values.items() if name in {"role", "programme", "department"}}
    record(STREAM, Act(actor.id, act, {"account": account.id} | told), now)


def disable_account(actor: Actor, login: str, now: datetime) -> None:
    """Close an account, an administrator's too, and end its sessions at once. It stays in the record.

    Raises:
        RightMissing, AccountNotFound: see there.
        NotYourOwn: nobody closes their own.
    """
    require_right(actor, Right.EDIT_ACCOUNTS)
    account = find_account(login)
    _require_other(actor, account)
    _change(actor, account, "disable_account", now, is_active=False)
    end_sessions(account.id, now)


def enable_account(actor: Actor, login: str, now: datetime) -> None:
    """Open a closed account again, with the post it had.

    Raises:
        RightMissing, AccountNotFound: see there.
        NotYourOwn: an administrator's, which is opened at the command line alone.
    """
    require_right(actor, Right.EDIT_ACCOUNTS)
    account = find_account(login)
    _require_no_administrator(account.role)
    _change(actor, account, "enable_account", now, is_active=True)


def reset_password(actor: Actor, login: str, password: str, now: datetime) -> None:
    """Give somebody a new password, and end their sessions.

    Raises:
        RightMissing, AccountNotFound, PasswordTooShort, PasswordGuessable: see there.
        NotYourOwn: an administrator's: who could set it could be that administrator.
    """
    require_right(actor, Right.EDIT_ACCOUNTS)
    account = find_account(login)
    _require_no_administrator(account.role)
    _set_password(actor, account, password, now)


def change_own_password(actor: Actor, old: str, new: str, now: datetime) -> None:
    """Change one's own password, knowing the old one; all sessions end, this one too.

    Raises:
        SignInRefused: the old password is wrong; counted like a failure to sign in.
        SignInDelayed: too many failures before.
        PasswordTooShort, PasswordGuessable: see there.
    """
    require_right(actor, Right.OWN_SESSION)
    account = db.session.get_one(Account, int(actor.id))
    attempt = begin_attempt(account.login, OWN_SESSION, now)
    if not verify_password(account.password_hash, old):
        count_failure(attempt, now)
        record(STREAM, Act(actor.id, "password_change_failed", {"account": account.id}), now)
        raise SignInRefused("原密码不对。")
    _set_password(actor, account, new, now)


def _set_password(actor: Actor, account: Account, password: str, now: datetime) -> None:
    require_good_password(password, account.login)
    _change(actor, account, "change_password", now, password_hash=hash_password(password))
    end_sessions(account.id, now)


def find_account(login: str) -> Account:
    """Return an account by its login, locked until the transaction ends.

    Raises:
        AccountNotFound: there is none.
    """
    account = db.session.scalar(select(Account).where(Account.login == login).with_for_update())
    if account is None:
        raise AccountNotFound(f"没有登录名为 {login} 的账号。")
    return account


def list_accounts(actor: Actor) -> list[Account]:
    """Return all accounts, by login.

    Raises:
        RightMissing: only the security and the audit administrator see them.
    """
    require_right(actor, Right.READ_ACCOUNTS)
    return list(db.session.scalars(select(Account).order_by(Account.login)))


def search_accounts(actor: Actor, words: str, after: str | None, limit: int) -> list[Account]:
    """Return accounts whose login, name or department contains some words, by login; `after` is the last login seen.

    Raises:
        RightMissing: see `list_accounts`.
    """
    require_right(actor, Right.READ_ACCOUNTS)
    holds = or_(*(column.icontains(words, autoescape=True) for column in (Account.login, Account.name, Account.department)))
    query = select(Account).where(holds, Account.login > (after or "")).order_by(Account.login)
    return list(db.session.scalars(query.limit(limit)))


def refusals(actor: Actor, login: str) -> dict[str, NotYourOwn | None]:
    """Return why each act on an account would be refused to an actor who may edit accounts, or None; by the act's name.

    Raises:
        AccountNotFound: there is none.
    """
    account = find_account(login)

    def why(*rules: Callable[[], None]) -> NotYourOwn | None:
        try:
            for rule in rules:
                rule()
        except NotYourOwn as error:
            return error
        return None

    other, ordinary = partial(_require_other, actor, account), partial(_require_no_administrator, account.role)
    return {"post": why(other, ordinary), "close": why(other), "reopen": why(ordinary), "password": why(ordinary)}


def names_of(accounts: Collection[str]) -> dict[str, str]:
    """Return the names behind ids of actors; jobs and systems have none of a person and are left out."""
    keys = [int(account) for account in accounts if account.isdecimal()]
    return {str(key): name for key, name in db.session.execute(select(Account.id, Account.name).where(Account.id.in_(keys)))}


def find_id(login: str) -> str | None:
    """Return the id under which an account acts, by its login; None when there is none."""
    key = db.session.scalar(select(Account.id).where(Account.login == login))
    return None if key is None else str(key)


COLLEAGUES = (
    select(Account)
    .where(Account.programme == bindparam("programme"), Account.department == bindparam("department"), *HANDLING)
    .order_by(Account.name, Account.login)
)


def list_colleagues(actor: Actor) -> Sequence[Account]:
    """Return who works on tasks in the actor's department, by name."""
    return db.session.scalars(COLLEAGUES, {"programme": actor.programme, "department": actor.department}).all()


def find_colleague(actor: Actor, login: str) -> Account:
    """Return somebody who works on tasks in the actor's department.

    Raises:
        AccountNotFound: there is no such colleague.
    """
    found = db.session.scalar(select(Account).where(Account.login == login, *works_with(actor)))
    if found is None:
        raise AccountNotFound("本单位没有这位承办人。")
    return found


def works_with(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on an active account of the actor's department that works on tasks."""
    return Account.programme == actor.programme, Account.department == actor.department, *HANDLING
