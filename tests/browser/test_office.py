"""An official's day in a browser: every programme from filing to its end with nothing but the pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cases.conftest import FORMS, OTHER, RATED, RULES, Driver, handling
from intake.conftest import Take, bad_review, record
from playwright.sync_api import Page, expect

from app.db import unit_of_work
from app.identity.models import Account
from app.identity.passwords import hash_password
from browser.conftest import DESKTOP, PHONE, ZOOMED, Open, Watched, picture

Make = Callable[..., Driver]
PASSWORD = "correct horse battery"
STAFF_PAGE, DIAGRAM_PAGE = 300_000, 700_000


# What SX calls a matter that is put right at once.
SIMPLE = {"handling": "simple"}


def fill(page: Page, element: str, wanted: dict[str, object]) -> None:
    """Fill the form of a step as its people would: what is decided as wanted, what else must be filled somehow."""
    form = page.locator(f'form[action$="/tasks/{element}"]')
    own = form.locator(":is(input:not([type=hidden]), textarea, select):not(details *)")
    for name in own.evaluate_all("all => [...new Set(all.map(each => each.name))]"):
        fields = form.locator(f'[name="{name}"]')
        if name not in wanted and not form.locator(f'.field:has([name="{name}"]) .must').count():
            continue
        kind = fields.first.get_attribute("type")
        if fields.first.evaluate("each => each.tagName") == "SELECT":
            fields.first.select_option(str(wanted[name]))
            continue
        if kind == "radio":
            value = {True: "true", False: "false"}.get(wanted.get(name), wanted.get(name))
            (form.locator(f'[name="{name}"][value="{value}"]') if value else fields.first).check()
        else:
            fields.fill(str(wanted.get(name, {"date": "2025-04-02", "number": "1"}.get(str(kind), "已经办妥，见附件。"))))
    form.locator("button.main").click()


class Office:
    """The people of a case's departments, each in a browser of their own."""

    def __init__(self, visit: Open, case: Driver) -> None:
        self.visit, self.case, self.people = visit, case, dict[str, Watched]()

    def page_of(self, department: str, role: str) -> Page:
        """Open the case as somebody of a department."""
        login = f"{self.case.programme}.{department}.{role}"
        self.people[login] = self.people.get(login) or self.visit(login)
        return self.people[login].open(f"/cases/{self.case.case.number}")

    def decided(self, element: str) -> dict[str, object]:
        """Return what its people decide in a step."""
        more = SIMPLE if (self.case.programme, element) == ("sx", "verify") else {}
        return FORMS.get(element, {}) | more

    def do(self, element: str) -> None:
        """Do one step, and sign it where a signature is due."""
        department = self.case.open_tasks()[element].department
        page = self.page_of(department, "handler")
        fill(page, element, self.decided(element))
        expect(page.locator(".said-done")).to_be_visible()
        task = self.case.open_tasks().get(element)
        if task is not None and task.status == "submitted":
            second = self.page_of(department, "head")
            second.get_by_role("button", name="审签通过").click()
            expect(second.locator(".said-done")).to_be_visible()


@pytest.mark.parametrize("programme", RULES)
def test_a_bad_review_goes_from_filing_to_its_close_with_nothing_but_the_pages(
    make_case: Make, visit: Open, programme: str
) -> None:
    case, steps = make_case(programme), 0
    office = Office(visit, case)
    while case.case.status == "open":
        office.do(next(iter(case.open_tasks())))
        steps += 1
        assert steps < 15
    assert steps >= 4
    assert [wrong for watched in office.people.values() for wrong in watched.wrong] == []


def test_one_signs_in_walks_the_inbox_by_keyboard_and_opens_a_case(make_case: Make, visit: Open) -> None:
    numbers = [handling(make_case).case.number for _ in range(3)]
    with unit_of_work() as session:
        session.query(Account).filter_by(login=f"xs.{RATED}.handler").update({"password_hash": hash_password(PASSWORD)})
    watched = visit()
    page = watched.open("/inbox")
    page.get_by_label("登录名").fill(f"xs.{RATED}.handler")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{watched.site}/inbox")
    for key in ("j", "j", "k", "j"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{numbers[1]}")
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_url(f"{watched.site}/inbox")
    assert watched.wrong == []


def test_a_question_mark_lists_the_keys_and_escape_puts_them_away(make_case: Make, visit: Open) -> None:
    watched = visit(f"xs.{RATED}.handler")
    page = watched.open("/inbox")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="快捷键")).to_be_visible()
    assert watched.barriers() == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert watched.wrong == []


def test_what_a_page_sends_says_where_it_comes_from_to_older_browsers_standards_too(make_case: Make, visit: Open) -> None:
    watched = visit(f"xs.{RATED}.handler")
    page = watched.open("/inbox")
    with page.expect_request("**/sign-out") as sent:
        page.get_by_role("button", name="退出").click()
    assert sent.value.all_headers()["origin"] == watched.site


def test_single_letters_do_nothing_in_a_field(make_case: Make, visit: Open) -> None:
    case = handling(make_case)
    page = visit(f"xs.{RATED}.handler").open(f"/cases/{case.case.number}")
    page.locator("textarea").first.press_sequentially("gijk")
    assert page.url.endswith(case.case.number)
    assert page.locator("textarea").first.input_value() == "gijk"


def test_a_wrong_form_says_what_is_missing_and_keeps_what_was_typed(make_case: Make, visit: Open) -> None:
    case = handling(make_case)
    watched = visit(f"xs.{RATED}.handler")
    page = watched.open(f"/cases/{case.case.number}")
    page.locator("textarea").first.fill("查了一半")
    page.locator("button.main").click()
    expect(page.get_by_role("alert")).to_contain_text("表单还不能提交")
    expect(page.locator("textarea").first).to_have_value("查了一半")
    assert set(case.open_tasks()) == {"verify"}
    assert watched.barriers() == []


@pytest.fixture
def places(make_case: Make, catalogue: object, take: Take) -> dict[str, tuple[str | None, str, int]]:
    """Every page by name: who looks, where it is, how heavy it may be."""
    take("records", record(programme="xs"))
    take("reviews", bad_review(programme="xs", writingEvaluation="窗口说材料不齐，回去补了三次，每次说的都不一样。" * 8))
    case = handling(make_case)
    case.do("verify", handling="complex")
    late = handling(make_case)
    handling(make_case, "xs", department=OTHER)
    late.at("2025-04-03 10:00")
    handler = f"xs.{RATED}.handler"
    return {
        "overview": (None, "/", STAFF_PAGE),
        "sign-in": (None, "/sign-in", STAFF_PAGE),
        "choices": (handler, "/inbox/item", STAFF_PAGE),
        "inbox": (handler, "/inbox", STAFF_PAGE),
        "inbox-words": ("xs.xs-lead-jinghong.handler", "/inbox", STAFF_PAGE),
        "case-words": ("xs.xs-lead-jinghong.handler", "/cases/XS-2025-000001", DIAGRAM_PAGE),
        "inbox-empty": (handler, "/inbox?due=today", STAFF_PAGE),
        "team": (f"xs.{RATED}.head", "/team", STAFF_PAGE),
        "cases": (handler, "/cases", STAFF_PAGE),
        "case": (handler, f"/cases/{case.case.number}", DIAGRAM_PAGE),
        "case-late": (f"xs.{RATED}.head", f"/cases/{late.case.number}", DIAGRAM_PAGE),
        "case-leader": (f"xs.{RATED}.leader", f"/cases/{late.case.number}", DIAGRAM_PAGE),
    }


@pytest.mark.parametrize(("screen", "size"), [("desktop", DESKTOP), ("zoomed", ZOOMED), ("phone", PHONE)])
def test_every_page_is_open_to_everybody_and_light(
    visit: Open, places: dict[str, tuple[str | None, str, int]], screen: str, size: tuple[int, int]
) -> None:
    for name, (login, path, heaviest) in places.items():
        watched = visit(login, size)
        page = watched.open(path)
        if heaviest == DIAGRAM_PAGE:
            page.wait_for_selector("[data-ready]")
            assert_mark_is_shown(watched)
        picture(watched, f"{name}-{screen}")
        assert watched.barriers() == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], f"{name} scrolls sideways"
        assert watched.transferred() <= heaviest, name
        assert watched.wrong == [], name
        assert {answer.url.split("/")[2] for answer in watched.answers if "://" in answer.url} == {watched.site.split("/")[2]}


def test_a_phone_has_its_places_at_the_foot_and_its_filters_on_a_sheet(make_case: Make, visit: Open) -> None:
    case, other = handling(make_case), handling(make_case)
    other.do("verify", handling="complex")
    watched = visit(f"xs.{RATED}.handler", PHONE)
    page = watched.open("/inbox")
    foot = page.get_by_role("navigation", name="主导航")
    expect(foot.get_by_role("link")).to_have_text(["待办", "工单", "科内", "我的"])
    page.get_by_role("link", name="筛选").click()
    picture(watched, "filters-phone")
    assert watched.barriers() == []
    page.get_by_text("环节", exact=True).click()
    page.get_by_role("link", name="安排科室、核查").click()
    expect(page.get_by_role("link", name="筛选 1")).to_be_visible()
    expect(page.get_by_role("group", name="筛选")).to_be_hidden()
    expect(page.get_by_role("checkbox")).to_have_count(1)
    expect(page.get_by_text(case.case.number)).to_be_visible()
    page.get_by_role("searchbox", name="搜工单号").focus()
    assert page.get_by_role("searchbox", name="搜工单号").evaluate("each => each.offsetWidth") > 300
    foot.get_by_role("link", name="我的").click()
    expect(page.get_by_role("navigation", name="全部页面").get_by_role("link", name="方案")).to_be_visible()
    page.get_by_role("button", name="退出", exact=True).click()
    expect(page.get_by_role("button", name="登录")).to_be_visible()
    assert watched.wrong == []


def assert_mark_is_shown(watched: Watched) -> None:
    """The mark of the diagram's makers is there, whole, and covered by nothing (their licence)."""
    mark = watched.page.locator(".bjs-powered-by")
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    assert box
    at = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    assert watched.page.evaluate("([x, y]) => !!document.elementFromPoint(x, y).closest('.bjs-powered-by')", at)


def test_rows_are_chosen_taken_and_given_with_the_keyboard(make_case: Make, visit: Open) -> None:
    cases = [handling(make_case) for _ in range(3)]
    watched = visit(f"xs.{RATED}.head")
    page = watched.open("/inbox")
    for key in ("j", "c"):
        page.keyboard.press(key)
    expect(page.get_by_role("status").filter(has_text="成功 1 件")).to_be_visible()
    for key in ("j", "j", "x", "j", "Shift+X"):
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="转交 2 件")).to_be_visible()
    expect(page.get_by_role("button", name="认领 2 件")).to_be_visible()
    assert watched.barriers() == []
    picture(watched, "inbox-chosen")
    page.get_by_role("button", name="取消选择").click()
    expect(page.get_by_role("button", name="取消选择")).to_be_hidden()
    page.get_by_label("选择这一页全部").check()
    expect(page.get_by_role("button", name="转交 3 件")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="导出", exact=True).click()
    assert download.value.suggested_filename.startswith("待办 ")
    page.get_by_label("选择这一页全部").uncheck()
    for key in ("k", "k", "j", "x", "j", "Shift+X"):
        page.keyboard.press(key)
    page.keyboard.press("t")
    page.get_by_label("转交给").select_option(f"xs.{RATED}.handler2")
    page.get_by_role("button", name="转交 2 件").click()
    expect(page.get_by_role("status").filter(has_text="成功 2 件")).to_be_visible()
    owners = sorted(case.open_tasks()["verify"].owner.split(".")[-1] for case in cases)
    assert owners == ["handler2", "handler2", "head"]
    assert watched.wrong == []


def test_a_menu_loads_its_choices_and_the_search_is_reached_with_a_slash(make_case: Make, visit: Open) -> None:
    handling(make_case)
    watched = visit(f"xs.{RATED}.handler")
    page = watched.open("/inbox")
    page.get_by_text("事项", exact=True).click()
    expect(page.get_by_text("没有可选的事项。")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("没有可选的事项。")).to_be_hidden()
    page.keyboard.press("/")
    page.keyboard.type("办理j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases?q=*")
    expect(page.get_by_text("没有这样的工单。")).to_be_visible()
    assert watched.wrong == []


def test_coming_back_from_a_case_leads_to_the_same_row_and_filter(make_case: Make, visit: Open) -> None:
    numbers = [handling(make_case).case.number for _ in range(3)]
    watched = visit(f"xs.{RATED}.handler")
    page = watched.open("/inbox?step=verify")
    page.get_by_role("link", name="投诉件").nth(1).click()
    page.wait_for_url(f"**/cases/{numbers[1]}")
    page.keyboard.press("j")
    page.wait_for_url(f"**/cases/{numbers[2]}")
    page.get_by_role("link", name="返回待办").click()
    page.wait_for_url("**/inbox?step=verify")
    expect(page.locator("tr.is-here")).to_contain_text(numbers[2])


def test_what_is_typed_is_kept_while_it_is_typed(make_case: Make, visit: Open) -> None:
    case = handling(make_case)
    watched = visit(f"xs.{RATED}.handler")
    page = watched.open(f"/cases/{case.case.number}")
    page.locator("textarea").first.press_sequentially("查到一半")
    expect(page.locator(".kept")).to_contain_text("草稿已存")
    page.reload()
    expect(page.locator("textarea").first).to_have_value("查到一半")
    assert watched.wrong == []


def test_a_file_is_put_to_a_case_and_the_sheet_is_printed_clean(make_case: Make, visit: Open) -> None:
    case = handling(make_case)
    watched = visit(f"xs.{RATED}.handler")
    page = watched.open(f"/cases/{case.case.number}")
    page.get_by_label("选文件").set_input_files({"name": "指南.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n"})
    page.get_by_role("button", name="上传附件").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="指南.pdf").click()
    assert download.value.suggested_filename == "指南.pdf"
    with page.expect_navigation():
        page.get_by_role("link", name="打印单").click()
    assert watched.barriers() == []
    picture(watched, "sheet")
    assert page.pdf().startswith(b"%PDF")
    page.emulate_media(media="print")
    expect(page.get_by_role("banner")).to_be_hidden()
    assert watched.wrong == []


@pytest.mark.parametrize(("screen", "size"), [("desktop", DESKTOP), ("zoomed", ZOOMED), ("phone", PHONE)])
def test_the_bell_says_what_is_late_until_it_is_seen(make_case: Make, visit: Open, screen: str, size: tuple[int, int]) -> None:
    for case in [handling(make_case) for _ in range(3)]:
        case.do("verify", handling="complex")
    case.at("2025-04-30 10:00")
    case.tick()
    watched = visit(f"xs.{RATED}.head", size)
    page = watched.open("/inbox")
    bell = page.get_by_role("link", name="提醒")
    expect(bell).to_contain_text("条新提醒")
    bell.click()
    page.wait_for_url("**/messages")
    expect(page.get_by_role("link", name=case.case.number).first).to_be_visible()
    picture(watched, f"messages-{screen}")
    assert watched.barriers() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    page.get_by_role("button", name="都看过了").click()
    expect(page.get_by_role("button", name="都看过了")).to_have_count(0)
    assert watched.wrong == []
