"""How content a reviewer is with what was done, by their own word; apart from the calls, and once a round. HK (六)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.audit.record import Act, record
from app.cases.models import Round
from app.db import db, table_of
from app.errors import Conflict
from app.identity.actor import REVIEWER
from app.revisits.models import RectificationRating

STREAM = "rectification-ratings"


class NothingToRate(Conflict):
    """What was done has not been told yet, or is rated already."""

    code = "nothing_to_rate"


def rate_rectification(case_id: int, level: int, now: datetime) -> None:
    """Keep how content the reviewer is with the newest round, once it is answered.

    Raises:
        NothingToRate: it is not answered yet, or was rated before.
    """
    number = ratable_round(case_id)
    row = {"case_id": case_id, "round": number, "level": level, "rated_at": now}
    statement = insert(table_of(RectificationRating)).values(row).on_conflict_do_nothing()
    if number is None or not db.session.execute(statement.returning(RectificationRating.round)).first():
        raise NothingToRate("整改结果还没有答复，或已经评过。")
    record(STREAM, Act(REVIEWER, "rate_rectification", {"case": case_id, "round": number, "level": level}), now)


def ratable_round(case_id: int) -> int | None:
    """Return the round that may be rated now: the newest, when it is answered and not rated."""
    query = select(Round.number, Round.answered_at).where(Round.case_id == case_id).order_by(Round.number.desc()).limit(1)
    newest = db.session.execute(query).first()
    if newest is None or newest.answered_at is None or newest.number in own_ratings(case_id):
        return None
    return int(newest.number)


def own_ratings(case_id: int) -> dict[int, int]:
    """Return what the reviewer said, by round."""
    query = select(RectificationRating.round, RectificationRating.level).where(RectificationRating.case_id == case_id)
    return {number: level for number, level in db.session.execute(query.order_by(RectificationRating.round))}
