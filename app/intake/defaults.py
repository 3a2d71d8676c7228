"""Default reviews: who has not spoken within the programme's days counts as 基本满意, marked, exactly once (C7).

HK (二), SX 八. A real review that comes later replaces the default and is marked late; the
default stays on record.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, exists, literal, select, text, update
from sqlalchemy.dialects.postgresql import insert

from app.clock import SHANGHAI
from app.db import db, table_of
from app.intake.models import Level, Review, ServiceRecord
from app.programmes.models import Programme
from app.programmes.rules import Rules
from app.programmes.versions import bundle_of

# The sequence of a default: before the first review, so that a real one never meets its key.
DEFAULT = 0
# Whoever stores a review holds this lock shared, whoever gives out defaults takes it alone.
DEFAULTS_LOCK = 7234
# Records may come in late; older services than this get no default any more.
REACH = timedelta(days=60)
HOLD = text("select pg_advisory_xact_lock_shared(:key)")
REVIEWS, RECORDS = table_of(Review), table_of(ServiceRecord)
REPLACE = (
    update(REVIEWS)
    .where(
        REVIEWS.c.served_on == bindparam("day"),
        REVIEWS.c.programme == bindparam("code"),
        REVIEWS.c.record == bindparam("number"),
        REVIEWS.c.visit == bindparam("turn"),
        REVIEWS.c.sequence == DEFAULT,
        REVIEWS.c.replaced_at.is_(None),
    )
    .values(replaced_at=bindparam("now"))
)


def hold_defaults() -> None:
    """Keep defaults from being given out until this transaction ends: what it stores is seen by the next that does."""
    db.session.connection().execute(HOLD, {"key": DEFAULTS_LOCK})


def replace_defaults(values: Iterable[dict[str, Any]], stored: dict[tuple[Any, ...], dict[str, Any]], now: datetime) -> None:
    """Mark the defaults that real reviews have replaced; a default itself never becomes real."""
    rows = [
        {"day": row["served_on"], "code": row["programme"], "number": row["record"], "turn": row["visit"], "now": now}
        for row in values
        if row["sequence"] != DEFAULT and (row["programme"], row["record"], row["visit"], DEFAULT) in stored
    ]
    if rows:
        db.session.connection().execute(REPLACE, rows)


def give_defaults(now: datetime) -> int:
    """Give every service of the programmes with that rule its default, once its days are over; return how many."""
    db.session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": DEFAULTS_LOCK})
    given = 0
    for programme in db.session.scalars(select(Programme).order_by(Programme.code)):
        rules = bundle_of(programme.version).rules
        if rules.default_review is not None:
            given += _give(rules, _last_day(rules, now), now)
    return given


def _last_day(rules: Rules, now: datetime) -> date:
    """Return the newest day of service whose natural days are over: the day after the last one has begun."""
    if rules.default_review is None:
        raise ValueError(rules.code)
    return now.astimezone(SHANGHAI).date() - timedelta(days=rules.default_review.n + 1)


def _give(rules: Rules, last_day: date, now: datetime) -> int:
    same = [REVIEWS.c[name] == RECORDS.c[name] for name in ("served_on", "programme", "record", "visit")]
    silent = (
        select(*_columns(now))
        .where(RECORDS.c.programme == rules.code, RECORDS.c.served_on.between(last_day - REACH, last_day))
        .where(~exists().where(*same))
        .order_by(RECORDS.c.served_on, RECORDS.c.record, RECORDS.c.visit)
    )
    names = [column.name for column in silent.selected_columns]
    statement = insert(REVIEWS).from_select(names, silent).on_conflict_do_nothing()
    return int(db.session.execute(statement.execution_options(preserve_rowcount=True)).rowcount)  # type: ignore[attr-defined]


def _columns(now: datetime) -> list[Any]:
    copied = [RECORDS.c[name] for name in ("served_on", "programme", "record", "visit", "department", "window", "staff")]
    fixed = {
        "sequence": DEFAULT, "level": int(Level.BASICALLY), "reasons": [], "channel": "default", "is_anonymous": False,
        "is_default": True, "is_late": False, "marks": [], "reviewed_at": now, "received_at": now,
    }  # fmt: skip
    return [*copied, *(literal(value, REVIEWS.c[name].type).label(name) for name, value in fixed.items())]
