"""Default reviews: exactly once, after the programme's days, and gone from the count when a real one comes (C7)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select

from app.cases.models import Case
from app.clock import VirtualClock
from app.db import db, unit_of_work
from app.intake.defaults import give_defaults
from app.intake.files import Report
from app.intake.models import Review
from app.jobs import work
from tests.intake.conftest import bad_review, record, review

Take = Callable[..., Report]
SILENT_UNTIL = "2025-04-08T23:59:59+08:00"
OVER = "2025-04-09T00:00:00+08:00"

pytestmark = [pytest.mark.usefixtures("catalogue"), pytest.mark.clause("C7")]


def at(clock: VirtualClock, moment: str) -> None:
    clock.set(datetime.fromisoformat(moment))


def reviews(**where: object) -> list[Review]:
    db.session.expire_all()
    return list(db.session.scalars(select(Review).filter_by(**where).order_by(Review.programme, Review.sequence)))


@pytest.mark.parametrize(("programme", "expected"), [("hk", 1), ("sx", 1), ("gc", 0), ("zb", 0), ("xs", 0)])
def test_who_says_nothing_for_seven_days_counts_as_basically_satisfied_where_the_notice_says_so(
    take: Take, clock: VirtualClock, programme: str, expected: int
) -> None:
    assert take("records", record(programme=programme)).refused == []
    at(clock, SILENT_UNTIL)
    assert work.give_defaults(clock) == 0
    at(clock, OVER)
    assert work.give_defaults(clock) == expected
    assert work.give_defaults(clock) == 0
    assert [(each.sequence, each.level, each.is_default, each.channel) for each in reviews()] == [
        (0, 3, True, "default")
    ] * expected


def test_a_service_that_was_reviewed_gets_no_default(take: Take, clock: VirtualClock) -> None:
    take("records", record(programme="hk"))
    take("reviews", review(programme="hk"))
    at(clock, OVER)
    assert work.give_defaults(clock) == 0


@pytest.mark.parametrize("real", [review, bad_review])
def test_a_real_review_that_comes_later_replaces_the_default_and_is_marked_late(
    take: Take, clock: VirtualClock, real: Callable[..., dict[str, str]]
) -> None:
    take("records", record(programme="hk"))
    at(clock, OVER)
    work.give_defaults(clock)
    report = take("reviews", real(programme="hk", assessTime="2025-04-09 08:00:00"))
    assert (report.added, report.refused) == (1, [])
    default, spoken = reviews()
    assert (default.is_default, default.level, default.replaced_at) == (True, 3, clock.moment)
    assert (spoken.sequence, spoken.is_late, spoken.is_default) == (1, True, False)
    cases = db.session.scalars(select(Case)).all()
    assert len(cases) == (1 if real is bad_review else 0)
    assert work.give_defaults(clock) == 0


def test_ten_jobs_and_a_reviewer_at_once_leave_one_default_at_most(database: Flask, take: Take, clock: VirtualClock) -> None:
    rows = [record(programme="hk", projectNo=f"P{n}") for n in range(40)]
    take("records", *rows)
    at(clock, OVER)
    barrier = Barrier(5)

    def give() -> int:
        with database.app_context():
            barrier.wait()
            with unit_of_work():
                return give_defaults(clock.moment)

    def speak() -> int:
        with database.app_context():
            barrier.wait()
            return take(
                "reviews", *(review(programme="hk", projectNo=f"P{n}", assessTime="2025-04-09 08:00:00") for n in range(40))
            ).added

    with ThreadPoolExecutor(5) as pool:
        given = [pool.submit(give) for _ in range(4)]
        spoken = pool.submit(speak)
        total = sum(each.result() for each in given)
    assert spoken.result() == 40
    assert total in {0, 40}
    assert len(reviews(is_default=True)) == total
    assert all(each.replaced_at is not None for each in reviews(is_default=True))
    assert len(reviews(is_default=False, is_late=True)) == 40


def test_a_default_from_the_province_is_taken_only_where_the_notice_knows_one(take: Take) -> None:
    take("records", record(programme="hk"), record(programme="gc"))
    silent = {"isdefault": "1", "satisfaction": "3", "evalDetail": "", "assessTime": "2025-04-09 00:10:00"}
    assert take("reviews", review(programme="hk", **silent)).added == 1
    assert take("reviews", review(programme="gc", **silent)).refused == [(1, "isdefault：本方案没有系统默认评价")]
    assert take("reviews", review(programme="hk", assessTime="2025-04-10 09:00:00")).added == 1
    late = take("reviews", review(programme="hk", **silent) | {"assessTime": "2025-04-11 09:00:00"})
    assert [reason[:8] for _, reason in late.refused] == ["本次服务已有评价"]
