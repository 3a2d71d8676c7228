"""What a row of the inbox tells beside its step: time left, the matter, the reviewer's own words. No personal data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, select
from sqlalchemy.orm import aliased

from app.calendars.queries import newest_of_all
from app.cases import store
from app.cases.inbox import Entry
from app.cases.limits import rule_from_json
from app.cases.models import Case, CaseDeadline, Instance, Task
from app.cases.outline import SUPERVISED
from app.cases.rating import mask_words
from app.catalogue.models import CatalogueEntry
from app.db import db
from app.deadlines.left import TimeLeft, time_left
from app.identity.models import Account
from app.identity.vault import Vault
from app.intake.models import Review, ServiceRecord
from app.intake.reasons import REASONS
from app.programmes.versions import bundle_of


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
    """Return the rows of a page of the inbox, in their order; the cost is that of the page."""
    newest, tasks = newest_of_all(), [entry.id for entry in entries]
    found = {row.task: row for row in db.session.execute(_rows(), {"tasks": tasks})}
    return [_line(entry, found[entry.id], now, newest, vault) for entry in entries]


@cache
def _rows() -> Select[Any]:
    """Return the statement that finds, for each of `tasks`, its limit, the service, the review and their names."""
    item, window = aliased(CatalogueEntry), aliased(CatalogueEntry)
    service = and_(*_of_service(ServiceRecord))
    review = and_(*_of_service(Review), Review.sequence == Case.sequence)
    shown = (
        Task.id.label("task"), Instance.version, CaseDeadline.rule, CaseDeadline.last_day, CaseDeadline.is_provisional,
        SUPERVISED.label("is_supervised"), Account.name.label("owner"), item.name.label("item"), window.name.label("window"),
        Review,
    )  # fmt: skip
    return (
        select(*shown)
        .join(Case, Case.id == Task.case_id)
        .join(Instance, Instance.case_id == Task.case_id)
        .join(
            CaseDeadline,
            and_(CaseDeadline.case_id == Task.case_id, CaseDeadline.element == Task.element, CaseDeadline.status == "running"),
        )
        .outerjoin(Account, Account.login == Task.owner)
        .outerjoin(ServiceRecord, service)
        .outerjoin(Review, review)
        .outerjoin(item, and_(*_named(item, "item"), item.code == ServiceRecord.item))
        .outerjoin(window, and_(*_named(window, "window"), window.code == ServiceRecord.window))
        .where(Task.id.in_(bindparam("tasks", expanding=True)))
    )


def _of_service(model: Any) -> tuple[ColumnElement[bool], ...]:
    key = ("served_on", "programme", "record", "visit")
    return tuple(getattr(model, name) == getattr(Case, name) for name in key)


def _named(entry: Any, kind: str) -> tuple[ColumnElement[bool], ...]:
    return entry.programme == Case.programme, entry.kind == kind


def _line(entry: Entry, row: Row[Any], now: datetime, newest: int, vault: Vault) -> Line:
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
    review: Review | None = row.Review
    words = (mask_words(review, vault) if review else None) or ""
    reasons = tuple(REASONS.get(code, "已停用的选项") for code in review.reasons) if review else ()
    return Line(
        entry, row.owner or entry.owner, left, row.item or "", row.window or "", words, review.level if review else None, reasons
    )
