"""The catalogue through the API: edits that overwrite nothing, departments that are merged, links that cannot be guessed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cases.conftest import OTHER, RATED, Driver, handling
from intake.conftest import Take, record
from sqlalchemy import select

from api.conftest import As, Caller
from app.audit.models import AuditEntry
from app.catalogue.links import LinkInvalid, read_link
from app.cli import config
from app.db import db
from app.identity.actor import Role
from app.identity.vault import load_vault
from app.intake.files import Report

Make = Callable[..., Driver]
LEVEL = "level：应为 city、county、town、village 之一（市、县、乡镇、村社区）"
DETAIL = "detail：事项类型应为 01、05、07、08、09、10、20 之一（“6+1”类）"


def test_two_who_edit_the_same_department_lose_nothing(city: None, as_: As) -> None:
    admin, path = as_(Role.SYSTEM_ADMIN), f"/catalogue/xs/departments/{RATED}"
    version = admin.get(path).headers["ETag"]
    assert admin.send("PATCH", path, {"name": "甲的改名"}, If_Match=version).json["name"] == "甲的改名"
    refused = admin.send("PATCH", path, {"name": "乙的改名"}, If_Match=version)
    assert (refused.status_code, refused.json["code"]) == (409, "edit_conflict")
    assert refused.json["details"]["yours"] == {"name": "乙的改名"}
    assert refused.json["details"]["theirs"]["name"] == "甲的改名"
    assert admin.send("PATCH", path, {"name": "丙"}).json["code"] == "version_needed"
    assert as_(Role.HEAD, RATED).send("PATCH", path, {"name": "丁"}, If_Match=version).status_code == 403
    assert as_(Role.HEAD, RATED).get("/catalogue/gc/departments").status_code == 404


@pytest.mark.clause("R2")
def test_a_merged_department_keeps_its_open_cases_with_its_successor_and_every_limit_runs_on(make_case: Make, as_: As) -> None:
    case = handling(make_case, "xs")
    before = case.open_tasks()["verify"]
    answer = as_(Role.SYSTEM_ADMIN).post(f"/catalogue/xs/departments/{RATED}/successor", {"successor": OTHER, "on": "2025-04-02"})
    assert answer.json == {"code": RATED, "successor": OTHER, "moved": 1}
    task = case.open_tasks()["verify"]
    assert (task.department, task.due_at, task.id) == (OTHER, before.due_at, before.id)
    assert (case.case.department, case.case.rated_department) == (OTHER, RATED)
    case.do("verify")
    assert case.open_tasks()["rectify_clear"].department == OTHER
    acts = db.session.scalars(select(AuditEntry.act).where(AuditEntry.stream == f"case:{case.case.number}")).all()
    assert "take_over" in acts
    again = as_(Role.SYSTEM_ADMIN).post(f"/catalogue/xs/departments/{OTHER}/successor", {"successor": RATED, "on": "2025-04-03"})
    assert again.json["code"] == "successor_invalid"


@pytest.mark.clause("R2")
@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"kind": "item", "code": "1" * 30, "detail": "20"}, "code：事项实施编码应为 31 位数字或大写字母"),
        ({"kind": "item", "code": "1" * 31, "detail": "02"}, DETAIL),
        (
            {"kind": "item", "code": "1" * 31, "detail": "01", "level": "street"},
            LEVEL,
        ),
        ({"kind": "item", "code": "1" * 31, "detail": "01", "level": "village"}, None),
        (
            {"kind": "area", "code": "532801001001", "level": ""},
            LEVEL,
        ),
        ({"kind": "area", "code": "532801001001", "level": "village", "area": "532801001"}, None),
        (
            {"kind": "terminal", "code": "t1", "validFrom": "2025-05-01", "validUntil": "2025-05-01"},
            "validUntil：应晚于 validFrom",
        ),
    ],
)
def test_items_and_areas_carry_standard_codes_and_one_of_four_levels(
    take: Take, row: dict[str, str], problem: str | None
) -> None:
    base = {"programme": "xs", "name": "某项", "department": "rated"}
    assert take("catalogue", base | row).refused == ([(1, problem)] if problem else [])


@pytest.mark.clause("R2")
@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(
    ("day", "taken"), [("2025-03-31", False), ("2025-04-01", True), ("2025-04-29", True), ("2025-04-30", False)]
)
def test_what_is_not_in_use_on_the_day_of_the_service_is_refused(take: Take, day: str, taken: bool) -> None:
    window = {"programme": "zb", "kind": "window", "code": "w9", "name": "临时窗口", "department": "rated"}
    take("catalogue", window | {"validFrom": "2025-04-01", "validUntil": "2025-04-30"})
    report = take("records", record(window="w9", serviceTime=f"{day} 10:00:00"))
    assert report.refused == ([] if taken else [(1, "window：w9 在服务当日不在有效期内")])


@pytest.mark.clause("X4")
def test_a_department_system_sends_records_and_calls_for_the_review_page(
    catalogue: Report,
    take: Take,
    as_system: As,
    nobody: Caller,
) -> None:
    system = as_system("send_records")
    sent = system.post(
        "/records", {"rows": [record(), record(projectNo="P2", deptCode="elsewhere"), record(projectNo="P3", mobile="")]}
    )
    assert (sent.json["added"], [each["row"] for each in sent.json["refused"]]) == (1, [2, 3])
    link = system.get("/records/P1/visits/1/link").json["link"]
    key = load_vault(config().key_file).index_key
    assert read_link(link, key).parts == ("P1", "1")
    assert system.get("/records/P9/visits/1/link").status_code == 404
    forged = [link[:-1] + sign for sign in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" if sign != link[-1]]
    for wrong in (*forged, link[1:], "", "a.b", "é.b", "....", link.split(".")[0]):
        with pytest.raises(LinkInvalid):
            read_link(wrong, key)
    assert as_system("send_records", programme="xs").get("/records/P1/visits/1/link").status_code == 404


def test_a_window_has_a_static_link_and_a_stranger_gets_none(catalogue: Report, take: Take, as_: As) -> None:
    link = as_(Role.HANDLER, "rated").get("/catalogue/xs/windows/w1/link").json["link"]
    found = read_link(link, load_vault(config().key_file).index_key)
    assert (found.kind, found.programme, found.parts) == ("w", "xs", ("window", "w1"))
    assert as_(Role.HANDLER, "rated").get("/catalogue/xs/windows/w7/link").status_code == 404
