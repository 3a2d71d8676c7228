"""What a row of the inbox tells beside its step: time left, the matter, the reviewer's own words. No personal data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ARRAY, ColumnElement, Date, String, and_, any_, bindparam, select

from app.cases import store
from app.cases.inbox import Entry, Horizon, Reviewed
from app.cases.rating import mask_words
from app.db import db
from app.deadlines.left import TimeLeft, time_left
from app.deadlines.limits import Unit
from app.identity.vault import Vault
from app.intake.models import Review, ServiceRecord
from app.intake.reasons import REASONS
from app.intake.served import ITEM_NAME, WINDOW_NAME, same_service
from app.programmes.versions import bundle_of


@dataclass(frozen=True)
class Line:
    """One row: the task, what is left of its limit, and what helps to choose what to do next. A complaint has no level."""

    entry: Entry
    left: TimeLeft
    item: str
    window: str
    words: str
    level: int | None
    reasons: tuple[str, ...]


class Matter(NamedTuple):
    """What was rated, and how, as a row tells it; of a complaint nothing is known here."""

    item: str = ""
    window: str = ""
    words: str = ""
    level: int | None = None
    reasons: tuple[str, ...] = ()


def describe(entries: Sequence[Entry], at: Horizon, vault: Vault) -> list[Line]:
    """Return the rows of a page of one programme's tasks, in their order; the cost is that of the page."""
    matters = _matters([entry.about for entry in entries], vault) if entries else {}
    return [Line(entry, _left(entry, at), *matters.get(entry.about, Matter())) for entry in entries]


def _left(entry: Entry, at: Horizon) -> TimeLeft:
    return time_left(
        entry.due_at,
        entry.last_day,
        Unit.WORKING_DAYS if entry.in_working_days else Unit.NATURAL_DAYS,
        at.now,
        store.calendar(bundle_of(entry.version).rules.calendar, at.newest),
        is_provisional=entry.is_provisional,
        is_supervised=entry.is_supervised,
    )


def _named(model: type[ServiceRecord | Review]) -> ColumnElement[bool]:
    days, records = bindparam("days", type_=ARRAY(Date)), bindparam("records", type_=ARRAY(String))
    return and_(model.served_on == any_(days), model.programme == bindparam("programme"), model.record == any_(records))


# Asked apart from the tasks, with the days of services and of reviews: joined to tasks, it would be planned
# for every month that has ever been, which takes twenty times as long as finding the rows.
MATTERS = (
    select(Review, ITEM_NAME, WINDOW_NAME)
    .join(ServiceRecord, and_(same_service(ServiceRecord, Review), _named(ServiceRecord)))
    .where(_named(Review))
)


def _matters(reviewed: Sequence[Reviewed], vault: Vault) -> dict[Reviewed, Matter]:
    """Return what cases of one programme are about: of each the review that opened it, its words as colleagues may read them."""
    days, programmes, records, *_ = zip(*reviewed, strict=True)
    named = {"days": sorted(set(days)), "programme": programmes[0], "records": list(records)}
    opening = set(reviewed)
    rows = [row for row in db.session.execute(MATTERS, named) if _key(row.Review) in opening]
    said = mask_words([row.Review for row in rows], vault)
    return {_key(row.Review): _matter(row.Review, row.item, row.window, words) for row, words in zip(rows, said, strict=True)}


def _key(review: Review) -> Reviewed:
    return review.served_on, review.programme, review.record, review.visit, review.sequence


def _matter(review: Review, item: str | None, window: str | None, words: str | None) -> Matter:
    reasons = tuple(REASONS.get(code, "已停用的选项") for code in review.reasons)
    return Matter(item or "", window or "", words or "", review.level, reasons)
