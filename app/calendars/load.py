"""Loading a notice: a new version of the calendar, beside all earlier ones."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.audit.record import Act, record
from app.calendars.models import CalendarDay, CalendarNotice
from app.calendars.notice import Notice
from app.calendars.queries import newest_notice

# Any constant will do, as long as every loading uses the same and nothing else does (the clock holds 7_230_115).
_LOAD_LOCK = 7_230_116


def load_notice(session: Session, notice: Notice, *, loaded_by: str, loaded_at: datetime) -> CalendarNotice:
    """Add a notice; from now on it speaks for its layer and year in place of the one before.

    Nothing is changed or deleted: deadlines keep the version they were reckoned with.
    A notice that says what the newest of its layer and year says is not added again;
    the loaded one is returned.
    """
    # Loadings wait for each other: ids must become visible in their order, or a
    # version that was already used would change its meaning.
    session.execute(select(func.pg_advisory_xact_lock(_LOAD_LOCK)))
    newest = newest_notice(session, notice.layer, notice.year)
    if newest is not None and newest.digest == notice.digest:
        return newest
    loaded = CalendarNotice(
        layer=notice.layer,
        area=notice.area,
        year=notice.year,
        known_from=notice.known_from,
        source=notice.source,
        digest=notice.digest,
        loaded_at=loaded_at,
        loaded_by=loaded_by,
    )
    session.add(loaded)
    session.flush()
    if notice.days:
        days = [{"notice_id": loaded.id, "day": day.day, "is_off": day.is_off, "name": day.name} for day in notice.days]
        session.execute(insert(CalendarDay), days)
    told = {"version": loaded.id, "layer": notice.layer, "year": notice.year, "digest": notice.digest}
    record("calendar", Act(loaded_by, "load", told), loaded_at)
    return loaded
