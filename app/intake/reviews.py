"""Storing reviews. One service, one review and one later addition (C3); a bad one opens its case at once."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from functools import cached_property, partial
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from app.db import table_of
from app.intake.batch import Batch, Row, Rows, add_rows, store_with_case
from app.intake.defaults import DEFAULT, hold_defaults, replace_defaults
from app.intake.duplicates import keep_uncounted, reviewed_already
from app.intake.events import BadReviewReceived
from app.intake.files import RowRefused, refuse
from app.intake.lateness import CARD, Lateness
from app.intake.models import Level, Review
from app.intake.old import old_columns
from app.intake.profiles import profile
from app.intake.queries import Existing, RecordKey, Served, channel_groups, find_records, find_reviews
from app.intake.reasons import problem_with, read_reasons
from app.intake.showing import as_code
from app.intake.voices import check_voice, is_voice, stand_ins, voice_key

REVIEWS = table_of(Review)
KEY = ("programme", "record", "visit", "sequence")
# What makes two rows the same review; the words are compared apart, since they are sealed.
CONTENT = ("level", "staff_level", "reasons", "channel", "is_anonymous", "is_default", "reviewed_at")
NEITHER = "projectNo：必填；没有办件的，请写 voiceNo 和 deptCode"
FIRST, ADDITION = 1, 2
# Channels in which somebody of the office types what a person said.
TYPED = {CARD: "card", "callback": "phone"}


class Taker:
    """Reads the rows of one chunk of reviews in order; knows what is stored and what came before."""

    def __init__(self, rows: Rows, batch: Batch) -> None:
        self._batch = batch
        wanted = ((record_key(row), row["assessTime"]) for _, row in rows if row["projectNo"])
        self._records = find_records(wanted) | stand_ins(rows)
        self.reviews: Existing = find_reviews(self._records)
        self._lateness = Lateness(batch.rules)

    @cached_property
    def _channels(self) -> dict[tuple[str, str], str]:
        """The channels of the catalogue; not read for rows that name the province's."""
        return channel_groups(self._batch.rules)

    def take(self, row: Row) -> Row:
        """Return the row's columns, or nothing for a review that is there already.

        Raises:
            RowRefused: no such service, wrong codes, not allowed, or another review of this service is there.
        """
        record = self._records.get(record_key(row))
        if record is None or self._batch.only not in {None, record.department}:
            raise RowRefused("projectNo：没有对应的服务数据" if row["projectNo"] else NEITHER)
        values = self._values(row, record)
        key = tuple(values[name] for name in KEY)
        if values["sequence"] == DEFAULT and (*key[:3], FIRST) in self.reviews:
            raise reviewed_already(self.reviews[*key[:3], FIRST])
        if key in self.reviews:
            self.require_same(values, self.reviews[key])
            return {}
        if values["sequence"] == ADDITION:
            self._require_in_time(values, self.reviews.get((*key[:3], FIRST)))
        self.reviews[key] = values
        return values

    def require_same(self, values: Row, stored: Row) -> None:
        """Pass over a review that is there already; another one of the same service is kept uncounted.

        Raises:
            RowRefused: naming the one that counts.
        """
        if any(values[name] != stored[name] for name in CONTENT) or self._words(values) != self._words(stored):
            keep_uncounted(values, self._words(values), self._batch.vault)
            raise reviewed_already(stored)

    def _words(self, review: Row) -> str | None:
        sealed = review["words"]
        return self._batch.vault.open(sealed, words_place(review)) if sealed else None

    def _require_in_time(self, values: Row, first: Row | None) -> None:
        if first is None:
            raise RowRefused("assessNumber：没有首次评价，不能追加")
        end = self._lateness.addition_ends(values["programme"], first["reviewed_at"])
        if values["reviewed_at"] >= end.due_at:
            raise RowRefused(f"assessNumber：追评须在首次评价后 {self._batch.rules[values['programme']].addition.label}内")

    def _values(self, row: Row, record: Served) -> Row:
        rules = self._batch.rules[row["programme"]]
        level, reasons = _level(row, "satisfaction", rules.raw["profile"]), read_reasons(row["evalDetail"])
        channel, group = self._channel(row, rules.raw["profile"])
        anonymous, default = row["anonymityFlag"] == "1", row["isdefault"] == "1" or group == "default"
        _check(row, level, reasons, default, self._batch.is_old)
        if not self._batch.is_old:
            _check_default(default, row, rules.default_review is not None)
            _check_typing(row, group, record)
        if is_voice(row):
            check_voice(row, group)
        if anonymous and rules.raw.get("real_name", {}).get("required") and not self._batch.is_old:
            raise RowRefused("anonymityFlag：本方案实行实名评价")
        values = {
            "served_on": record.served_on, "programme": row["programme"], "record": record.record, "visit": record.visit,
            "sequence": DEFAULT if default else row["assessNumber"] or FIRST, "level": int(level),
            "staff_level": _staff_level(row, rules.raw["profile"]), "reasons": reasons, "channel": channel,
            "department": record.department, "window": record.window, "staff": record.staff,
            "reviewer": None if anonymous else record.reviewer, "is_anonymous": anonymous, "is_default": default,
            "is_late": self._is_late(row, record, group, default),
            "marks": self._marks(row, record, group), "typed_by": row["typedBy"], "replaced_at": None,
            "reviewed_at": row["assessTime"], "received_at": self._batch.now,
        }  # fmt: skip
        words = row["writingEvaluation"]
        sealed = {"words": self._batch.vault.seal(words, words_place(values)) if words else None}
        return values | sealed | old_columns(row, values, self._batch)

    def _is_late(self, row: Row, record: Served, group: str, default: bool) -> bool:
        """A default is never late, an old review had other rules, and an addition has a time of its own."""
        first = not default and row["assessNumber"] != ADDITION and not self._batch.is_old
        when = (row["programme"], record.served_on, group, row["assessTime"], self._batch.now)
        return first and self._lateness.is_late(*when)

    def _marks(self, row: Row, record: Served, group: str) -> list[str]:
        marks = {TYPED[group]} if group in TYPED else set()
        if group in {"phone", "hotline"}:
            marks.add("phone")
        if row["helped"] == "1":
            marks.add("helped")
        if self._lateness.is_supplement(row["programme"], record.served_on, row["assessTime"]):
            marks.add("supplement")
        return sorted(marks)

    def _channel(self, row: Row, province: str) -> tuple[str, str]:
        """Return the channel and its group: a row of the catalogue, else what the province's code says (C4)."""
        if row["channel"]:
            group = self._channels.get((row["programme"], row["channel"]))
            if group is None:
                raise RowRefused(f"channel：名录里没有 {as_code(row['channel'])}")
            return row["channel"], group
        name = profile(province).channels.get(row["pf"] or "")
        if name is None:
            raise RowRefused("pf：必填，须是本省代码表里的评价渠道；或在 channel 写名录里的渠道")
        return name, name


def store_reviews(rows: Rows, batch: Batch) -> None:
    """Store the good rows of a chunk; each bad one is refused alone.

    A bad review is stored later, in a transaction of its own that also opens its case.
    """
    hold_defaults()
    taker = Taker(rows, batch)
    taken = batch.each(rows, taker.take)
    fresh = [(number, values) for number, values in taken if values]
    batch.report.known += len(taken) - len(fresh)
    bad = [(number, values) for number, values in fresh if opens_case(values)]
    _insert([(number, values) for number, values in fresh if not opens_case(values)], taker, batch)
    batch.later.extend((number, partial(_store_bad, number, values, taker, batch)) for number, values in bad)


def opens_case(values: Row) -> bool:
    """Whether item or staff were rated with one of the two lowest levels (C1), and no old system has done with it."""
    rated = (values["level"], values["staff_level"])
    return not values["is_old"] and any(level is not None and Level(level).is_bad for level in rated)


def record_key(row: Row) -> RecordKey:
    """Return the service that a review is about; without a number it is the first."""
    if is_voice(row):
        return voice_key(row)
    return row["programme"], row["projectNo"], row["serviceNumber"] or 1


def words_place(review: Row) -> str:
    """Return the place for which a review's words are sealed."""
    return f"reviews.words.{review['programme']}/{review['record']}/{review['visit']}/{review['sequence']}"


def _level(row: Row, column: str, province: str) -> Level:
    levels = profile(province).levels
    if row[column] not in levels:
        raise RowRefused(f"{column}：应为 {'、'.join(sorted(levels))} 之一")
    return Level(levels[row[column]])


def _staff_level(row: Row, province: str) -> int | None:
    return int(_level(row, "staffSatisfaction", province)) if row["staffSatisfaction"] else None


def _check(row: Row, level: Level, reasons: list[str], default: bool, is_old: bool) -> None:
    if level.is_bad and default:
        raise RowRefused("isdefault：差评不能是系统默认评价")
    if level.is_bad and not reasons and not row["writingEvaluation"] and not is_old:
        raise RowRefused("差评必须勾选详情或填写文字评价")
    if problem := problem_with(reasons, level):
        raise RowRefused(problem)


def _check_default(default: bool, row: Row, has_rule: bool) -> None:
    if default and not has_rule:
        raise RowRefused("isdefault：本方案没有系统默认评价")
    if default and row["assessNumber"] == ADDITION:
        raise RowRefused("assessNumber：系统默认评价不能是追评")


def _check_typing(row: Row, group: str, record: Served) -> None:
    """What a person wrote or said is typed in by somebody, who is not the one rated. ZB 2 (r)."""
    if group not in TYPED:
        return
    if not row["typedBy"]:
        raise RowRefused("typedBy：评议卡和电话回访须写明录入人")
    if row["typedBy"] == record.staff:
        raise RowRefused("typedBy：不能由被评价人录入")


def _insert(rows: Rows, taker: Taker, batch: Batch) -> None:
    if not rows:
        return
    # Sorted, so that two imports at once take their locks in one order.
    values = sorted((row for _, row in rows), key=lambda row: tuple(row[name] for name in KEY))
    added = add_rows(REVIEWS, values)
    batch.report.added += added
    replace_defaults(values, taker.reviews, batch.now)
    if added < len(rows):
        _look_again(rows, added, taker, batch)


def _look_again(rows: Rows, added: int, taker: Taker, batch: Batch) -> None:
    """Find out which rows came second to another channel's while ours was on its way; those are kept uncounted."""
    stored = find_reviews_of([values for _, values in rows])
    refused = 0
    for number, values in rows:
        try:
            taker.require_same(values, stored[tuple(values[name] for name in KEY)])
        except RowRefused as error:
            refuse(batch.report, number, error)
            refused += 1
    batch.report.known += len(rows) - added - refused


def find_reviews_of(values: list[Row]) -> Existing:
    """Return what is stored for the services of some reviews, as it is now."""
    return find_reviews({(row["programme"], row["record"], row["visit"]): _served(row) for row in values})


def _served(row: Row) -> Served:
    return Served(*(row[name] for name in Served._fields))


def _store_bad(number: int, values: Row, taker: Taker, batch: Batch, now: datetime) -> None:
    hold_defaults()
    row = values | {"received_at": now}
    statement = insert(REVIEWS).values(**row).on_conflict_do_nothing().returning(REVIEWS.c.id)
    known = batch.report.known
    store_with_case(statement, lambda key: _event(key, row), number, batch.report)
    replace_defaults([row], taker.reviews, now)
    if batch.report.known > known:
        batch.report.known = known
        _look_again([(number, row)], 0, taker, batch)


def _event(key: int, values: dict[str, Any]) -> BadReviewReceived:
    told = {each.name: values[each.name] for each in fields(BadReviewReceived) if each.name not in {"review", "matter"}}
    return BadReviewReceived(review=key, **told)
