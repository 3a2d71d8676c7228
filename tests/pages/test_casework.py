"""What people write and keep beside the steps, on the page of a case: drafts, remarks, files, objections, the sheet."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from cases.conftest import OTHER, RATED, RULES, Driver, filled, handling, rows, to_revisit
from casework.test_files import PDF, PNG
from flask import Flask
from intake.conftest import Take, bad_review, record
from sqlalchemy import func, select

from app.audit.models import AuditEntry
from app.cases.models import CaseDeadline, Task
from app.casework.attachments import sweep_files
from app.casework.forgetting import forget_casework
from app.clock import VirtualClock
from app.db import db, unit_of_work
from app.identity.actor import Role
from app.identity.vault import load_vault
from app.jobs.work import index_words
from app.programmes.bundle import SHIPPED, read_bundle
from pages.conftest import Visit, text_of

Make = Callable[..., Driver]
HANDLER, SECOND, HEAD = (f"xs.{RATED}.{role}" for role in ("handler", "handler2", "head"))
NODES = read_bundle(SHIPPED / "xs").program.definition.nodes
RECTIFIED = filled(NODES["rectify_complex"].form, {"measures": "已补充指南"})
ANSWERED = filled(NODES["answer"].form, {"outcome": "answered"})
ANSWER = {f"answer.{name}": value for name, value in ANSWERED.items()}
CENTRE = str(RULES["xs"].lanes[RULES["xs"].overseer].code)


def rectifying(make_case: Make) -> Driver:
    case = handling(make_case)
    case.do("verify", handling="complex")
    return case


def test_what_was_typed_is_kept_for_its_author_until_it_is_entered(make_case: Make, visit: Visit) -> None:
    case = handling(make_case)
    path = f"/cases/{case.case.number}"
    mine, other = visit(Role.HANDLER, login=HANDLER), visit(Role.HANDLER, login=SECOND)
    by_script = {"Sec-Fetch-Site": "same-origin", "HX-Request": "true"}
    kept = mine.client.post(f"{path}/tasks/verify/draft", data={"findings": "查到一半"}, headers=by_script)
    assert re.fullmatch(r"草稿已存 \d\d:\d\d", kept.text)
    assert "查到一半" in mine.get(path).text
    assert "还没有提交" in text_of(mine.get(path))
    assert "查到一半" not in other.get(path).text
    assert db.session.execute(db.text("select count(*) from drafts where position('查到一半'::bytea in body) > 0")).scalar() == 0
    case.do("verify")
    late = mine.post(f"{path}/tasks/verify/draft", findings="x")
    assert "草稿没有保存" in late.text
    assert visit(Role.HANDLER, OTHER).post(f"{path}/tasks/verify/draft", findings="x").status_code == 404


def test_entering_a_step_drops_its_drafts(make_case: Make, visit: Visit) -> None:
    case = rectifying(make_case)
    path, head = f"/cases/{case.case.number}", visit(Role.HEAD, login=HEAD)
    head.post(f"{path}/tasks/rectify_complex/draft", measures="写一半")
    assert head.post(f"{path}/tasks/rectify_complex", **RECTIFIED).status_code == 303
    assert db.session.execute(db.text("select count(*) from drafts")).scalar() == 0


def test_steps_that_follow_in_one_pair_of_hands_are_entered_together_each_as_its_own(make_case: Make, visit: Visit) -> None:
    case = rectifying(make_case)
    path, head = f"/cases/{case.case.number}", visit(Role.HEAD, login=HEAD)
    assert "接着填：" in text_of(head.get(path))
    assert head.post(f"{path}/tasks/rectify_complex", **RECTIFIED, **ANSWER).status_code == 303
    assert {"rectify_complex", "answer"} <= {task.element for task in rows(Task, status="done")}
    assert set(case.open_tasks()) == {"report"}
    said = text_of(head.get(path))
    assert said.count("办完") >= 2


def test_of_steps_entered_together_none_is_stored_when_one_is_wrong(make_case: Make, visit: Visit) -> None:
    case = rectifying(make_case)
    path, head = f"/cases/{case.case.number}", visit(Role.HEAD, login=HEAD)
    refused = head.post(f"{path}/tasks/rectify_complex", nonce="n1", **RECTIFIED, **{"answer.found": "属实"})
    assert refused.status_code == 422
    assert "都没有提交" in text_of(refused)
    assert "已补充指南" in refused.text
    assert set(case.open_tasks()) == {"rectify_complex"}
    for _ in range(2):  # The key is free again, and then makes it one.
        assert head.post(f"{path}/tasks/rectify_complex", nonce="n1", **RECTIFIED, **ANSWER).status_code == 303
    assert set(case.open_tasks()) == {"report"}


def test_what_is_sent_back_carries_a_remark_that_only_the_department_reads(make_case: Make, visit: Visit) -> None:
    case = rectifying(make_case)
    path = f"/cases/{case.case.number}"
    handler, head = visit(Role.HANDLER, login=HANDLER), visit(Role.HEAD, login=HEAD)
    assert handler.post(f"{path}/tasks/rectify_complex", **RECTIFIED).status_code == 303
    assert handler.post(f"{path}/tasks/answer", **ANSWERED).status_code == 303
    element = next(each for each, task in case.open_tasks().items() if task.status == "submitted")
    assert head.post(f"{path}/tasks/{element}/return", remark="请写明联系电话").status_code == 303
    assert "请写明联系电话" in text_of(handler.get(path))
    lead = visit(Role.HANDLER, "xs-lead-jinghong")
    assert "请写明联系电话" not in text_of(lead.get(path))
    assert handler.post(f"{path}/remarks", words="").status_code == 422
    assert handler.post(f"{path}/remarks", words="已改").status_code == 303


def send_file(visitor: object, path: str, *files: tuple[str, bytes]) -> object:
    client = visitor.client  # type: ignore[attr-defined]
    data = {"file": [(BytesIO(content), name) for name, content in files]}
    return client.post(f"{path}/files", data=data, headers={"Sec-Fetch-Site": "same-origin", "Accept": "text/html"})


def test_files_are_kept_outside_the_database_and_given_back_to_who_may_see_the_case(
    make_case: Make, visit: Visit, database: Flask, clock: VirtualClock
) -> None:
    case = handling(make_case)
    path, mine = f"/cases/{case.case.number}", visit()
    assert send_file(mine, path, ("指南.pdf", PDF), ("同一份.pdf", PDF)).status_code == 303  # type: ignore[attr-defined]
    shown = text_of(mine.get(path))
    assert "指南.pdf" in shown
    assert "没有查毒" in shown
    assert "同一份" not in shown
    number = re.findall(rf"{path}/files/(\d+)", mine.get(path).text)[0]
    given = mine.get(f"{path}/files/{number}")
    assert given.data == PDF
    assert given.headers["Content-Disposition"].startswith("attachment")
    assert given.headers["Content-Security-Policy"].startswith("sandbox")
    assert visit(Role.HANDLER, OTHER).get(f"{path}/files/{number}").status_code == 404
    folder: Path = database.extensions["bihuan"]["config"].file_folder
    assert [PDF in each.read_bytes() for each in folder.iterdir()] == [False]
    refused = send_file(mine, path, ("a.pdf", b"<html>"), ("照片.png", PNG))
    assert refused.status_code == 422  # type: ignore[attr-defined]
    assert "a.pdf：只收" in text_of(refused)  # type: ignore[arg-type]
    assert "照片.png" in text_of(mine.get(path))
    assert send_file(visit(Role.LEADER), path, ("x.pdf", PDF)).status_code == 403  # type: ignore[attr-defined]
    with unit_of_work():
        forget_casework([case.case_id])
    assert mine.get(f"{path}/files/{number}").status_code == 404
    with unit_of_work():
        assert sweep_files(folder, clock.moment.replace(year=2200)) == 2


def test_an_objection_to_a_day_is_answered_by_the_overseer_alone(make_case: Make, visit: Visit) -> None:
    case = handling(make_case)
    path, mine = f"/cases/{case.case.number}", visit()
    limit = re.findall(rf"{path}/deadlines/(\d+)/objections", mine.get(path).text)[0]
    assert mine.post(f"{path}/deadlines/{limit}/objections", day="2025-04-02").status_code == 422
    assert "请选这个期限里的一天" in text_of(mine.post(f"{path}/deadlines/{limit}/objections", day="2025-05-02", reason="x"))
    assert mine.post(f"{path}/deadlines/{limit}/objections", day="2025-04-02", reason="州里放假").status_code == 303
    assert "已经提出过异议" in text_of(mine.post(f"{path}/deadlines/{limit}/objections", day="2025-04-02", reason="又"))
    assert "等监督单位答复" in text_of(mine.get(path))
    assert mine.post(f"{path}/objections/1/answer", upheld="1", answer="成立").status_code == 403
    overseer = visit(Role.HANDLER, CENTRE)
    assert overseer.post(f"{path}/objections/1/answer", upheld="0", answer="").status_code == 422
    assert overseer.post(f"{path}/objections/1/answer", upheld="0", answer="当天照常上班").status_code == 303
    assert "不成立： 当天照常上班" in text_of(mine.get(path))
    assert overseer.post(f"{path}/objections/1/answer", upheld="1", answer="改口").status_code == 404


def test_a_limit_that_is_over_still_explains_itself_and_can_be_objected_to(make_case: Make, visit: Visit) -> None:
    case = handling(make_case)
    case.at("2025-04-07 10:00")
    case.do("verify", handling="complex")
    path, mine = f"/cases/{case.case.number}", visit()
    said = text_of(mine.get(path))
    assert "以前的期限" in said
    assert "安排科室、核查 4月2日 周三 截止 · 超期 2 个工作日办结" in said
    limit = db.session.scalars(select(CaseDeadline.id).where(CaseDeadline.element == "verify")).one()
    assert mine.post(f"{path}/deadlines/{limit}/objections", day="2025-04-02", reason="当天停电").status_code == 303
    assert "等监督单位答复" in text_of(mine.get(path))


def test_an_objection_after_the_end_changes_nothing_of_the_end(make_case: Make, visit: Visit) -> None:
    case = to_revisit(make_case("hk"))
    case.do("revisit")
    ended_at, path = case.case.ended_at, f"/cases/{case.case.number}"
    limit = db.session.scalars(select(CaseDeadline.id).where(CaseDeadline.element == "verify")).one()
    case.at("2025-07-01 10:00")
    mine = visit(programme="hk", department=case.case.department)
    assert mine.post(f"{path}/deadlines/{limit}/objections", day="2025-04-02", reason="当天停电").status_code == 303
    db.session.expire_all()
    assert case.case.ended_at == ended_at is not None
    ends = select(func.count()).where(AuditEntry.stream == f"case:{case.case.number}", AuditEntry.act == "end")
    assert db.session.scalar(ends) == 1


def test_earlier_answers_on_the_same_matter_stand_beside_the_case(
    catalogue: object, city: None, take: Take, visit: Visit, database: Flask
) -> None:
    for number in ("P1", "P2"):
        take("records", record(programme="xs", projectNo=number, certKey=f"99000119800101001{number[-1]}"))
        take("reviews", bad_review(programme="xs", projectNo=number))
    first, second = (Driver(number, "xs", database.extensions["bihuan"]["clock"]) for number in (1, 2))
    while first.case.status == "open":
        first.do(next(iter(first.open_tasks())))
    index_words(load_vault(database.extensions["bihuan"]["config"].key_file))
    second.do(next(iter(second.open_tasks())))
    said = text_of(visit(Role.HEAD, second.case.department).get(f"/cases/{second.case.number}"))
    assert "同事项以前的差评" in said
    assert f"{first.case.number}" in said
    assert "1 个原因相同" in said


def test_a_sheet_tells_the_same_twice_and_shows_no_form(make_case: Make, visit: Visit) -> None:
    case = handling(make_case)
    path = f"/cases/{case.case.number}"
    first, second = (visit(Role.LEADER).get(f"{path}/sheet").text for _ in range(2))
    digests = [re.findall(r"内容摘要 ([0-9a-f]{32})", each) for each in (first, second)]
    assert digests[0] == digests[1]
    assert "<textarea" not in first
    case.do("verify")
    assert re.findall(r"内容摘要 ([0-9a-f]{32})", visit(Role.LEADER).get(f"{path}/sheet").text) != digests[0]
    assert visit(Role.LEADER).get(f"{path}/picture.svg").data.startswith(b"<")


@pytest.mark.parametrize("do", ["take", "release", "assign"])
def test_who_has_a_step_is_changed_on_its_page(make_case: Make, visit: Visit, do: str) -> None:
    case = handling(make_case)
    path, mine = f"/cases/{case.case.number}", visit(Role.HANDLER, login=HANDLER)
    if do != "take":
        mine.post(f"{path}/tasks/verify/owner", do="take")
    assert mine.post(f"{path}/tasks/verify/owner", do=do, to=SECOND).status_code == 303
    task = case.open_tasks()["verify"]
    assert (task.owner, task.claimed_at is not None) == {
        "take": (HANDLER, True), "release": (HEAD, False), "assign": (SECOND, True),
    }[do]  # fmt: skip
