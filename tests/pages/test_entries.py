"""Windows, terminals and staff: added and changed by the system administrator alone, as they were read."""

from __future__ import annotations

import re
from datetime import date

import pytest
from cases.conftest import OTHER, RATED, rows

from app.audit.models import AuditEntry
from app.catalogue.models import CatalogueEntry
from app.identity.actor import Role
from pages.conftest import Visit, Visitor, text_of

WINDOWS = "/catalogue/xs/window"
FORM = {"code": "w9", "name": "9号窗口", "department": RATED, "valid_from": "2025-01-01", "valid_until": ""}


@pytest.fixture
def admin(city: None, visit: Visit) -> Visitor:
    return visit(Role.SYSTEM_ADMIN)


def version(shown: str) -> str:
    found = re.search(r'name="version" value="(\w+)"', shown)
    assert found
    return found[1]


def test_a_window_is_added_once_and_changed(admin: Visitor) -> None:
    assert 'href="/catalogue/xs/window"' in admin.get("/catalogue?programme=xs&kind=window").text
    for _ in range(2):
        assert admin.post(WINDOWS, **FORM, nonce="n").location == f"{WINDOWS}/w9?done=add"
    assert "编码 w9 已经有了" in admin.post(WINDOWS, **FORM, nonce="m").text
    changed = FORM | {"name": "九号窗口", "department": OTHER, "valid_until": "2025-12-31"}
    assert admin.post(f"{WINDOWS}/w9", **changed, version=version(admin.get(f"{WINDOWS}/w9").text)).status_code == 303
    (found,) = rows(CatalogueEntry, programme="xs", kind="window")
    assert (found.name, found.department, found.valid_until) == ("九号窗口", OTHER, date(2025, 12, 31))
    assert f'href="{WINDOWS}/w9"' in admin.get("/catalogue?programme=xs&kind=window").text
    assert [each.act for each in rows(AuditEntry, stream="catalogue")] == ["add_entry", "edit_entry"]


def test_a_change_in_between_is_shown_and_nothing_lost(admin: Visitor) -> None:
    admin.post(WINDOWS, **FORM, nonce="n")
    read = version(admin.get(f"{WINDOWS}/w9").text)
    admin.post(f"{WINDOWS}/w9", **FORM | {"name": "别人改的"}, version=read, nonce="n1")
    refused = admin.post(f"{WINDOWS}/w9", **FORM, version=read, nonce="n2")
    assert refused.status_code == 409
    assert "现在的名称 别人改的" in text_of(refused)
    assert 'value="9号窗口"' in refused.text


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"code": ""}, "请填写编码"),
        ({"code": "a/b"}, "请填写编码"),
        ({"name": " "}, "请填写名称"),
        ({"department": ""}, "请选所属的单位"),
        ({"department": "nope"}, "名录里没有部门 nope"),
        ({"valid_from": "x"}, "起用日期应写作"),
        ({"valid_until": "2025-01-01"}, "停用日期应晚于起用日期"),
    ],
)
def test_what_is_wrong_says_why_and_is_kept(admin: Visitor, change: dict[str, str], why: str) -> None:
    answer = admin.post(WINDOWS, **FORM | change)
    assert answer.status_code in {404, 422}
    assert why in answer.text
    assert rows(CatalogueEntry, programme="xs") == []


def test_others_read_alone(city: None, visit: Visit) -> None:
    for role in (Role.HEAD, Role.AUDITOR, Role.LEADER):
        assert visit(role).get(WINDOWS).status_code == 403
        assert visit(role).post(WINDOWS, **FORM).status_code == 403
    admin = visit(Role.SYSTEM_ADMIN)
    for path in (f"{WINDOWS}/nope", "/catalogue/nope/window", "/catalogue/xs/item", "/catalogue/xs/channel/x"):
        assert admin.get(path).status_code == 404
