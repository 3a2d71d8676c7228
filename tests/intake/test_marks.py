"""How a review came and whom it rates: marks, duplicates, additions, typed cards, corrections."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from cases.conftest import person
from flask import Flask
from sqlalchemy import delete, select

from app.cases.errors import FormInvalid, NotYourTask
from app.cases.models import Case
from app.cases.rating import correct_rating, find_review, read_corrections, read_review
from app.cli import config
from app.clock import VirtualClock
from app.db import db, unit_of_work
from app.edge import perform
from app.identity.vault import load_vault
from app.intake.files import Report
from app.intake.models import RatingCorrection, Review, ServiceRecord, UncountedReview
from tests.intake.conftest import bad_review, record, review

Take = Callable[..., Report]
pytestmark = pytest.mark.usefixtures("catalogue", "served")


@pytest.fixture
def served(take: Take, catalogue: Report) -> None:
    assert take("records", *(record(programme=code) for code in ("zb", "xs"))).refused == []


def all_of(model: type[Any]) -> list[Any]:
    db.session.expire_all()
    return list(db.session.scalars(select(model)))


@pytest.mark.clause("C2")
def test_item_and_staff_are_rated_apart_and_either_bad_rating_opens_a_case(take: Take) -> None:
    report = take("reviews", review(staffSatisfaction="2"))
    assert (report.added, report.opened, report.refused) == (1, 1, [])
    (stored,) = all_of(Review)
    assert (stored.level, stored.staff_level, stored.window, stored.staff) == (5, 2, "w1", "s1")
    assert take("reviews", review(programme="xs", staffSatisfaction="9")).refused == [
        (1, "staffSatisfaction：应为 1、2、3、4、5 之一")
    ]


@pytest.mark.clause("C5")
@pytest.mark.parametrize(
    ("typed_by", "reason"), [("", "typedBy：评议卡和电话回访须写明录入人"), ("s1", "typedBy：不能由被评价人录入"), ("s2", None)]
)
def test_a_comment_card_is_typed_in_by_somebody_other_than_the_one_rated(take: Take, typed_by: str, reason: str | None) -> None:
    report = take("reviews", review(pf="", channel="card", typedBy=typed_by))
    assert report.refused == ([(1, reason)] if reason else [])
    assert [(each.marks, each.typed_by) for each in all_of(Review)] == ([] if reason else [(["card"], "s2")])


@pytest.mark.clause("C6")
def test_a_review_of_a_later_day_is_a_supplement_where_the_notice_knows_one(take: Take) -> None:
    later = {"assessTime": "2025-04-03 10:00:00", "helped": "1"}
    take("reviews", review(**later), review(programme="xs", **later))
    marks = {each.programme: (each.marks, each.is_late) for each in all_of(Review)}
    assert marks == {"zb": (["helped", "supplement"], False), "xs": (["helped"], False)}


@pytest.mark.clause("C3")
def test_a_second_channel_is_told_which_review_counts_and_kept_uncounted(take: Take) -> None:
    take("reviews", review())
    second = bad_review(pf="3", assessTime="2025-04-01 10:00:00")
    for _ in range(2):
        assert take("reviews", second).refused == [(1, "本次服务已有评价（2025-04-01 09:05，渠道 tablet），这一条留存不计")]
    (kept,) = all_of(UncountedReview)
    assert (kept.level, kept.channel, kept.record) == (1, "qr", "P1")
    assert all_of(Case) == []


@pytest.mark.clause("C3")
def test_twenty_channels_racing_for_one_service_have_one_effect(database: Flask, take: Take, clock: VirtualClock) -> None:
    barrier = Barrier(20)

    def speak(n: int) -> Report:
        with database.app_context():
            row = bad_review(pf=str(n % 5 + 1), writingEvaluation=f"第 {n} 个渠道", assessTime=f"2025-04-01 10:{n:02d}:00")
            barrier.wait()
            return take("reviews", row)

    with ThreadPoolExecutor(20) as pool:
        reports = list(pool.map(speak, range(20)))
    assert [sum(each.added for each in reports), sum(each.opened for each in reports)] == [1, 1]
    told = [reason for each in reports for _, reason in each.refused]
    assert len(told) == 19
    (stored,) = all_of(Review)
    assert all(stored.channel in reason and "留存不计" in reason for reason in told)
    assert (len(all_of(UncountedReview)), len(all_of(Case))) == (19, 1)


@pytest.mark.clause("C3")
@pytest.mark.parametrize(("moment", "taken"), [("2025-04-08 23:59:59", True), ("2025-04-09 00:00:00", False)])
def test_the_one_addition_comes_within_seven_days_of_the_review(take: Take, moment: str, taken: bool) -> None:
    take("reviews", review())
    report = take("reviews", bad_review(assessNumber="2", assessTime=moment))
    assert report.opened == int(taken)
    assert report.refused == ([] if taken else [(1, "assessNumber：追评须在首次评价后 7个自然日内")])
    assert not any(each.is_late for each in all_of(Review))


def test_a_review_survives_its_record(take: Take) -> None:
    take("reviews", bad_review())
    with unit_of_work() as session:
        session.execute(delete(ServiceRecord))
    assert (len(all_of(ServiceRecord)), len(all_of(Review)), len(all_of(Case))) == (0, 1, 1)
    vault = load_vault(config().key_file)
    assert read_review(all_of(Case)[0].id, vault)["words"] == "等了两个小时没有人理。"


def test_who_was_rated_is_put_right_by_the_overseer_alone_and_both_values_are_kept(take: Take, clock: VirtualClock) -> None:
    take("catalogue", {"programme": "xs", "kind": "staff", "code": "s2", "name": "另一位", "department": "rated"})
    take("reviews", bad_review(programme="xs"))
    case = all_of(Case)[0].id
    overseer, handler = person("xs", "xs-affairs-centre"), person("xs", "rated")
    with pytest.raises(NotYourTask):
        perform(case, handler, clock, lambda step: correct_rating(step, handler, "s2", "w1", "当天不是他"))
    with pytest.raises(FormInvalid):
        perform(case, overseer, clock, lambda step: correct_rating(step, overseer, "s9", "w1", "当天不是他"))
    perform(case, overseer, clock, lambda step: correct_rating(step, overseer, "s2", "w1", "当天不是他"))
    (kept,) = read_corrections(case)
    assert (kept["staff_before"], kept["staff_after"], kept["corrected_by"]) == ("s1", "s2", overseer.id)
    assert find_review(case).staff == "s1"
    assert all_of(Case)[0].rated_staff == "s2"
    perform(case, overseer, clock, lambda step: correct_rating(step, overseer, "s1", "w1", "查叫号记录，确是他"))
    assert [each.staff_before for each in all_of(RatingCorrection)] == ["s1", "s2"]
