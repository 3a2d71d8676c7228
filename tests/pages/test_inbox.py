"""The inbox as a page: what is due first comes first, every choice stands in the address, nothing is shown of others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cases.conftest import OTHER, RATED, Driver, handling
from intake.conftest import Take, bad_review, record

from app.identity.actor import Role
from app.pages import inbox
from pages.conftest import Visit, text_of

Make = Callable[..., Driver]


@pytest.fixture
def two(make_case: Make) -> tuple[str, str]:
    """One case that is late and one that ends today."""
    late = handling(make_case)
    late.at("2025-04-02 09:00")
    today = handling(make_case)
    late.at("2025-04-03 09:00")
    return late.case.number, today.case.number


def test_rows_are_grouped_by_how_near_their_end_is(two: tuple[str, str], visit: Visit) -> None:
    said = text_of(visit().get("/inbox"))
    table = said[said.index("剩余时间") :]
    order = ["已超期", "超期 1 个工作日", two[0], "今日到期", "剩 15 小时", two[1]]
    assert sorted(order, key=table.index) == order


def test_the_tabs_do_not_overlap_and_add_up(two: tuple[str, str], visit: Visit) -> None:
    shown = {tab: text_of(visit().get(f"/inbox?due={tab}")) for tab in ("over", "today", "later")}
    assert [[tab for tab, said in shown.items() if number in said] for number in two] == [["over"], ["today"]]
    assert "全部 2 已超期 1 今日到期 1 以后 0" in shown["later"]
    assert "没有符合这些条件的待办" in shown["later"]


def test_the_moment_itself_is_late_and_todays_midnight_is_today(make_case: Make, visit: Visit) -> None:
    case = handling(make_case)
    case.at("2025-04-02 23:59")
    assert "今日到期 1" in text_of(visit().get("/inbox"))
    case.at("2025-04-03 00:00")
    assert "已超期 1 今日到期 0" in text_of(visit().get("/inbox?due=over"))


def test_one_narrows_to_a_step_and_to_what_one_answers_for(make_case: Make, visit: Visit) -> None:
    verifying, rectifying = handling(make_case), handling(make_case)
    rectifying.do("verify")
    said = text_of(visit().get("/inbox?step=verify"))
    assert verifying.case.number in said
    assert rectifying.case.number not in said
    assert "没有符合这些条件的待办" in text_of(visit(Role.HANDLER).get("/inbox?whose=mine"))
    assert verifying.case.number in text_of(visit(Role.HEAD, login=f"xs.{RATED}.head").get("/inbox?whose=mine"))


def test_pages_follow_each_other_without_a_gap(make_case: Make, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "ROWS", 2)
    numbers = [handling(make_case).case.number for _ in range(3)]
    first = visit().get("/inbox")
    following = first.text.split('href="/inbox?after=')[1].split('"')[0]
    second = text_of(visit().get(f"/inbox?after={following}"))
    assert [number in text_of(first) for number in numbers] == [True, True, False]
    assert [number in second for number in numbers] == [False, False, True]


def test_a_row_tells_the_matter_in_the_reviewers_words_with_no_name_in_them(
    catalogue: object, city: None, take: Take, visit: Visit
) -> None:
    take("records", record(programme="xs"))
    take("reviews", bad_review(programme="xs", writingEvaluation="我是欧阳甲乙，电话15410000001，等了两小时"))
    said = text_of(visit(Role.HANDLER, "xs-lead-jinghong").get("/inbox"))
    assert "异地就医备案" in said
    assert "1号窗口 “我是欧**，电话154****0001，等了两小时”" in said
    assert "非常不满意 服务态度差效率低" in said


def test_nothing_is_shown_of_another_department_and_markup_stays_text(make_case: Make, visit: Visit) -> None:
    case = handling(make_case)
    assert case.case.number not in visit(Role.HANDLER, OTHER).get("/inbox").text
    shown = visit().get("/inbox?step=<script>alert(1)</script>")
    assert (shown.status_code, "<script>alert" in shown.text) == (200, False)
    assert visit().get("/inbox?after=nonsense").status_code == 422
