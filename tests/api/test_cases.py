"""Cases through the API: what is shown, what an act answers, and that what is not yours is not there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cases.conftest import OTHER, RATED, Driver, filled, handling
from sqlalchemy import select

from api.conftest import As
from app.cases.models import Task
from app.db import db
from app.identity.actor import Role

LEAD, CENTRE = "xs-lead-prefecture", "xs-affairs-centre"
Make = Callable[..., Driver]


def form_of(case: Driver, element: str, **entered: object) -> dict[str, object]:
    found: list[dict[str, object]] = []
    case.act(lambda step: found.append(filled(step.node(element).form, entered)))
    return {"form": found[0]}


def test_a_bad_review_is_driven_from_filing_to_its_report_through_the_api(make_case: Make, as_: As) -> None:
    case = make_case("xs")
    number = case.case.number
    steps = (
        ("forward", LEAD, {"department": RATED}),
        ("verify", RATED, {"truth": "true", "responsibility": "unit", "handling": "clear"}),
        ("rectify_clear", RATED, {}),
        ("answer", RATED, {"outcome": "answered"}),
        ("report", RATED, {}),
    )
    for element, department, entered in steps:
        caller = as_(Role.HEAD, department)
        inbox = caller.get("/inbox").json
        assert inbox["items"][0]["element"] == element
        answer = caller.post(f"/cases/{number}/tasks/{element}/submission", form_of(case, element, **entered))
        assert (answer.status_code, answer.json["number"]) == (201, number)
    shown = as_(Role.HEAD, RATED).get(f"/cases/{number}").json
    assert shown["status"] == "closed"
    assert [task["element"] for task in shown["tasks"]][:5] == [element for element, _, _ in steps]
    assert shown["rounds"][0]["answer"] == "answered"


def test_a_limit_shows_every_day_it_counts_and_the_clause(make_case: Make, as_: As) -> None:
    case = make_case("xs")
    (limit,) = as_(Role.HANDLER, LEAD).get(f"/cases/{case.case.number}/deadlines").json
    assert (limit["element"], limit["clause"], limit["last_day"]) == ("forward", "XS 一(二)1", "2025-04-03")
    assert limit["reckoning"]["counted"] == ["2025-04-02", "2025-04-03"]
    assert "截止：2025-04-03 周四 24:00前" in limit["explanation"]


def test_what_is_not_yours_answers_as_if_it_were_not_there(make_case: Make, as_: As) -> None:
    case = handling(make_case, "xs")
    number, stranger = case.case.number, as_(Role.HANDLER, OTHER)
    for path in ("", "/timeline", "/deadlines", "/review", "/appeals", "/revisits", "/rated", "/tasks/verify"):
        theirs, none = stranger.get(f"/cases/{number}{path}"), stranger.get(f"/cases/XS-2025-999999{path}")
        assert (theirs.status_code, none.status_code) == (404, 404)
        assert theirs.json["code"] == none.json["code"] == "case_not_found"
    assert stranger.get("/cases").json == {"items": [], "next": None}
    body = form_of(case, "verify", truth="true", responsibility="unit", handling="clear")
    assert stranger.post(f"/cases/{number}/tasks/verify/submission", body).status_code == 404
    assert as_(Role.HANDLER, LEAD).post(f"/cases/{number}/tasks/verify/submission", body).json["code"] == "not_your_task"


def test_pages_follow_one_another_while_rows_arrive(make_case: Make, as_: As) -> None:
    numbers = [make_case("xs").case.number for _ in range(5)]
    caller, seen, cursor = as_(Role.LEADER, CENTRE), [], ""
    while cursor is not None:
        found = caller.get(f"/cases?limit=2{cursor and '&cursor=' + cursor}").json
        seen += [each["number"] for each in found["items"]]
        make_case("xs")
        cursor = found["next"]
    assert seen == sorted(numbers, reverse=True)


@pytest.mark.clause("P3")
def test_the_inbox_of_whoever_is_rated_holds_no_trace_of_the_case(make_case: Make, as_: As) -> None:
    handling(make_case, "xs", staff="s1")
    colleague, rated = as_(Role.HANDLER, RATED, staff="s2"), as_(Role.HANDLER, RATED, staff="s1")
    assert (len(colleague.get("/inbox").json["items"]), colleague.get("/inbox/counts").json["open"]) == (1, 1)
    assert (rated.get("/inbox").json["items"], rated.get("/inbox/counts").json["open"]) == ([], 0)


def test_the_inbox_is_sorted_by_what_is_due_first_and_pages_by_cursor(make_case: Make, as_: As) -> None:
    late = make_case("xs")
    late.at("2025-04-02 09:00")
    for _ in range(3):
        make_case("xs")
    caller, seen, cursor = as_(Role.HANDLER, LEAD), [], ""
    while cursor is not None:
        found = caller.get(f"/inbox?limit=2{cursor and '&cursor=' + cursor}").json
        seen += [each["number"] for each in found["items"]]
        cursor = found["next"]
    assert seen[0] == late.case.number
    assert len(set(seen)) == 4
    late.at("2025-04-04 09:00")
    assert as_(Role.HANDLER, LEAD).get("/inbox/counts").json == {
        "open": 4, "overdue": 1, "today": 0, "soon": 3, "later": 0, "provisional": 0,
    }  # fmt: skip


def test_a_task_keeps_the_moment_of_its_deadline_also_when_that_moves(make_case: Make, as_: As) -> None:
    case = handling(make_case, "xs")
    case.do("verify", handling="complex")
    (task,) = db.session.scalars(select(Task).where(Task.case_id == case.case_id, Task.status == "open"))
    before = task.due_at
    asked = {"reason": "等待上级批复", "explained": "已电话说明"}
    assert as_(Role.HANDLER, RATED).post(f"/cases/{case.case.number}/extension", asked).status_code == 201
    case.do("rule_extension", granted=True, days=2)
    moved = case.open_tasks()["rectify_complex"].due_at
    assert (moved - before).days >= 2


def test_an_act_answers_how_the_case_stands_in_words_of_the_description(make_case: Make, as_: As) -> None:
    case = make_case("zb", is_anonymous=True)
    number, seen = case.case.number, []
    centre = next(iter(case.open_tasks().values())).department
    for element, department, entered in (
        ("forward", centre, {"department": RATED}),
        ("verify", RATED, {"truth": "true", "responsibility": "unit", "handling": "clear"}),
        ("rectify_clear", RATED, {}),
        ("answer", RATED, {"outcome": "unanswerable"}),
    ):
        path = f"/cases/{number}/tasks/{element}/submission"
        seen.append(as_(Role.HEAD, department, "zb").post(path, form_of(case, element, **entered)).json["status"])
    assert seen == ["open", "open", "open", "ended"]
