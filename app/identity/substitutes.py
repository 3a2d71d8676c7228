"""Standing in for a colleague on leave: for days that are set, within the department, and on the record."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Row, bindparam, insert, or_, select, update
from sqlalchemy.orm import aliased

from app.audit.record import record
from app.clock import SHANGHAI
from app.db import db, table_of
from app.identity.accounts import works_with
from app.identity.actor import Actor, Role, act_of
from app.identity.errors import AccountNotFound, SubstitutionNotAllowed, SubstitutionNotFound
from app.identity.models import Account, Substitution
from app.identity.rights import Right, require_right
from app.identity.sessions import STREAM

# Longer than any leave of absence that should not end in handing the work over.
LONGEST = timedelta(days=60)

SUBSTITUTIONS = table_of(Substitution)


def appoint_substitute(
    actor: Actor, substitute_login: str, from_on: date, until_on: date, now: datetime, absent_login: str | None = None
) -> int:
    """Let a colleague of the same department stand in for the actor, first and last day included; return its number.

    A head may appoint for any colleague of the department (`absent_login`). A head's
    signature goes over only where a head appoints. It ends by itself.

    Raises:
        RightMissing: the role has no tasks to stand in for.
        AccountNotFound: there is no such colleague.
        SubstitutionNotAllowed: too long, past, overlapping, or a chain.
    """
    require_right(actor, Right.SUBSTITUTE)
    absent, substitute = _colleagues(actor, absent_login or actor.login, substitute_login)
    if str(absent.id) != actor.id and actor.role is not Role.HEAD:
        raise SubstitutionNotAllowed("只有负责人可以为同事指定代办人。")
    _require_days(from_on, until_on, now)
    _require_no_other(absent, substitute, from_on, until_on)
    row = {
        "absent": absent.id, "substitute": substitute.id, "from_on": from_on, "until_on": until_on,
        "is_by_head": actor.role is Role.HEAD, "appointed_by": actor.id, "appointed_at": now,
    }  # fmt: skip
    number: int = db.session.execute(insert(SUBSTITUTIONS).values(row).returning(SUBSTITUTIONS.c.id)).scalar_one()
    told = {"substitution": number, "absent": absent.id, "substitute": substitute.id}
    days = {"from_on": from_on.isoformat(), "until_on": until_on.isoformat()}
    record(STREAM, act_of(actor, "appoint_substitute", told | days), now)
    return number


def _colleagues(actor: Actor, absent: str, substitute: str) -> tuple[Account, Account]:
    """Lock both accounts, always in one order, so that two appointments at once see each other."""
    if actor.for_account is not None or absent == substitute:
        raise SubstitutionNotAllowed("代办人不能再委托他人，也不能委托自己。")
    query = select(Account).where(Account.login.in_([absent, substitute]), *works_with(actor)).order_by(Account.id)
    found = {account.login: account for account in db.session.scalars(query.with_for_update())}
    if len(found) < 2:
        raise AccountNotFound("本单位没有这位承办人。")
    return found[absent], found[substitute]


def _require_days(from_on: date, until_on: date, now: datetime) -> None:
    if not _today(now) <= from_on <= until_on:
        raise SubstitutionNotAllowed("代办须从今天或以后开始，且不早于开始日结束。")
    if until_on - from_on >= LONGEST:
        raise SubstitutionNotAllowed(f"代办最长 {LONGEST.days} 天；更久的请移交待办。")


def _require_no_other(absent: Account, substitute: Account, from_on: date, until_on: date) -> None:
    """Refuse a second substitute, and chains: who stands in is there, and who is away stands in for nobody."""
    query = select(Substitution.id).where(
        Substitution.ended_at.is_(None),
        Substitution.from_on <= until_on,
        Substitution.until_on >= from_on,
        or_(Substitution.absent.in_([absent.id, substitute.id]), Substitution.substitute == absent.id),
    )
    if db.session.scalar(query.limit(1)) is not None:
        raise SubstitutionNotAllowed("这段时间已有代办安排：不能有两位代办人，代办人不能也在休假，休假的人不能替人代办。")


def end_substitution(actor: Actor, substitution: int, now: datetime) -> None:
    """End a substitution before its last day: by the absent, the substitute, or the department's head.

    Raises:
        SubstitutionNotFound: there is none that runs, or it is not the actor's to end.
    """
    require_right(actor, Right.SUBSTITUTE)
    running = db.session.scalar(
        select(Substitution).where(Substitution.id == substitution, Substitution.ended_at.is_(None)).with_for_update()
    )
    if running is None or not _concerns(running, actor):
        raise SubstitutionNotFound("没有这项代办安排。")
    db.session.execute(update(Substitution).where(Substitution.id == substitution).values(ended_at=now))
    record(STREAM, act_of(actor, "end_substitution", {"substitution": substitution}), now)


def _concerns(running: Substitution, actor: Actor) -> bool:
    if actor.id in {str(running.absent), str(running.substitute)}:
        return True
    absent = db.session.get_one(Account, running.absent)
    return actor.role is Role.HEAD and (absent.programme, absent.department) == (actor.programme, actor.department)


def as_substitute(actor: Actor, login: str, now: datetime) -> Actor:
    """Return the actor as who stands in for a colleague today; nobody gets another id by it.

    The head's role goes over only where a head appointed.

    Raises:
        SubstitutionNotFound: not appointed, not today, or one of the two has left the department since.
    """
    row = _standing_in(actor, login, _today(now)) if actor.handles and actor.for_account is None else None
    if row is None:
        raise SubstitutionNotFound("您今天没有替这位同事代办的安排。")
    absent, is_by_head = row
    role = Role.HANDLER if absent.role == Role.HEAD and not is_by_head else Role(absent.role)
    return replace(actor, role=role, for_account=str(absent.id), for_staff=absent.staff)


def _standing_in(actor: Actor, login: str, today: date) -> Row[Account, bool] | None:
    """Return for whom an account stands in today, and whether a head appointed it."""
    query = (
        select(Account, Substitution.is_by_head)
        .join(Substitution, Substitution.absent == Account.id)
        .where(
            Account.login == login,
            Substitution.substitute == int(actor.id),
            Substitution.ended_at.is_(None),
            Substitution.from_on <= today,
            Substitution.until_on >= today,
            *works_with(actor),
        )
    )
    return db.session.execute(query).first()


def list_substitutions(actor: Actor, now: datetime) -> list[Substitution]:
    """Return what is arranged from today on in which the actor is absent or stands in."""
    mine = or_(Substitution.absent == int(actor.id), Substitution.substitute == int(actor.id))
    query = select(Substitution).where(mine, Substitution.ended_at.is_(None), Substitution.until_on >= _today(now))
    return list(db.session.scalars(query.order_by(Substitution.from_on, Substitution.id)))


ABSENT = (
    select(Account, Substitution.until_on)
    .join(Substitution, Substitution.absent == Account.id)
    .where(
        Substitution.substitute == bindparam("substitute"),
        Substitution.ended_at.is_(None),
        Substitution.from_on <= bindparam("today"),
        Substitution.until_on >= bindparam("today"),
    )
    .order_by(Account.name)
)


def list_absent(actor: Actor, now: datetime) -> list[tuple[Account, date]]:
    """Return for whom the actor stands in today, each with the last day of it."""
    rows = db.session.execute(ABSENT, {"substitute": int(actor.id), "today": _today(now)})
    return [(account, until) for account, until in rows]


class Arranged(NamedTuple):
    """A substitution with the names of both; `is_mine` where the actor may end it."""

    id: int
    absent: str
    substitute: str
    from_on: date
    until_on: date
    is_mine: bool


def list_arranged(actor: Actor, now: datetime) -> list[Arranged]:
    """Return what is arranged in the actor's department from today on."""
    absent, substitute = aliased(Account), aliased(Account)
    query = (
        select(Substitution, absent.name, substitute.name)
        .join(absent, absent.id == Substitution.absent)
        .join(substitute, substitute.id == Substitution.substitute)
        .where(absent.programme == actor.programme, absent.department == actor.department)
        .where(Substitution.ended_at.is_(None), Substitution.until_on >= _today(now))
        .order_by(Substitution.from_on, Substitution.id)
    )
    return [
        Arranged(each.id, away, other, each.from_on, each.until_on, _concerns(each, actor))
        for each, away, other in db.session.execute(query)
    ]


def _today(now: datetime) -> date:
    return now.astimezone(SHANGHAI).date()
