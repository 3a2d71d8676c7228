"""账号: who signs in and as what; made, changed and closed by the security administrator, read by the audit administrator."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.acts import in_one_act
from app.catalogue.queries import departments_by_programme
from app.db import unit_of_work
from app.errors import AppError
from app.http_errors import status_of
from app.identity.accounts import (
    NewAccount,
    Post,
    add_account,
    change_post,
    disable_account,
    enable_account,
    find_account,
    refusals,
    reset_password,
    search_accounts,
)
from app.identity.actor import ADMINISTRATORS, POSTS, Role
from app.identity.errors import AccountInvalid
from app.identity.rights import Right, may
from app.pages.guard import refuse_other_sites, shows
from app.paging import after_text, page
from app.request import current_actor

blueprint = Blueprint("page_accounts", __name__, template_folder="templates")
blueprint.before_request(refuse_other_sites)
ROWS = 50
# Administrators are made at the command line alone, and systems have tokens.
OFFERED = {role.value: label for role, label in POSTS.items() if role not in ADMINISTRATORS | {Role.SYSTEM}}
LONGEST = 200


@blueprint.get("/accounts")
@shows(Right.READ_ACCOUNTS)
def index() -> str:
    """List accounts, or those that hold some words."""
    words = request.args.get("q", "").strip()[:LONGEST]
    with unit_of_work():
        rows = search_accounts(g.actor, words, after_text(request.args.get("after")), ROWS + 1)
        departments = departments_by_programme()
    shown = page(rows, ROWS, lambda row: [row.login])
    return render_template(
        "accounts.html", rows=shown["items"], following=shown["next"], words=words, departments=departments, posts=POSTS
    )


@blueprint.get("/new-account")
@shows(Right.EDIT_ACCOUNTS)
def blank() -> str:
    """Show the form of a new account."""
    return _form()


@blueprint.post("/new-account")
@shows(Right.EDIT_ACCOUNTS)
def add() -> ResponseReturnValue:
    """Make an account with its first password."""
    login, name = (request.form.get(field, "").strip()[:LONGEST] for field in ("login", "name"))

    def work(now: datetime) -> None:
        if not (login and name):
            raise AccountInvalid("请填写登录名和姓名。")
        post = _post()
        new = NewAccount(login, name, post.role, post.programme, post.department, post.staff)
        add_account(g.actor, new, request.form.get("password", ""), now)

    try:
        in_one_act(work, {}, may_repeat=True)
    except AppError as error:
        return _form(error), status_of(error)
    return redirect(url_for("page_accounts.show", login=login, done="made"), 303)


def _form(wrong: AppError | None = None) -> str:
    with unit_of_work():
        departments = departments_by_programme()
    return render_template("account_new.html", roles=OFFERED, departments=departments, typed=request.form, wrong=wrong)


def _post() -> Post:
    """Return the post that was chosen; its department is named with its programme, `xs/civil`."""
    role, (programme, _, department) = request.form.get("role", ""), request.form.get("department", "").partition("/")
    if role not in OFFERED:
        raise AccountInvalid("请选择角色。")
    return Post(Role(role), programme, department, request.form.get("staff", "").strip()[:LONGEST] or None)


@blueprint.get("/accounts/<login>")
@shows(Right.READ_ACCOUNTS)
def show(login: str) -> str:
    """Show an account, and to who may change it, what can be changed."""
    return _show(login)


def _show(login: str, wrong: AppError | None = None, at: str = "") -> str:
    actor = current_actor()
    with unit_of_work():
        account, departments = find_account(login), departments_by_programme()
        why = refusals(actor, login) if may(actor, Right.EDIT_ACCOUNTS) else None
    return render_template(
        "account.html", account=account, why=why, roles=OFFERED, posts=POSTS, departments=departments, typed=request.form,
        wrong=wrong, at=at,
    )  # fmt: skip


@blueprint.post("/accounts/<login>/post")
@shows(Right.EDIT_ACCOUNTS)
def change(login: str) -> ResponseReturnValue:
    """Give an account another post."""
    return _act(login, "post", lambda now: change_post(g.actor, login, _post(), now))


@blueprint.post("/accounts/<login>/closure")
@shows(Right.EDIT_ACCOUNTS)
def close(login: str) -> ResponseReturnValue:
    """Close an account."""
    return _act(login, "close", lambda now: disable_account(g.actor, login, now))


@blueprint.post("/accounts/<login>/reopening")
@shows(Right.EDIT_ACCOUNTS)
def reopen(login: str) -> ResponseReturnValue:
    """Open a closed account again."""
    return _act(login, "reopen", lambda now: enable_account(g.actor, login, now))


@blueprint.post("/accounts/<login>/password")
@shows(Right.EDIT_ACCOUNTS)
def set_password(login: str) -> ResponseReturnValue:
    """Give somebody a new password; it is in no key of a form, so the act may be done again."""
    password = request.form.get("password", "")
    return _act(login, "password", lambda now: reset_password(g.actor, login, password, now), may_repeat=True)


def _act(login: str, at: str, work: Callable[[datetime], Any], *, may_repeat: bool = False) -> ResponseReturnValue:
    try:
        in_one_act(work, {}, may_repeat=may_repeat)
    except AppError as error:
        return _show(login, error, at), status_of(error)
    return redirect(url_for("page_accounts.show", login=login, done=at), 303)
