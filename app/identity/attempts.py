"""Counting failed sign-ins, in the database: all processes share the counts.

A login from one source waits longer after each failure from the fifth on. So that
nobody is locked out by a stranger, a login as a whole and a source as a whole have
bounds of their own, much higher; a source from which the login has come in lately is
not held up by what others try elsewhere.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, or_, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert

from app.db import db, table_of
from app.identity.errors import SignInDelayed
from app.identity.models import SignInCount

# Five failures are mistakes of a person; from then on each next try waits twice as long, up to a quarter of an hour.
FREE_FAILURES = 5
SHORTEST_DELAY, LONGEST_DELAY = timedelta(seconds=30), timedelta(minutes=15)
# Of one login from everywhere, and of one source for all logins: an office behind one address mistypes often.
BOUND = 100
BOUND_DELAY = timedelta(minutes=5)
# After an hour without a failure the count begins anew.
FORGOTTEN_AFTER = timedelta(hours=1)
# As long as this a source is known for a login.
KNOWN_FOR = timedelta(days=30)

COUNTS = table_of(SignInCount)


@dataclass(frozen=True)
class Attempt:
    """One try to sign in. The login is a digest: what was typed may be a password in the wrong box."""

    login: str
    source: str


def begin_attempt(login: str, source: str, now: datetime) -> Attempt:
    """Take one's turn, and refuse who must wait.

    Tries of one login from one source take turns until their transactions end, so that a
    hundred at once are counted like a hundred one by one. Nobody else waits for them.

    Raises:
        SignInDelayed: it is too early to try again.
    """
    attempt = Attempt(_digest(login), source)
    turn = text("select pg_advisory_xact_lock(hashtextextended(:key, 7234))")
    db.session.execute(turn, {"key": f"{attempt.login}/{attempt.source}"})
    until = max(filter(None, map(_waits_until, _binding(attempt, now))), default=now)
    if until > now:
        seconds = int((until - now).total_seconds()) + 1
        raise SignInDelayed(f"失败次数过多，请 {seconds} 秒后再试。", retry_after=seconds)
    return attempt


def _digest(login: str) -> str:
    return hashlib.sha256(login.casefold().encode()).hexdigest()


def _binding(attempt: Attempt, now: datetime) -> list[SignInCount]:
    """Return the counts that hold this attempt up; not the login's own where it has come in from this source lately."""
    keys = [(attempt.login, attempt.source), (attempt.login, ""), ("", attempt.source)]
    found = db.session.scalars(select(SignInCount).where(tuple_(COUNTS.c.login, COUNTS.c.source).in_(keys)))
    rows = {(row.login, row.source): row for row in found.all()}
    own = rows.get(keys[0])
    if own is not None and own.succeeded_at is not None and now - own.succeeded_at < KNOWN_FOR:
        rows.pop((attempt.login, ""), None)
    return list(rows.values())


def _waits_until(count: SignInCount) -> datetime | None:
    """Return when the next try is looked at, or None when it may come at once."""
    if count.failed_at is None:
        return None
    if not (count.login and count.source):
        return count.failed_at + BOUND_DELAY if count.failures >= BOUND else None
    if count.failures < FREE_FAILURES:
        return None
    doubled = 1 << min(count.failures - FREE_FAILURES, 10)
    return count.failed_at + min(SHORTEST_DELAY * doubled, LONGEST_DELAY)


def count_failure(attempt: Attempt, now: datetime) -> None:
    """Count a failure for the login from here, for the login, and for the source; always in this order, against deadlocks."""
    is_old = or_(COUNTS.c.failed_at.is_(None), COUNTS.c.failed_at < now - FORGOTTEN_AFTER)
    values = {"failures": case((is_old, 1), else_=COUNTS.c.failures + 1), "failed_at": now}
    for login, source in ((attempt.login, attempt.source), (attempt.login, ""), ("", attempt.source)):
        fresh = insert(COUNTS).values(login=login, source=source, failures=1, failed_at=now)
        db.session.execute(fresh.on_conflict_do_update(index_elements=["login", "source"], set_=values))


def count_success(attempt: Attempt, now: datetime) -> None:
    """Let this login from this source begin anew, and know the source."""
    values = {"failures": 0, "failed_at": None, "succeeded_at": now}
    fresh = insert(COUNTS).values(login=attempt.login, source=attempt.source, **values)
    db.session.execute(fresh.on_conflict_do_update(index_elements=["login", "source"], set_=values))


def tidy_counts(now: datetime) -> None:
    """Forget counts that bind nobody any more."""
    idle = or_(COUNTS.c.failed_at.is_(None), COUNTS.c.failed_at < now - FORGOTTEN_AFTER)
    unknown = or_(COUNTS.c.succeeded_at.is_(None), COUNTS.c.succeeded_at < now - KNOWN_FOR)
    db.session.execute(delete(COUNTS).where(idle, unknown))
