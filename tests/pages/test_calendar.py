"""The calendar's page: what is loaded, a rehearsal that writes nothing, and the second press that loads what was rehearsed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from cases.conftest import Driver, rows
from chaos.judge import count_of
from chaos.test_calendar import written
from flask import Flask
from sqlalchemy import text

from app.audit.models import AuditEntry
from app.cases.models import CaseDeadline
from app.clock import VirtualClock
from app.db import db
from app.identity.actor import Role
from app.installation import owner_engine
from pages.conftest import Visit, Visitor, text_of

Make = Callable[..., Driver]
COUNT = "select count(*) from calendar_notices"


@pytest.fixture
def forgetful(database: Flask) -> Iterator[None]:
    """Notices that a test loads are gone afterwards: other tests count with the first ones."""
    newest = count_of("select max(id) from calendar_notices")
    yield
    db.session.remove()
    with owner_engine(database.extensions["bihuan"]["config"].owner_url).begin() as connection:
        connection.execute(text("delete from calendar_days where notice_id > :newest"), {"newest": newest})
        connection.execute(text("delete from calendar_notices where id > :newest"), {"newest": newest})


@pytest.fixture
def admin(visit: Visit) -> Visitor:
    return visit(Role.SYSTEM_ADMIN)


def notice(folder: Path, *days: str) -> str:
    """The days that are loaded for 西双版纳 in 2025, and some more that are off."""
    return written(folder, "xs", 2025, days, lambda _: False).read_text("utf-8")


def hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found
    return found[1].replace("&#34;", '"')


def test_loaded_notices_stand_by_layer_and_year(admin: Visitor) -> None:
    shown = text_of(admin.get("/calendar"))
    assert "全国 national" in shown
    assert "西双版纳 xs" in shown
    assert "西双版纳州2025年泼水节放假安排" in shown


def test_a_rehearsal_tells_what_would_move_and_writes_nothing(make_case: Make, admin: Visitor, tmp_path: Path) -> None:
    case, before = make_case("xs"), count_of(COUNT)
    answer = admin.post("/calendar/rehearsals", text=notice(tmp_path, "2025-04-02"))
    assert answer.status_code == 200
    shown = text_of(answer)
    assert "1 项期限会变动：1 项推后" in shown
    assert f"{case.case.number} 反馈差评结果 2025-04-03 24:00 2025-04-07 24:00 推后" in shown
    assert count_of(COUNT) == before
    assert rows(CaseDeadline)[0].due_at == datetime.fromisoformat("2025-04-04T00:00+08:00")


def test_the_second_press_loads_what_was_rehearsed_once(forgetful: None, make_case: Make, admin: Visitor, tmp_path: Path) -> None:
    make_case("xs")
    before = count_of(COUNT)
    rehearsed = admin.post("/calendar/rehearsals", file=(BytesIO(notice(tmp_path, "2025-04-02").encode()), "xs.toml")).text
    form = {name: hidden(rehearsed, name) for name in ("nonce", "digest", "name", "text")}
    for _ in range(2):
        answer = admin.post("/calendar/notices", **form)
        assert (answer.status_code, answer.location) == (303, "/calendar?cases=1")
    assert count_of(COUNT) == before + 1
    assert rows(CaseDeadline)[0].due_at == datetime.fromisoformat("2025-04-08T00:00+08:00")
    assert [each.payload["layer"] for each in rows(AuditEntry, stream="calendar", act="load")] == ["xs"]
    again = text_of(admin.post("/calendar/rehearsals", text=form["text"]))
    assert "和已载入的内容相同，不会新增" in again


def test_what_would_fall_into_the_past_stands_first_and_warns(
    make_case: Make, visit: Visit, tmp_path: Path, clock: VirtualClock
) -> None:
    # 14 to 16 April are off in 西双版纳: a limit of two working days from the 11th ends on the 18th.
    clock.set(datetime.fromisoformat("2025-04-11T10:00+08:00"))
    case = make_case("xs", record="R9")
    clock.set(datetime.fromisoformat("2025-04-17T10:00+08:00"))
    text = written(tmp_path, "xs", 2025, (), lambda day: day.month == 4 and day.day < 16).read_text("utf-8")
    shown = text_of(visit(Role.SYSTEM_ADMIN).post("/calendar/rehearsals", text=text))
    assert "1 项期限会变动：1 项落到过去" in shown
    assert "逐项交监督单位决定" in shown
    assert f"{case.case.number} 反馈差评结果 2025-04-18 24:00 2025-04-15 24:00 落到过去" in shown


def test_a_notice_that_was_changed_after_its_rehearsal_is_refused(admin: Visitor, tmp_path: Path) -> None:
    before = count_of(COUNT)
    rehearsed = admin.post("/calendar/rehearsals", text=notice(tmp_path, "2025-04-02")).text
    changed = notice(tmp_path, "2025-04-03")
    answer = admin.post("/calendar/notices", digest=hidden(rehearsed, "digest"), name="pasted.toml", text=changed)
    assert answer.status_code == 409
    assert "请重新预演" in answer.text
    assert "2025-04-03" in answer.text
    assert count_of(COUNT) == before


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "缺少year"),
        ("layer = ", "不是UTF-8编码的TOML"),
        ('{"year": 2027, "days": []}', "没有一个日期"),
        ('layer = "xs"\nyear = 2027\nsource = "x"\n[[days]]\nname = "a"\ndate = "1.2"\noff = true', "不是日期，应写作"),
    ],
)
def test_what_is_no_notice_says_why_and_is_kept(admin: Visitor, text: str, why: str) -> None:
    answer = admin.post("/calendar/rehearsals", text=text)
    assert answer.status_code == 422
    assert why in answer.text
    assert "没有写入任何内容" in answer.text


def test_a_file_in_another_encoding_says_how_to_mend_it(admin: Visitor) -> None:
    answer = admin.post("/calendar/rehearsals", file=(BytesIO("source = '放假'".encode("gb18030")), "xs.toml"))
    assert (answer.status_code, "另存为 UTF-8" in answer.text) == (422, True)
    assert admin.post("/calendar/rehearsals", file=(BytesIO(b"x"), "xs.xlsx")).status_code == 422


def test_only_the_system_administrator_comes_here(city: None, visit: Visit) -> None:
    for role in (Role.HANDLER, Role.LEADER, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN, Role.PROCESS_OWNER):
        visitor = visit(role)
        assert visitor.get("/calendar").status_code == 403
        assert visitor.post("/calendar/notices", text="x").status_code == 403
    assert visit(Role.SYSTEM_ADMIN).post("/calendar/notices", "cross-site", text="x").status_code == 403
