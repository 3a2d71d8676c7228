"""The inbox as a page: what is due first comes first, every choice stands in the address, nothing is shown of others."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from cases.conftest import OTHER, RATED, Driver, handling, person
from flask import Flask
from intake.conftest import Take, bad_review, record
from openpyxl import load_workbook
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.audit.models import AuditEntry
from app.cases.inbox import horizon, list_inbox, overview
from app.cases.models import CaseTerms
from app.cases.worklist import describe
from app.cli import config
from app.clock import SHANGHAI, VirtualClock
from app.db import db, unit_of_work
from app.identity.actor import Role
from app.identity.models import Account
from app.identity.substitutes import appoint_substitute
from app.identity.vault import load_vault
from app.jobs.work import index_words
from app.pages import inbox
from app.programmes.versions import bundle_of, current_version
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
    shown = {tab: text_of(visit().get(f"/inbox?due={tab}")) for tab in inbox.TABS}
    assert [[tab for tab, said in shown.items() if number in said] for number in two] == [["over"], ["today"]]
    assert "全部 2 已超期 1 今日到期 1 两日内 0 以后 0 暂定 0" in shown["later"]
    assert "没有符合这些条件的待办" in shown["later"]


def test_the_moment_itself_is_late_and_todays_midnight_is_today(make_case: Make, visit: Visit) -> None:
    case = handling(make_case)
    case.at("2025-04-02 23:59")
    assert "已超期 0 今日到期 1" in text_of(visit().get("/inbox"))
    case.at("2025-04-03 00:00")
    assert "已超期 1 今日到期 0" in text_of(visit().get("/inbox?due=over"))


@pytest.mark.parametrize(
    ("programme", "began", "today", "tab"),
    [
        ("xs", "2025-04-01 10:00", "2025-04-01 11:00", "soon"),  # two working days: 3 April
        ("xs", "2025-04-03 10:00", "2025-04-05 11:00", "soon"),  # Saturday of a holiday until Monday: 8 April is the second
        ("xs", "2025-12-31 10:00", "2025-12-31 11:00", "soon"),  # a date that a local notice may still move
    ],
)
def test_a_tab_and_the_badge_of_its_rows_say_the_same(
    make_case: Make, visit: Visit, clock: VirtualClock, programme: str, began: str, today: str, tab: str
) -> None:
    clock.set(datetime.fromisoformat(f"{began}:00+08:00"))
    case = make_case(programme)
    case.at(today)
    lead = next(iter(case.open_tasks().values())).department
    said = text_of(visit(Role.HANDLER, lead).get(f"/inbox?due={tab}"))
    assert case.case.number in said
    assert "剩 2 个工作日" in said or "剩 1 个工作日" in said


def test_what_a_notice_may_still_move_has_a_tab_of_its_own(make_case: Make, visit: Visit, clock: VirtualClock) -> None:
    clock.set(datetime.fromisoformat("2025-12-25T10:00:00+08:00"))
    case = handling(make_case)
    case.do("verify", handling="complex")
    assert "以后 0 暂定 1" in text_of(visit().get("/inbox"))
    assert "（暂定）" in text_of(visit().get("/inbox?due=provisional"))


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


def test_what_nobody_has_taken_is_taken_from_its_row(make_case: Make, visit: Visit) -> None:
    case = handling(make_case)
    mine = visit(Role.HANDLER, login=f"xs.{RATED}.handler")
    name = f"{case.case.number}/verify"
    assert case.case.number in text_of(mine.get("/inbox?whose=free"))
    assert "成功 1 件" in text_of(mine.post("/inbox/tasks", take_one=name))
    assert case.open_tasks()["verify"].owner == f"xs.{RATED}.handler"
    assert case.case.number in text_of(mine.get("/inbox?whose=mine"))
    assert case.case.number not in text_of(mine.get("/inbox?whose=free"))
    assert "成功 1 件" in text_of(mine.post("/inbox/tasks", take_one=name))


def test_of_several_each_is_told_what_became_of_it_and_what_failed_stays_chosen(make_case: Make, visit: Visit) -> None:
    free, taken, others = handling(make_case), handling(make_case), make_case(department=OTHER)
    visit(Role.HANDLER, login=f"xs.{RATED}.handler2").post("/inbox/tasks", take_one=f"{taken.case.number}/verify")
    names = [f"{each.case.number}/verify" for each in (free, taken, others)] + ["nothing/at-all"]
    answer = visit(Role.HANDLER, login=f"xs.{RATED}.handler").post("/inbox/tasks", task=names)
    said = text_of(answer)
    assert "成功 1 件，未成 3 件" in said
    assert f"{taken.case.number} 这一步已由张三认领" in said
    assert f"{others.case.number} 没有这个工单号" in said
    assert re.findall(r'value="([^"]+)"[^>]* checked', answer.text) == [f"{taken.case.number}/verify"]


def test_the_head_gives_and_a_handler_gives_on_only_what_they_have(make_case: Make, visit: Visit) -> None:
    case = handling(make_case)
    name, to = f"{case.case.number}/verify", f"xs.{RATED}.handler2"
    handler, head = visit(Role.HANDLER, login=f"xs.{RATED}.handler"), visit(Role.HEAD, login=f"xs.{RATED}.head")
    assert "只有本单位负责人，或已认领这一步的人" in text_of(handler.post("/inbox/tasks", task=name, to=to))
    assert "成功 1 件" in text_of(head.post("/inbox/tasks", task=name, to=to))
    assert case.open_tasks()["verify"].owner == to
    assert "没有这位承办人" in text_of(head.post("/inbox/tasks", task=name, to=f"xs.{OTHER}.handler"))


def test_a_search_finds_by_words_and_by_number_and_the_table_holds_no_word(
    catalogue: object, city: None, take: Take, visit: Visit, database: Flask
) -> None:
    take("records", record(programme="xs"))
    take("reviews", bad_review(programme="xs", writingEvaluation="窗口让我来回跑了四趟，电话15410000001"))
    lead = visit(Role.HANDLER, "xs-lead-jinghong")
    assert "没有符合这些条件" in text_of(lead.get("/inbox?q=四趟"))
    index_words(load_vault(database.extensions["bihuan"]["config"].key_file))
    for words in ("来回 四趟", "异地就医", "XS-2025-000001", "1号窗口", "服务态度"):
        assert "XS-2025-000001" in text_of(lead.get("/inbox", q=words)), words
    for words in ("五趟", "15410000001", "欧阳"):
        assert "没有符合这些条件" in text_of(lead.get("/inbox", q=words)), words
    assert "XS-2025-000001" in text_of(lead.get("/cases", q="四趟"))
    assert "没有这样的工单" in text_of(visit(Role.HANDLER, OTHER).get("/cases", q="四趟"))
    assert lead.get("/cases", q="xs-2025-000001").location == "/cases/XS-2025-000001"
    with unit_of_work() as session:
        assert all(isinstance(term, int) for terms in session.scalars(select(CaseTerms.terms)) for term in terms)


def test_a_filter_is_kept_shared_and_deleted_by_who_kept_it(make_case: Make, visit: Visit) -> None:
    handling(make_case)
    mine, colleague = visit(Role.HANDLER, login=f"xs.{RATED}.handler"), visit(Role.HANDLER, login=f"xs.{RATED}.handler2")
    assert mine.post("/inbox/filters?step=verify&due=soon", name="").status_code == 422
    mine.post("/inbox/filters?step=verify&due=soon&after=x", name="快到期的核查", shared="1")
    mine.post("/inbox/filters?whose=mine", name="只给自己看")
    shown = colleague.get("/inbox").text
    assert 'href="/inbox?step=verify&amp;due=soon"' in shown
    assert ("快到期的核查" in shown, "只给自己看" in shown, "删去" in shown) == (True, False, False)
    assert visit(Role.HANDLER, OTHER).get("/inbox").text.count("快到期的核查") == 0
    number = re.findall(r"/inbox/filters/(\d+)/delete", mine.get("/inbox").text)[0]
    assert colleague.post(f"/inbox/filters/{number}/delete").status_code == 404
    assert mine.post(f"/inbox/filters/{number}/delete").status_code == 303


def test_a_step_that_is_done_while_its_row_is_made_does_no_harm(make_case: Make) -> None:
    case, other = handling(make_case), handling(make_case)
    at = horizon("xs", case.clock.moment)
    listed = list_inbox(person("xs", RATED), None, 10)
    case.do("verify")
    numbers = [line.entry.number for line in describe(listed, at, load_vault(config().key_file))]
    assert numbers == [case.case.number, other.case.number]


def test_a_step_that_the_diagram_no_longer_has_keeps_the_name_it_had(make_case: Make) -> None:
    case = handling(make_case)
    case.do("verify")
    with unit_of_work():
        at, actor = horizon("xs", case.clock.moment), person("xs", RATED)
        steps = overview(actor, at).steps
        assert set(steps) == set(case.open_tasks())
        without = replace(at, version=current_version("hk"))
        assert not set(steps) & set(bundle_of(without.version).program.definition.nodes)
        assert overview(actor, without).steps == steps


def test_counts_come_again_by_themselves_and_keep_nobody_signed_in(make_case: Make, visit: Visit, clock: VirtualClock) -> None:
    handling(make_case)
    mine = visit()
    last = re.findall(r"since=(\d+)", mine.get("/inbox").text)[0]
    handling(make_case)
    said = text_of(mine.get(f"/inbox/counts?since={last}"))
    assert "全部 2" in said
    assert "有 1 件新待办" in said
    for _ in range(9):
        clock.set(clock.moment + timedelta(hours=1))
        answer = mine.get("/inbox/counts")
    assert answer.location == "/sign-in?next=/inbox/counts"


def test_matters_and_windows_are_offered_with_their_counts(catalogue: object, city: None, take: Take, visit: Visit) -> None:
    take("records", record(programme="xs"))
    take("reviews", bad_review(programme="xs"))
    lead = visit(Role.HANDLER, "xs-lead-jinghong")
    assert "异地就医备案 1" in text_of(lead.get("/inbox/item"))
    assert "1号窗口 1" in text_of(lead.get("/inbox/window"))
    assert "XS-2025-000001" in text_of(lead.get(f"/inbox?item={'1' * 31}&window=w1&level=1"))
    assert "没有符合这些条件" in text_of(lead.get("/inbox?window=w2"))
    assert "没有符合这些条件" in text_of(lead.get("/inbox?level=2"))


def test_who_stands_in_acts_for_the_absent_and_for_oneself_again(make_case: Make, visit: Visit, clock: VirtualClock) -> None:
    handling(make_case)
    absent, substitute = (f"xs.{RATED}.{role}" for role in ("handler", "handler2"))
    with unit_of_work() as session:
        found = session.scalars(select(Account).where(Account.login == absent)).one().actor()
        day = clock.moment.astimezone(SHANGHAI).date()
        appoint_substitute(found, substitute, day, day, clock.moment)
    other = visit(Role.HANDLER, login=substitute)
    assert "休假到 04-01，由您代办" in text_of(other.get("/inbox"))
    assert other.post("/standing-in", login=absent).status_code == 303
    assert "代班中" in text_of(other.get("/inbox"))
    clock.set(clock.moment + timedelta(hours=24))
    assert "代班中" not in text_of(other.get("/inbox"))


def exported(answer: TestResponse) -> list[tuple[str | None, ...]]:
    """Return the rows of a workbook that was given."""
    assert (answer.status_code, answer.mimetype) == (200, inbox.XLSX)
    sheet = load_workbook(BytesIO(answer.data)).active
    assert {cell.data_type for row in sheet for cell in row if cell.value} == {"s"}
    return list(sheet.iter_rows(values_only=True))


def test_what_the_filters_find_is_taken_along_and_that_is_on_the_record(
    catalogue: object, city: None, take: Take, visit: Visit
) -> None:
    take("records", record(programme="xs"))
    take("reviews", bad_review(programme="xs", writingEvaluation="=HYPERLINK(1) 窗口让我来回跑，电话15410000001"))
    lead = visit(Role.HANDLER, "xs-lead-jinghong")
    head, row, mark = exported(lead.post("/inbox/export"))
    said = dict(zip(head, row, strict=True))
    assert (said["工单号"], said["事项"], said["评价"], said["承办"]) == (
        "XS-2025-000001",
        "异地就医备案",
        "非常不满意",
        "待认领",
    )
    assert str(said["原话"]).startswith("=HYPERLINK(1)")
    assert "15410000001" not in str(said["原话"])
    assert "张三" in str(mark[0])
    assert len(exported(lead.post("/inbox/export?level=2"))) == 2
    assert len(exported(visit(Role.HANDLER, OTHER).post("/inbox/export"))) == 2
    taken = db.session.scalars(select(AuditEntry).where(AuditEntry.stream == "exports:xs").order_by(AuditEntry.seq))
    assert [(entry.act, entry.payload["rows"]) for entry in taken] == [("export_inbox", number) for number in (1, 0, 0)]


def test_only_what_was_chosen_is_taken_along(two: tuple[str, str], visit: Visit) -> None:
    mine = visit()
    [task] = re.findall(rf'name="task" value="({two[1]}/[^"]+)"', mine.get("/inbox").text)
    rows = exported(mine.post("/inbox/export", task=task))
    assert [row[0] for row in rows[1:-1]] == [two[1]]


def test_an_export_has_an_end_and_the_page_says_so(two: tuple[str, str], visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "MOST", 1)
    assert "共 2 件 导出前 1 件" in text_of(visit().get("/inbox"))
    assert len(exported(visit().post("/inbox/export"))) == 3


def test_who_takes_lists_along_one_after_the_other_is_stopped_and_nobody_else_of_their_house(city: None, visit: Visit) -> None:
    mine = visit()
    assert [mine.post("/inbox/export").status_code for _ in range(11)] == [200] * 10 + [429]
    assert visit(login=f"xs.{RATED}.handler2").post("/inbox/export").status_code == 200
