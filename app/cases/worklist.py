"""What a row of the inbox tells beside its step: time left, the matter, the reviewer's own words. No personal data."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Date, Row, Select, String, and_, any_, bindparam, select

from app.calendars.queries import newest_of_all
from app.cases import store
from app.cases.inbox import Entry
from app.cases.limits import rule_from_json
from app.cases.models import Case, CaseDeadline, Instance, Task
from app.cases.outline import SUPERVISED
from app.cases.rating import mask_words
from app.db import db
from app.deadlines.left import TimeLeft, time_left
from app.identity.models import Account
from app.identity.vault import Vault
from app.intake.models import Review, ServiceRecord
from app.intake.reasons import REASONS
from app.intake.served import ITEM_NAME, SERVICE_KEY, WINDOW_NAME
from app.programmes.versions import bundle_of

# What tells a service, and with its sequence a review.
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Line:
    """One row: the task, and what of its case helps to choose what to do next. A complaint has no level and no reasons."""

    entry: Entry
    owner: str
    left: TimeLeft
    item: str
    window: str
    words: str
    level: int | None
    reasons: tuple[str, ...]


def describe(entries: Sequence[Entry], now: datetime, vault: Vault) -> list[Line]:
    """Return the rows of a page of one programme's inbox, in their order; the cost is that of the page.

    A step that was done since its task was listed is left out.
    """
    newest = newest_of_all()
    rows = {row.task: row for row in db.session.execute(TASKS, {"tasks": [entry.id for entry in entries]})}
    if not rows:
        return []
    services, said = _services(rows.values()), _said(rows.values(), vault)
    return [
        _line(entry, row, services.get(_service(row)), said.get(_review(row)), now, newest)
        for entry, row in ((entry, rows[entry.id]) for entry in entries if entry.id in rows)
    ]


# The limit of each of `tasks`, who has it, and what its case is about.
TASKS = (
    select(
        Task.id.label("task"), Instance.version, CaseDeadline.rule, CaseDeadline.last_day, CaseDeadline.is_provisional,
        SUPERVISED.label("is_supervised"), Account.name.label("owner"),
        Case.served_on, Case.programme, Case.record, Case.visit, Case.sequence,
    )
    .join(Case, Case.id == Task.case_id)
    .join(Instance, Instance.case_id == Task.case_id)
    .join(
        CaseDeadline,
        and_(CaseDeadline.case_id == Task.case_id, CaseDeadline.element == Task.element, CaseDeadline.status == "running"),
    )
    .outerjoin(Account, Account.login == Task.owner)
    .where(Task.id == any_(bindparam("tasks", type_=ARRAY(BigInteger))))
)  # fmt: skip


def _of_days(model: Any, *columns: Any) -> Select[Any]:
    """Return a query for the rows of `days`, `programme` and `records`.

    It is asked apart from the tasks and names the days: joined to them, it would be planned
    for every month that has ever been, which takes twenty times as long as finding the rows.
    """
    days, records = bindparam("days", type_=ARRAY(Date)), bindparam("records", type_=ARRAY(String))
    of_days = (model.served_on == any_(days), model.programme == bindparam("programme"), model.record == any_(records))
    return select(*columns).where(*of_days)


SERVICES = _of_days(ServiceRecord, *(getattr(ServiceRecord, name) for name in SERVICE_KEY), ITEM_NAME, WINDOW_NAME)
REVIEWS = _of_days(Review, Review)


def _services(rows: Collection[Row[Any]]) -> dict[Key, Row[Any]]:
    return {_service(row): row for row in db.session.execute(SERVICES, _about(rows))}


def _said(rows: Collection[Row[Any]], vault: Vault) -> dict[Key, tuple[Review, str]]:
    """Return the reviews that opened the cases, each with its words as colleagues may read them."""
    opened = {_review(row) for row in rows}
    reviews = [review for review in db.session.scalars(REVIEWS, _about(rows)) if _review(review) in opened]
    return {_review(review): (review, words or "") for review, words in zip(reviews, mask_words(reviews, vault), strict=True)}


def _about(rows: Collection[Row[Any]]) -> dict[str, Any]:
    [programme] = {row.programme for row in rows}
    return {"days": sorted({row.served_on for row in rows}), "programme": programme, "records": [row.record for row in rows]}


def _service(row: Any) -> Key:
    return tuple(getattr(row, name) for name in SERVICE_KEY)


def _review(row: Any) -> Key:
    return *_service(row), row.sequence


def _line(
    entry: Entry, row: Row[Any], service: Row[Any] | None, said: tuple[Review, str] | None, now: datetime, newest: int
) -> Line:
    calendar = store.calendar(bundle_of(row.version).rules.calendar, newest)
    left = time_left(
        entry.due_at,
        row.last_day,
        rule_from_json(row.rule).unit,
        now,
        calendar,
        is_provisional=row.is_provisional,
        is_supervised=row.is_supervised,
    )
    review, words = said or (None, "")
    return Line(
        entry,
        row.owner or entry.owner,
        left,
        (service and service.item) or "",
        (service and service.window) or "",
        words,
        review.level if review else None,
        tuple(REASONS.get(code, "已停用的选项") for code in review.reasons) if review else (),
    )
