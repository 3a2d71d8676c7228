"""The catalogue: read by all, departments edited as they were read, closed with a successor."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from cases.conftest import OTHER, RATED, Driver, handling, rows
from intake.conftest import Take

from app.catalogue.models import Department
from app.identity.actor import Role
from pages.conftest import Visit, Visitor, text_of

Make = Callable[..., Driver]
PATH = f"/catalogue/xs/departments/{RATED}"
FORM = {"name": "州民政局", "area": "532800", "responsible": "", "valid_from": "2020-01-01", "valid_until": ""}


@pytest.fixture
def admin(city: None, visit: Visit) -> Visitor:
    return visit(Role.SYSTEM_ADMIN)


def version(visitor: Visitor) -> str:
    found = re.search(r'name="version" value="(\w+)"', visitor.get(PATH).text)
    assert found
    return found[1]


def department(code: str = RATED) -> Department:
    (found,) = rows(Department, programme="xs", code=code)
    return found


def test_everybody_reads_what_is_theirs(catalogue: object, take: Take, visit: Visit) -> None:
    visitor = visit(Role.WINDOW, programme="xs", staff="s1", department="rated")
    assert "市医疗保障局 rated 532801 — 在用" in text_of(visitor.get("/catalogue"))
    take("catalogue", {"programme": "xs", "kind": "area", "code": "532801", "name": "景洪市", "level": "county"})
    assert "市医疗保障局 rated 景洪市 — 在用" in text_of(visitor.get("/catalogue"))
    assert "1号窗口 w1 市医疗保障局 在用" in text_of(visitor.get("/catalogue?kind=window"))
    assert "异地就医备案" in text_of(visitor.get("/catalogue?kind=item"))
    assert "名录里没有自助终端" in text_of(visitor.get("/catalogue?kind=terminal"))
    assert visitor.get("/catalogue?kind=area").status_code == 200
    assert visitor.get("/catalogue?kind=nonsense").status_code == 404
    assert visitor.get("/catalogue?programme=hk").status_code == 404
    assert visitor.get("/catalogue/xs/departments/rated").status_code == 403


def test_a_department_is_changed(admin: Visitor) -> None:
    answer = admin.post(PATH, **FORM, version=version(admin), nonce="n")
    assert answer.status_code == 303
    found = department()
    assert (found.name, found.area, found.responsible, found.valid_from, found.valid_until) == (
        "州民政局", "532800", None, date(2020, 1, 1), None,
    )  # fmt: skip
    assert "已保存" in text_of(admin.get(answer.location))


def test_a_change_in_between_is_shown_and_nothing_lost(admin: Visitor) -> None:
    read = version(admin)
    admin.post(PATH, **FORM | {"name": "别人改的"}, version=read, nonce="n1")
    refused = admin.post(PATH, **FORM, version=read, nonce="n2")
    assert refused.status_code == 409
    assert "刚被别人改过" in refused.text
    assert "现在的名称 别人改的" in text_of(refused)
    assert 'value="州民政局"' in refused.text
    again = re.search(r'name="version" value="(\w+)"', refused.text)
    assert again
    assert admin.post(PATH, **FORM, version=again[1], nonce="n3").status_code == 303
    assert department().name == "州民政局"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"name": " "}, "请填写单位名称"),
        ({"name": "长" * 201}, "最长 200 个字，现有 201 个"),
        ({"valid_from": "x"}, "起用日期应写作"),
        ({"valid_until": "2020-01-01"}, "停用日期应晚于起用日期"),
    ],
)
def test_what_is_wrong_says_why_and_is_kept(admin: Visitor, change: dict[str, str], why: str) -> None:
    answer = admin.post(PATH, **FORM | change, version=version(admin))
    assert (answer.status_code, why in answer.text) == (422, True)
    assert "532800" in answer.text
    assert department().name == RATED


def test_a_closed_departments_cases_go_to_its_successor(make_case: Make, visit: Visit) -> None:
    case, admin = handling(make_case), visit(Role.SYSTEM_ADMIN)
    for _ in range(2):
        answer = admin.post(f"{PATH}/successor", successor=OTHER, on="2025-04-01", nonce="n")
        assert answer.status_code == 303
    assert case.open_tasks()["verify"].department == OTHER
    assert (department().successor, department().valid_until) == (OTHER, date(2025, 4, 1))
    assert "1 件在办的差评已转给承接单位" in text_of(admin.get(answer.location))
    assert f"由 {OTHER} 承接" in text_of(admin.get("/catalogue?programme=xs"))


def test_a_successor_that_cannot_be_is_refused(admin: Visitor) -> None:
    assert "请选承接的单位和承接之日" in admin.post(f"{PATH}/successor", successor=OTHER, on="").text
    assert "请选承接的单位和承接之日" in admin.post(f"{PATH}/successor", successor="", on="2025-04-01").text
    assert "承接部门应是另一个" in admin.post(f"{PATH}/successor", successor=RATED, on="2025-04-01").text
    assert admin.get("/catalogue/xs/departments/nope").status_code == 404
    assert admin.get("/catalogue/nope/departments/x").status_code == 404
