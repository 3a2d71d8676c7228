"""Accounts and tokens: who changes whom, with the reasons why not."""

from __future__ import annotations

import pytest
from cases.conftest import RATED, rows

from app.audit.models import AuditEntry
from app.clock import VirtualClock
from app.db import db
from app.identity.actor import Role
from app.identity.models import Account, Token
from app.identity.passwords import verify_password
from app.identity.tokens import authenticate_token
from pages.conftest import Visit, Visitor, text_of

PASSWORD = "correct horse battery"
LOGIN = f"xs.{RATED}.handler"


@pytest.fixture
def admin(city: None, visit: Visit) -> Visitor:
    return visit(Role.SECURITY_ADMIN, login="security")


def test_accounts_are_found_by_login_name_and_department(admin: Visitor) -> None:
    shown = text_of(admin.get("/accounts"))
    assert "下一页" in shown
    found = admin.get("/accounts?q=XS.rated").text
    assert LOGIN in found
    assert f"hk.{RATED}.handler" not in found
    assert "没有登录名、姓名或单位代码含“100%”的账号" in text_of(admin.get("/accounts?q=100%25"))


def test_an_account_is_made_with_its_first_password(admin: Visitor) -> None:
    form = {"login": "li", "name": "李梅", "role": "handler", "department": f"xs/{RATED}", "staff": "s7", "password": PASSWORD}
    assert admin.post("/new-account", **form).location == "/accounts/li?done=made"
    (made,) = rows(Account, login="li")
    assert (made.role, made.programme, made.department, made.staff) == ("handler", "xs", RATED, "s7")
    assert verify_password(made.password_hash, PASSWORD)
    assert "账号已开立" in text_of(admin.get("/accounts/li?done=made"))
    again = admin.post("/new-account", **form)
    assert (again.status_code, "已有人使用" in again.text) == (409, True)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"login": " "}, "请填写登录名和姓名"),
        ({"role": ""}, "请选择角色"),
        ({"role": "system_admin"}, "请选择角色"),
        ({"department": ""}, "账号须写明方案和单位"),
        ({"role": "window"}, "须写明人员编码"),
        ({"password": "short"}, "密码须为 10"),
        ({"password": "lilililili"}, "密码太常见，或含有登录名"),
    ],
)
def test_what_is_wrong_is_said_and_all_but_the_password_kept(admin: Visitor, change: dict[str, str], why: str) -> None:
    form = {"login": "li", "name": "李梅", "role": "handler", "department": f"xs/{RATED}", "password": PASSWORD} | change
    answer = admin.post("/new-account", **form)
    assert answer.status_code in {403, 422}
    assert why in answer.text
    assert "李梅" in answer.text
    assert form["password"] not in answer.text
    assert rows(Account, login="li") == []


def test_a_post_is_changed_and_the_sessions_end(admin: Visitor, visit: Visit) -> None:
    theirs = visit(Role.HANDLER, login=LOGIN)
    assert theirs.get("/inbox").status_code == 200
    assert admin.post(f"/accounts/{LOGIN}/post", role="clerk", department=f"xs/{RATED}", staff="").status_code == 303
    assert theirs.get("/inbox").status_code == 302
    assert [each.role for each in rows(Account, login=LOGIN)] == ["clerk"]
    assert "请选择角色" in admin.post(f"/accounts/{LOGIN}/post", role="").text


def test_an_account_is_closed_and_opened_again(admin: Visitor, visit: Visit) -> None:
    theirs = visit(Role.HANDLER, login=LOGIN)
    assert admin.post(f"/accounts/{LOGIN}/closure").status_code == 303
    assert theirs.get("/inbox").status_code == 302
    assert "重新启用" in text_of(admin.get(f"/accounts/{LOGIN}"))
    assert admin.post(f"/accounts/{LOGIN}/reopening").status_code == 303
    assert [each.is_active for each in rows(Account, login=LOGIN)] == [True]
    acts = [each.act for each in rows(AuditEntry, stream="identity")]
    assert acts == ["disable_account", "end_sessions", "enable_account"]


def test_a_password_is_set_anew(admin: Visitor) -> None:
    assert "密码须为 10" in admin.post(f"/accounts/{LOGIN}/password", password="short").text
    assert admin.post(f"/accounts/{LOGIN}/password", password=PASSWORD).status_code == 303
    assert verify_password(rows(Account, login=LOGIN)[0].password_hash, PASSWORD)


def test_what_is_refused_says_why_beside_the_act(admin: Visitor, visit: Visit) -> None:
    visit(Role.AUDIT_ADMIN, login="audit")
    for login, why in (("security", "不能变更自己的账号"), ("audit", "只能由系统运维人员在命令行开立和变更")):
        shown = admin.get(f"/accounts/{login}")
        assert 'aria-disabled="true"' in shown.text
        assert why in text_of(shown)
        assert admin.post(f"/accounts/{login}/password", password=PASSWORD).status_code == 403
    assert admin.post("/accounts/security/closure").status_code == 403
    assert admin.post("/accounts/audit/closure").status_code == 303
    assert admin.get("/accounts/nobody").status_code == 404


def test_the_audit_administrator_reads_and_nobody_else_comes_here(city: None, visit: Visit) -> None:
    reader = visit(Role.AUDIT_ADMIN)
    assert "开立账号" not in reader.get("/accounts").text
    assert "只有安全管理员可以变更" in text_of(reader.get(f"/accounts/{LOGIN}"))
    assert reader.post(f"/accounts/{LOGIN}/closure").status_code == 403
    assert reader.get("/new-account").status_code == 403
    assert reader.get("/tokens").status_code == 403
    for role in (Role.HEAD, Role.LEADER, Role.SYSTEM_ADMIN, Role.PROCESS_OWNER):
        assert visit(role).get("/accounts").status_code == 403


def test_a_token_is_shown_once_and_revoked(admin: Visitor, clock: VirtualClock) -> None:
    form = {"name": "不动产系统", "department": f"xs/{RATED}", "scope": ["send_records", "read_cases"], "until_on": "2025-12-31"}
    issued = admin.post("/tokens", **form)
    token = issued.text.split('<code class="once">')[1].split("<")[0]
    actor = authenticate_token(token, clock)
    assert (actor.programme, actor.department, actor.scopes) == ("xs", RATED, {"send_records", "read_cases"})
    db.session.rollback()
    listed = admin.get("/tokens")
    assert token not in listed.text
    assert "到 2025-12-31 24:00" in text_of(listed)
    assert "查看差评、报送办件" in text_of(listed) or "报送办件、查看差评" in text_of(listed)
    (row,) = rows(Token)
    assert admin.post(f"/tokens/{row.id}/revocation", nonce="n").status_code == 303
    assert "撤销" in text_of(admin.get("/tokens"))
    assert admin.post(f"/tokens/{row.id}/revocation", nonce="m").status_code == 404


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"until_on": ""}, "请选令牌有效的最后一天"),
        ({"until_on": "2025-03-01"}, "将来的到期时间"),
        ({"scope": []}, "令牌的权限须从以下各项中选取"),
        ({"scope": ["reveal"]}, "令牌的权限须从以下各项中选取"),
        ({"department": ""}, "方案、单位"),
    ],
)
def test_a_token_that_cannot_be_says_why(admin: Visitor, change: dict[str, object], why: str) -> None:
    form = {"name": "系统甲", "department": f"xs/{RATED}", "scope": ["send_records"], "until_on": "2025-12-31"} | change
    answer = admin.post("/tokens", **form)
    assert answer.status_code == 422
    assert why in answer.text
    assert "系统甲" in answer.text
    assert rows(Token) == []
