"""Accounts for everybody in the made-up city; all share one password."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from app.db import unit_of_work
from app.demo.city import City
from app.demo.names import surname_and_given
from app.demo.places import Place, Town, towns
from app.identity.accounts import NewAccount, create_account
from app.identity.actor import Role
from app.identity.models import Account
from app.identity.passwords import hash_password
from app.programmes.versions import bundle_of, current_version

PASSWORD = "bihuan-demo-2025"  # noqa: S105  # printed by the demo, and of the demo alone
HANDLERS = 3
# Who can be tried, as the demo prints it: the post and a login.
SAMPLES = (
    ("牵头部门", "xs-lead-jinghong-1"),
    ("承办人", "xs-civil-1"),
    ("负责人", "xs-civil-head"),
    ("窗口人员", "xs-civil-window"),
    ("服务中心", "xs-affairs-centre-1"),
    ("领导", "xs-affairs-bureau-leader"),
    ("纪检监察", "xs-affairs-bureau-audit"),
    ("流程管理员", "xs-affairs-bureau-process"),
    ("12345话务员", "zb-complaint-centre-clerk"),
    ("系统管理员", "system-admin"),
    ("安全管理员", "security-admin"),
    ("审计管理员", "audit-admin"),
)
# The department of those accounts: the busiest, so that who tries the product finds work there every day.
TRIED = "xs-civil"
ADMINISTRATORS = {"system-admin": Role.SYSTEM_ADMIN, "security-admin": Role.SECURITY_ADMIN, "audit-admin": Role.AUDIT_ADMIN}


def make_accounts(city: City, at: datetime) -> list[NewAccount]:
    """Store the accounts that are missing, in one transaction; return all of them, for printing.

    The programmes must be published: their rules say which body is the superior.
    """
    password_hash = hash_password(PASSWORD)
    with unit_of_work() as session:
        there = set(session.scalars(select(Account.login)))
        wanted = [account for town in city.towns for account in accounts_of(town, superior_of(town))]
        wanted += [NewAccount(login, surname_and_given(login), role, "", "") for login, role in ADMINISTRATORS.items()]
        for account in wanted:
            if account.login not in there:
                create_account(account, password_hash, "demo", at)
    return wanted


def offered() -> dict[str, list[tuple[str, str]]]:
    """Return by each programme's name who can be tried there, post and login: one department's people and the bodies above."""
    return {bundle_of(current_version(town.programme)).rules.name: list(_offered(town)) for town in towns()}


def _offered(town: Town) -> Iterator[tuple[str, str]]:
    tried = next((place for place in town.rated if place.code == TRIED), town.rated[0])
    names = {place.code: place.name for place in town.places if place == tried or not place.is_rated}
    for account in accounts_of(town, superior_of(town)):
        is_another = account.role is Role.HANDLER and not account.login.endswith("-1")
        if account.department in names and not is_another:
            yield f"{names[account.department]} {account.role.label}", account.login


def superior_of(town: Town) -> str:
    """Return the body above a programme's overseer."""
    return bundle_of(current_version(town.programme)).rules.superior


def accounts_of(town: Town, superior: str) -> Iterator[NewAccount]:
    """Yield heads and handlers of all departments, who is rated at its window, and the posts beside them."""
    for place in town.places:
        yield _account(place, "head", Role.HEAD)
        for number in range(1, HANDLERS + 1):
            # The first handler answers for the tasks, so he is none of those who are rated.
            yield _account(place, str(number), Role.HANDLER, place.staff[number - 2] if number > 1 and place.staff else None)
        if place.code == superior:
            yield _account(place, "leader", Role.LEADER)
            yield _account(place, "audit", Role.AUDITOR)
            yield _account(place, "process", Role.PROCESS_OWNER)
        if place.staff:
            yield _account(place, "window", Role.WINDOW, place.staff[-1])
        if "12345" in place.name:
            yield _account(place, "clerk", Role.CLERK)


def _account(place: Place, suffix: str, role: Role, staff: str | None = None) -> NewAccount:
    login = f"{place.code}-{suffix}"
    return NewAccount(login, surname_and_given(staff or login), role, place.programme, place.code, staff)
