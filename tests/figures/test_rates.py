"""The figures of a month, beside what was counted by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from cases.conftest import OTHER, RATED, Driver, handling, to_revisit
from intake.conftest import Take, bad_review, record
from sqlalchemy import select

from app.cases.models import Case
from app.clock import SHANGHAI, VirtualClock
from app.db import db
from app.figures.months import Month
from app.figures.rates import Share, causes, figures_of, fixed_by_revisits, in_time, verified_reviews

Make = Callable[..., Driver]
APRIL = Month(2025, 4)
TENTH = datetime.fromisoformat("2025-04-10T09:00:00+08:00")


@pytest.fixture
def reviewed(city: None, catalogue: object, take: Take, clock: VirtualClock) -> list[Driver]:
    """Five services of 1 April in ZB: four reviewed badly, each for a reason more than the one before; one of March."""
    numbers = ("P1", "P2", "P3", "P4", "P5")
    take(
        "records",
        *(
            record(programme="zb", projectNo=number, certKey=f"99000119800101{n:04d}", mobile=f"1541000000{n + 2}")
            for n, number in enumerate(numbers)
        ),
    )
    take(
        "records",
        record(
            programme="zb",
            projectNo="M1",
            acceptDate="2025-03-31 08:50:00",
            resultDate="2025-03-31 09:00:00",
            serviceTime="2025-03-31 09:00:00",
        ),
    )
    reasons = ("115", "115,113", "115,113,109", "110")
    take(
        "reviews",
        *(bad_review(programme="zb", projectNo=number, evalDetail=why) for number, why in zip(numbers, reasons, strict=False)),
    )
    cases = [Driver(key, "zb", clock) for key in db.session.scalars(select(Case.id).order_by(Case.id))]
    for case in cases:
        case.do(next(iter(case.open_tasks())), department="rated")
    return cases


def test_only_what_was_found_true_and_not_voided_is_verified(reviewed: list[Driver]) -> None:
    true, partly, false, voided = reviewed
    true.do("verify", truth="true")
    partly.do("verify", truth="partly")
    false.do("verify", truth="false", responsibility="none", handling="unsubstantiated")
    assert verified_reviews("zb", APRIL) == Share(2, 5)
    assert verified_reviews("zb", APRIL).in_ten_thousand == 4000
    assert verified_reviews("zb", Month(2025, 3)) == Share(0, 1)
    assert verified_reviews("xs", APRIL).in_ten_thousand is None
    assert causes("zb", APRIL) == [("服务态度差效率低", 2), ("多头跑窗口和部门", 1)]
    voided.do("verify", truth="true", handling="claim")
    assert verified_reviews("zb", APRIL) == Share(3, 5)
    while voided.case.voided_at is None:
        voided.do(next(iter(voided.open_tasks())), ground="insult")
    assert verified_reviews("zb", APRIL) == Share(2, 5)


def test_fixed_is_what_those_say_who_were_reached(make_case: Make, clock: VirtualClock) -> None:
    fixed, unfixed, later = (to_revisit(make_case("hk")) for _ in range(3))
    fixed.do("revisit", result="fixed")
    unfixed.do("revisit", result="not_fixed")
    clock.set(datetime(2025, 4, 30, 23, 59, 59, tzinfo=SHANGHAI))
    assert fixed_by_revisits("hk", APRIL) == Share(1, 2)
    clock.set(datetime(2025, 5, 1, tzinfo=SHANGHAI))
    later.do("revisit", result="fixed")
    assert fixed_by_revisits("hk", APRIL) == Share(1, 2)
    assert fixed_by_revisits("hk", APRIL.plus(1)) == Share(1, 1)


def test_a_case_is_in_time_when_all_its_limits_of_the_month_were_kept(make_case: Make, clock: VirtualClock) -> None:
    kept, late, lying = to_revisit(make_case("hk")), handling(make_case, "hk"), make_case("hk", department=OTHER)
    clock.set(datetime.fromisoformat("2025-04-03T12:00:00+08:00"))
    kept.do("revisit", result="fixed")
    # 核实 had two working days, 2 and 3 April; the fourth is a holiday.
    clock.set(datetime.fromisoformat("2025-04-04T00:00:00+08:00"))
    late.do("verify")
    for each in (late, lying):
        each.tick()
    assert in_time("hk", [Month(2025, 3), APRIL], TENTH) == {Month(2025, 3): Share(0, 0), APRIL: Share(1, 3)}
    forwarder = lying.open_tasks()["forward"].department
    shown = figures_of("hk", APRIL, TENTH)
    assert {each.name: (each.share, each.overdue) for each in shown.departments} == {
        RATED: (Share(1, 2), 1),
        forwarder: (Share(2, 3), 1),
    }


def test_a_step_done_at_the_last_instant_is_in_time_and_at_the_next_it_is_not(make_case: Make, clock: VirtualClock) -> None:
    case, other = handling(make_case, "hk"), handling(make_case, "hk")
    clock.set(datetime(2025, 4, 3, 23, 59, 59, 999999, tzinfo=SHANGHAI))
    case.do("verify")
    midnight = datetime(2025, 4, 4, tzinfo=SHANGHAI)
    assert in_time("hk", [APRIL], clock.moment)[APRIL] == Share(2, 2)  # 转办 alone had to be done by then
    assert in_time("hk", [APRIL], midnight)[APRIL] == Share(1, 2)
    other.tick()


def test_what_was_withdrawn_before_its_end_had_no_limit(make_case: Make, clock: VirtualClock) -> None:
    main = handling(make_case, "zb", record="R9")
    make_case("zb", record="R9", visit=2)
    main.do("verify", handling="claim", truth="false", responsibility="none")
    while main.case.voided_at is None:
        main.do(next(iter(main.open_tasks())), ground="insult")
    shown = in_time("zb", [APRIL], TENTH)[APRIL]
    assert shown.whole == 1  # the linked one, whose reviewer is to be told


def test_late_in_two_months_is_late_again(make_case: Make, clock: VirtualClock) -> None:
    for day in ("2025-02-10", "2025-03-10", "2025-04-07"):
        clock.set(datetime.fromisoformat(f"{day}T09:00:00+08:00"))
        handling(make_case, "hk", department=RATED)
    make_case("hk", department=OTHER)
    clock.set(datetime.fromisoformat("2025-04-30T09:00:00+08:00"))
    again = figures_of("hk", APRIL, clock.moment).again
    assert [(each.name, [str(month) for month in each.months]) for each in again] == [(RATED, ["2025-02", "2025-03", "2025-04"])]
    assert figures_of("hk", Month(2025, 2), clock.moment).again == []


def test_months_are_read_and_counted() -> None:
    assert Month.read("2025-04") == APRIL
    assert [Month.read(text) for text in ("2025-13", "2025-4", "", "25-04", "2025-04-01")] == [None] * 5
    assert (APRIL.plus(-4), APRIL.plus(9)) == (Month(2024, 12), Month(2026, 1))
    assert [str(each) for each in APRIL.back(3)] == ["2025-02", "2025-03", "2025-04"]
    assert Month.of(datetime.fromisoformat("2025-03-31T16:00:00+00:00")) == APRIL
