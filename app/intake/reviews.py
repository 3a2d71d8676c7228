"""Storing reviews. One service, one review and one later addition (C3); a bad one opens its case at once."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from app.db import table_of
from app.intake.batch import Batch, Row, Rows, add_rows, store_with_case
from app.intake.events import BadReviewReceived
from app.intake.files import Report, RowRefused
from app.intake.lateness import Lateness
from app.intake.models import Level, Review
from app.intake.old import old_columns, opens_case
from app.intake.profiles import profile
from app.intake.queries import Existing, RecordKey, Served, channel_groups, find_records, find_reviews
from app.intake.reasons import problem_with, read_reasons
from app.intake.voices import check_voice, is_voice, stand_ins, voice_key

REVIEWS = table_of(Review)
# What makes two rows the same review; the words are compared apart, since they are sealed.
CONTENT = ("level", "reasons", "channel", "is_anonymous", "is_default", "reviewed_at")
TWICE = "本次服务已存在评价，请勿重复评价"
NEITHER = "projectNo：必填；没有办件的，请写 voiceNo 和 deptCode"
ADDITION = 2


class Taker:
    """Reads the rows of one chunk of reviews in order; knows what is stored and what came before."""

    def __init__(self, rows: Rows, batch: Batch) -> None:
        self._batch = batch
        wanted = ((record_key(row), row["assessTime"]) for _, row in rows if row["projectNo"])
        self._records = find_records(wanted) | stand_ins(rows)
        self._reviews: Existing = find_reviews(self._records)
        self._channels = channel_groups(batch.rules)
        self._lateness = Lateness(batch.rules)

    def take(self, row: Row) -> Row:
        """Return the row's columns, or nothing for a review that is there already.

        Raises:
            RowRefused: no such service, wrong codes, not allowed, or another review of this service is there.
        """
        record = self._records.get(record_key(row))
        if record is None:
            raise RowRefused("projectNo：没有对应的服务数据" if row["projectNo"] else NEITHER)
        values = self._values(row, record)
        key = tuple(values[name] for name in ("programme", "record", "visit", "sequence"))
        if key in self._reviews:
            if not self._is_same(values, row["writingEvaluation"], self._reviews[key]):
                raise RowRefused(TWICE)
            return {}
        if values["sequence"] == ADDITION and (*key[:3], 1) not in self._reviews:
            raise RowRefused("assessNumber：没有首次评价，不能追加")
        self._reviews[key] = values
        return values

    def _values(self, row: Row, record: Served) -> Row:
        rules = self._batch.rules[row["programme"]]
        level, reasons = _level(row, rules.raw["profile"]), read_reasons(row["evalDetail"])
        anonymous, default = row["anonymityFlag"] == "1", row["isdefault"] == "1"
        channel, group = self._channel(row, rules.raw["profile"])
        _check(row, level, reasons, default, self._batch.is_old)
        if is_voice(row):
            check_voice(row, group)
        if anonymous and rules.raw.get("real_name", {}).get("required") and not self._batch.is_old:
            raise RowRefused("anonymityFlag：本方案实行实名评价")
        values = {
            "served_on": record.served_on, "programme": row["programme"], "record": record.record, "visit": record.visit,
            "sequence": row["assessNumber"] or 1, "level": int(level), "reasons": reasons, "channel": channel,
            "department": record.department, "staff": record.staff, "reviewer": None if anonymous else record.reviewer,
            "is_anonymous": anonymous, "is_default": default or group == "default",
            "is_late": self._is_late(row, record, group),
            "reviewed_at": row["assessTime"], "received_at": self._batch.now,
        }  # fmt: skip
        words = row["writingEvaluation"]
        sealed = {"words": self._batch.vault.seal(words, words_place(values)) if words else None}
        return values | sealed | old_columns(row, values, self._batch)

    def _is_late(self, row: Row, record: Served, group: str) -> bool:
        if self._batch.is_old:
            return False
        return self._lateness.is_late(row["programme"], record.served_on, group, row["assessTime"], self._batch.now)

    def _channel(self, row: Row, province: str) -> tuple[str, str]:
        """Return the channel and its group: a row of the catalogue, else what the province's code says (C4)."""
        if row["channel"]:
            group = self._channels.get((row["programme"], row["channel"]))
            if group is None:
                raise RowRefused(f"channel：名录里没有 {row['channel']}")
            return row["channel"], group
        name = profile(province).channels.get(row["pf"] or "")
        if name is None:
            raise RowRefused("pf：必填，须是本省代码表里的评价渠道；或在 channel 写名录里的渠道")
        return name, name

    def _is_same(self, values: Row, words: str | None, stored: Row) -> bool:
        if any(values[name] != stored[name] for name in CONTENT):
            return False
        sealed = stored["words"]
        return words == (self._batch.vault.open(sealed, words_place(values)) if sealed else None)


def store_reviews(rows: Rows, batch: Batch) -> None:
    """Store the good rows of a chunk; each bad one is refused alone.

    A bad review is stored later, in a transaction of its own that also opens its case.
    """
    taken = batch.each(rows, Taker(rows, batch).take)
    fresh = [(number, values) for number, values in taken if values]
    batch.report.known += len(taken) - len(fresh)
    bad = [(number, values) for number, values in fresh if opens_case(values)]
    _insert([values for _, values in fresh if not opens_case(values)], batch.report)
    batch.later.extend((number, partial(_store_bad, number, values, batch.report)) for number, values in bad)


def record_key(row: Row) -> RecordKey:
    """Return the service that a review is about; without a number it is the first."""
    if is_voice(row):
        return voice_key(row)
    return row["programme"], row["projectNo"], row["serviceNumber"] or 1


def words_place(review: Row) -> str:
    """Return the place for which a review's words are sealed."""
    return f"reviews.words.{review['programme']}/{review['record']}/{review['visit']}/{review['sequence']}"


def _level(row: Row, province: str) -> Level:
    levels = profile(province).levels
    if row["satisfaction"] not in levels:
        raise RowRefused(f"satisfaction：应为 {'、'.join(sorted(levels))} 之一")
    return Level(levels[row["satisfaction"]])


def _check(row: Row, level: Level, reasons: list[str], default: bool, is_old: bool) -> None:
    if level.is_bad and default:
        raise RowRefused("isdefault：差评不能是系统默认评价")
    if level.is_bad and not reasons and not row["writingEvaluation"] and not is_old:
        raise RowRefused("差评必须勾选详情或填写文字评价")
    if problem := problem_with(reasons, level):
        raise RowRefused(problem)


def _insert(values: list[Row], report: Report) -> None:
    if not values:
        return
    # Sorted, so that two imports at once take their locks in one order.
    rows = sorted(values, key=lambda row: (row["programme"], row["record"], row["visit"], row["sequence"]))
    added = add_rows(REVIEWS, rows)
    report.added += added
    report.known += len(rows) - added


def _store_bad(number: int, values: Row, report: Report, now: datetime) -> None:
    row = values | {"received_at": now}
    statement = insert(REVIEWS).values(**row).on_conflict_do_nothing().returning(REVIEWS.c.id)
    store_with_case(statement, lambda key: _event(key, row), number, report)


def _event(key: int, values: dict[str, Any]) -> BadReviewReceived:
    told = {each.name: values[each.name] for each in fields(BadReviewReceived) if each.name != "review"}
    return BadReviewReceived(review=key, **told)
