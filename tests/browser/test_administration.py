"""The administrators' pages in a browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from cases.conftest import BEGINNING, Driver, handling
from chaos.test_calendar import written
from pages.test_calendar import forgetful  # noqa: F401  a fixture
from playwright.sync_api import expect
from sqlalchemy import insert

from app.clock import VirtualClock
from app.db import unit_of_work
from app.edge import stop
from app.engine.errors import EngineFault
from app.identity.models import Account
from browser.conftest import Open
from browser.test_desk import SCREENS, assert_open_to_everybody

Make = Callable[..., Driver]
# Pages that no walk below comes by: who looks, and where.
QUIET = {
    "audit-seals": ("audit_admin", "/audit/seals"),
    "audit-verification": ("audit_admin", "/audit/verification"),
    "new-account": ("security_admin", "/new-account"),
}
ADMINISTRATORS = ("system_admin", "security_admin", "audit_admin")


@pytest.fixture
def administrators(city: None) -> None:
    """The three administrators, each with a login that says which."""
    for role in ADMINISTRATORS:
        row = {"login": role, "name": "李雷", "password_hash": "-", "role": role, "programme": "", "department": ""}
        with unit_of_work() as session:
            session.execute(insert(Account), row | {"staff": None, "is_active": True, "created_at": BEGINNING})


@pytest.mark.parametrize(("name", "size"), SCREENS)
@pytest.mark.usefixtures("administrators", "forgetful")
def test_a_notice_is_rehearsed_and_loaded(
    make_case: Make, visit: Open, clock: VirtualClock, tmp_path: Path, name: str, size: tuple[int, int]
) -> None:
    for number in range(3):
        make_case("xs", record=f"R{number}")
        clock.set(datetime.fromisoformat(f"2025-04-{11 + number}T10:00+08:00"))
    clock.set(datetime.fromisoformat("2025-04-17T10:00+08:00"))
    path = written(tmp_path, "xs", 2025, ("2025-04-17",), lambda day: day.month == 4 and day.day < 16)
    watched = visit("system_admin", size)
    page = watched.open("/calendar")
    assert_open_to_everybody(watched, f"calendar-{name}", size)
    page.get_by_label("选文件").set_input_files(path)
    page.get_by_role("button", name="预演").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("项期限会变动")
    assert_open_to_everybody(watched, f"rehearsal-{name}", size)
    page.get_by_role("button", name="载入，并改").click()
    expect(page.get_by_role("status")).to_contain_text("件在办工单的期限")
    assert watched.wrong == []


@pytest.mark.parametrize(("name", "size"), SCREENS)
@pytest.mark.usefixtures("administrators")
def test_an_account_is_made_changed_and_closed(visit: Open, name: str, size: tuple[int, int]) -> None:
    watched = visit("security_admin", size)
    page = watched.open("/accounts")
    assert_open_to_everybody(watched, f"accounts-{name}", size)
    page.get_by_role("link", name="开立账号").click()
    page.get_by_label("登录名").fill("li.mei")
    page.get_by_label("姓名").fill("李梅")
    page.get_by_label("角色").select_option(label="承办人")
    page.get_by_label("单位").select_option("xs/rated-department")
    page.get_by_label("首个密码").fill("short")
    page.get_by_role("button", name="开立账号").click()
    expect(page.get_by_role("alert")).to_contain_text("密码须为 10")
    watched.wrong.clear()  # the browser itself reports the answer 422
    assert_open_to_everybody(watched, f"account-new-{name}", size)
    page.get_by_label("首个密码").fill("correct horse battery")
    page.get_by_role("button", name="开立账号").click()
    expect(page.get_by_role("status")).to_contain_text("账号已开立")
    assert_open_to_everybody(watched, f"account-{name}", size)
    page.get_by_role("button", name="停用账号").click()
    expect(page.get_by_role("button", name="重新启用")).to_be_visible()


@pytest.mark.parametrize(("name", "size"), SCREENS)
@pytest.mark.usefixtures("administrators")
def test_a_token_is_issued_and_revoked(visit: Open, name: str, size: tuple[int, int]) -> None:
    watched = visit("security_admin", size)
    page = watched.open("/tokens")
    page.get_by_label("名称").fill("不动产登记系统")
    page.get_by_label("单位").select_option("xs/rated-department")
    page.get_by_label("报送办件").check()
    page.get_by_label("有效的最后一天").fill("2025-12-31")
    page.get_by_role("button", name="发令牌").click()
    expect(page.get_by_role("status")).to_contain_text("bht_")
    assert_open_to_everybody(watched, f"tokens-{name}", size)
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_role("status")).to_contain_text("令牌已撤销")


@pytest.mark.parametrize(("name", "size"), SCREENS)
@pytest.mark.usefixtures("administrators")
def test_everybody_reads_the_programmes(visit: Open, name: str, size: tuple[int, int]) -> None:
    watched = visit("xs.rated-department.handler", size)
    page = watched.open("/programmes")
    expect(page.get_by_role("heading", level=1)).to_contain_text("西双版纳州")
    page.get_by_role("link", name="XS 一(二)4").first.click()
    expect(page.get_by_text("随机抽取不低于20%")).to_be_in_viewport()
    assert_open_to_everybody(watched, f"programme-{name}", size)


@pytest.mark.parametrize(("name", "size"), SCREENS)
@pytest.mark.usefixtures("administrators")
def test_a_department_is_renamed(visit: Open, name: str, size: tuple[int, int]) -> None:
    watched = visit("system_admin", size)
    page = watched.open("/catalogue?programme=xs")
    assert_open_to_everybody(watched, f"catalogue-{name}", size)
    page.get_by_role("link", name="rated-department").click()
    assert_open_to_everybody(watched, f"department-{name}", size)
    page.get_by_label("名称").fill("州民政局")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("州民政局")


@pytest.mark.parametrize(("name", "size"), SCREENS)
@pytest.mark.usefixtures("administrators")
def test_a_window_is_added_and_taken_out_of_use(visit: Open, name: str, size: tuple[int, int]) -> None:
    watched = visit("system_admin", size)
    page = watched.open("/catalogue?programme=xs&kind=window")
    page.get_by_role("link", name="新增窗口").click()
    assert_open_to_everybody(watched, f"entry-{name}", size)
    page.get_by_label("编码").fill("w9")
    page.get_by_label("名称").fill("9号窗口")
    page.get_by_label("单位").select_option("rated-department")
    page.get_by_role("button", name="新增").click()
    expect(page.get_by_role("status")).to_contain_text("已新增")
    page.get_by_label("停用日期").fill("2025-04-02")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status")).to_contain_text("已保存")


@pytest.mark.parametrize(("name", "size"), SCREENS)
@pytest.mark.usefixtures("administrators")
def test_single_letters_are_switched_off_for_good(visit: Open, name: str, size: tuple[int, int]) -> None:
    watched = visit("system_admin", size)
    page = watched.open("/settings")
    assert_open_to_everybody(watched, f"settings-{name}", size)
    page.get_by_role("checkbox", name="不用单个字母的快捷键").check()
    watched.open("/catalogue")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    watched.open("/settings")
    expect(page.get_by_role("checkbox", name="不用单个字母的快捷键")).to_be_checked()


@pytest.mark.parametrize(("name", "size"), SCREENS)
@pytest.mark.usefixtures("administrators")
def test_the_record_is_searched_sealed_and_verified(make_case: Make, visit: Open, name: str, size: tuple[int, int]) -> None:
    case = handling(make_case)
    watched = visit("audit_admin", size)
    page = watched.open("/audit")
    assert_open_to_everybody(watched, f"audit-{name}", size)
    page.get_by_label("做了什么").fill("forward")
    page.get_by_role("button", name="查记录").click()
    page.get_by_role("link", name=f"case:{case.case.number}").click()
    page.get_by_role("link", name="核验这一条流").click()
    expect(page.get_by_role("status")).to_contain_text("核验通过")
    page.get_by_role("button", name="现在封存一次").click()
    expect(page.get_by_role("status")).to_contain_text("已封存，第 1 次")
    page.get_by_role("link", name="核验全部").click()
    expect(page.get_by_role("status")).to_contain_text("全部记录和封存核验通过")
    assert_open_to_everybody(watched, f"seals-{name}", size)
    with page.expect_download() as download:
        page.get_by_role("link", name="导出记录").click()
    assert download.value.suggested_filename == "export.jsonl"


@pytest.mark.parametrize(("name", "size"), SCREENS)
@pytest.mark.usefixtures("administrators")
def test_a_stopped_case_is_let_go_on(make_case: Make, visit: Open, clock: VirtualClock, name: str, size: tuple[int, int]) -> None:
    case = make_case("xs")
    stop(case.case_id, EngineFault("流程图走不下去。"), clock)
    watched = visit("system_admin", size)
    page = watched.open("/health")
    expect(page.get_by_role("heading", level=1)).to_contain_text("1 件差评因流程故障暂停")
    assert_open_to_everybody(watched, f"health-{name}", size)
    page.get_by_role("button", name="恢复办理").click()
    expect(page.get_by_role("status")).to_contain_text("已恢复办理")


@pytest.mark.parametrize(("name", "size"), SCREENS)
@pytest.mark.parametrize("page", QUIET)
@pytest.mark.usefixtures("administrators")
def test_what_is_only_read_is_open_to_everybody(visit: Open, page: str, name: str, size: tuple[int, int]) -> None:
    login, path = QUIET[page]
    watched = visit(login, size)
    watched.open(path)
    assert_open_to_everybody(watched, f"{page}-{name}", size)
