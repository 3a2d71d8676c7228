"""An act that is sent twice happens once (C1, C2, C3 of the fault list): keys, twins, races."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from cases.conftest import RATED, Driver, handling
from flask import Flask
from intake.conftest import record
from sqlalchemy import func, select, update

from api.conftest import As, Caller
from api.test_cases import LEAD, form_of
from app.audit.models import AuditEntry
from app.clock import VirtualClock
from app.db import db, unit_of_work
from app.idempotency import IdempotencyKey
from app.identity.actor import Role
from app.identity.models import Account
from app.intake.files import Report
from app.jobs import work

Make = Callable[..., Driver]
TWINS = 50
Told = tuple[int, object]


def at_once(database: Flask, caller: Caller, times: int, send: Callable[[Caller], Told]) -> list[Told]:
    barrier = Barrier(times)

    def one(_: int) -> Told:
        with database.app_context():
            barrier.wait()
            return send(Caller(database.test_client(), caller.token))

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def completions(case: Driver) -> int:
    query = select(func.count()).where(AuditEntry.stream == f"case:{case.case.number}", AuditEntry.act == "complete")
    return db.session.scalar(query) or 0


def test_fifty_twins_have_one_effect_and_fifty_same_answers(database: Flask, make_case: Make, as_: As) -> None:
    case = make_case("xs")
    path, body = f"/cases/{case.case.number}/tasks/forward/submission", form_of(case, "forward", department=RATED)

    def send(caller: Caller) -> Told:
        answer = caller.post(path, body, Idempotency_Key="one and the same")
        return answer.status_code, answer.json

    answers = at_once(database, as_(Role.HANDLER, LEAD), TWINS, send)
    assert {status for status, _ in answers} == {201}
    assert all(answer == answers[0][1] for _, answer in answers)
    assert completions(case) == 1


def test_without_a_key_one_wins_and_the_others_are_told_that_it_is_done(database: Flask, make_case: Make, as_: As) -> None:
    case = make_case("xs")
    path, body = f"/cases/{case.case.number}/tasks/forward/submission", form_of(case, "forward", department=RATED)

    def send(caller: Caller) -> Told:
        answer = caller.post(path, body)
        return answer.status_code, answer.json.get("code")

    answers = at_once(database, as_(Role.HANDLER, LEAD), TWINS, send)
    assert sorted(answers, key=str) == [(201, None), *[(409, "task_not_open")] * (TWINS - 1)]
    assert completions(case) == 1


def test_the_same_key_with_another_body_is_refused_and_does_nothing(make_case: Make, as_: As) -> None:
    case = handling(make_case, "xs")
    caller, path = as_(Role.HANDLER, RATED), f"/cases/{case.case.number}/co-handlers"
    assert caller.post(path, {"department": "other-department"}, Idempotency_Key="k").status_code == 201
    refused = caller.post(path, {"department": LEAD}, Idempotency_Key="k")
    assert (refused.status_code, refused.json["code"]) == (422, "idempotency_key_reused")
    assert [each["department"] for each in caller.get(f"/cases/{case.case.number}").json["co_handlers"]] == ["other-department"]


def test_a_key_belongs_to_one_account_and_one_route_and_is_kept_for_seven_days(
    make_case: Make, as_: As, clock: VirtualClock
) -> None:
    first, second = handling(make_case, "xs"), handling(make_case, "xs")
    caller, body = as_(Role.HANDLER, RATED), {"department": "other-department"}
    for case in (first, second):
        assert caller.post(f"/cases/{case.case.number}/co-handlers", body, Idempotency_Key="k").status_code == 201
    assert as_(Role.HEAD, RATED).post(f"/cases/{first.case.number}/co-handlers", body, Idempotency_Key="k").status_code == 201
    assert db.session.scalar(select(func.count()).select_from(IdempotencyKey)) == 3
    clock.set(clock.moment + timedelta(days=7, seconds=1))
    work.sweep(clock)
    assert db.session.scalar(select(func.count()).select_from(IdempotencyKey)) == 0


def test_an_act_that_is_refused_does_not_use_its_key_up(make_case: Make, as_: As) -> None:
    case = handling(make_case, "xs")
    caller, path = as_(Role.HANDLER, RATED), f"/cases/{case.case.number}/co-handlers"
    assert caller.post(path, {"department": "nowhere"}, Idempotency_Key="k").status_code == 422
    assert caller.post(path, {"department": "other-department"}, Idempotency_Key="k").status_code == 201


def test_a_key_that_is_no_key_is_refused(make_case: Make, as_: As) -> None:
    case = handling(make_case, "xs")
    for key in ("", "k" * 101, "键"):
        path = f"/cases/{case.case.number}/co-handlers"
        answer = as_(Role.HANDLER, RATED).post(path, {"department": "other-department"}, Idempotency_Key=key)
        assert answer.status_code == 422


def test_whoever_lost_the_right_meanwhile_is_refused_at_once(make_case: Make, as_: As) -> None:
    case = handling(make_case, "xs")
    caller, number = as_(Role.HANDLER, RATED), case.case.number
    assert caller.get(f"/cases/{number}/tasks/verify").status_code == 200
    with unit_of_work() as session:
        session.execute(update(Account).where(Account.department == RATED).values(role=Role.CLERK.value))
    body = form_of(case, "verify", truth="true", responsibility="unit", handling="clear")
    answer = caller.post(f"/cases/{number}/tasks/verify/submission", body)
    assert (answer.status_code, answer.json["code"]) == (403, "right_missing")
    with unit_of_work() as session:
        session.execute(update(Account).where(Account.department == RATED).values(is_active=False))
    assert caller.get(f"/cases/{number}").status_code == 401
    assert completions(case) == 1


def test_an_edit_that_is_sent_again_is_not_told_that_it_came_too_late(city: None, as_: As) -> None:
    admin, path = as_(Role.SYSTEM_ADMIN), f"/catalogue/xs/departments/{RATED}"
    sent = {"If_Match": admin.get(path).headers["ETag"], "Idempotency_Key": "k"}
    first, again = (admin.send("PATCH", path, {"name": "改名"}, **sent) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert (first.json, first.headers["ETag"]) == (again.json, again.headers["ETag"])
    assert admin.get(path).headers["ETag"] == first.headers["ETag"]


def test_rows_that_are_sent_again_under_their_key_get_their_first_reply(catalogue: Report, as_system: As) -> None:
    system, body = as_system("send_records"), {"rows": [record(), record(projectNo="P2", deptCode="elsewhere")]}
    first, again = (system.post("/records", body, Idempotency_Key="k").json for _ in range(2))
    assert (first["added"], first) == (1, again)
    assert system.post("/records", body).json["known"] == 1
    assert system.post("/records", {"rows": [{}]}, Idempotency_Key="k").json["code"] == "idempotency_key_reused"


def test_what_is_handed_over_in_pieces_is_told_alike_when_it_is_sent_again(make_case: Make, as_: As) -> None:
    cases = [handling(make_case, "xs") for _ in range(2)]
    path, body = f"/catalogue/xs/departments/{RATED}/successor", {"successor": "other-department", "on": "2025-04-02"}
    admin = as_(Role.SYSTEM_ADMIN)
    assert [admin.post(path, body, Idempotency_Key="k").json["moved"] for _ in range(2)] == [2, 2]
    assert admin.post(path, body).json["moved"] == 0
    assert {case.case.department for case in cases} == {"other-department"}
    entries = select(func.count()).where(AuditEntry.stream == "catalogue", AuditEntry.act == "succeed")
    assert db.session.scalar(entries) == 1
