"""The catalogue coming in. R2."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from app.catalogue.models import CatalogueEntry, Department
from app.db import db
from app.intake.files import Report
from tests.intake.conftest import COLUMNS, bad_review, record, review

Take = Callable[..., Report]

ROW = {"programme": "ZB", "kind": "department", "code": "d", "name": "局"} | dict.fromkeys(COLUMNS[4:], "")


def test_a_repeated_import_adds_nothing_and_brings_up_to_date(take: Take) -> None:
    window = ROW | {"kind": "window", "code": "w", "department": "d", "name": "1号窗口"}
    first = take("catalogue", window, ROW, ROW | {"name": "新局"})
    assert (first.added, first.known, first.refused) == (2, 1, [])
    second = take("catalogue", ROW | {"area": "370300"}, window | {"name": "2号窗口"})
    assert (second.added, second.known) == (0, 2)
    assert db.session.execute(select(Department.programme, Department.name, Department.area)).all() == [("zb", "局", "370300")]
    assert db.session.scalars(select(CatalogueEntry.name)).all() == ["2号窗口"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"programme": "qq"}, "没有代码为 qq 的方案。"),
        ({"kind": "cat"}, "kind：应为 area、department、window、terminal、staff、item、channel 之一"),
        ({"kind": "window"}, "department：必填"),
        ({"kind": "staff", "department": "none"}, "department：名录里没有 none"),
        ({"kind": "item", "department": "d", "detail": "02"}, "detail：事项类型应为 01、05、07、08、09、10、20 之一（“6+1”类）"),
        ({"name": ""}, "name：必填"),
    ],
)
def test_a_bad_row_is_refused_alone(take: Take, changes: dict[str, str], reason: str) -> None:
    report = take("catalogue", ROW, ROW | {"code": "x"} | changes, ROW | {"code": "e"})
    assert (report.added, report.refused) == (2, [(2, reason)])
    assert db.session.scalar(select(func.count()).select_from(CatalogueEntry)) == 0


@pytest.mark.clause("C4")
@pytest.mark.usefixtures("catalogue")
def test_a_new_channel_is_a_row_and_needs_no_code(take: Take) -> None:
    take("records", record(channel="window"), record(projectNo="P2"))
    by_robot = {"pf": "", "channel": "robot"}
    assert take("reviews", review(**by_robot)).refused == [(1, "channel：名录里没有 robot")]
    take("catalogue", ROW | {"kind": "channel", "code": "robot", "name": "导办机器人", "detail": "terminal"})
    report = take("reviews", review(**by_robot), bad_review(projectNo="P2", **by_robot))
    assert (report.added, report.opened, report.refused) == (2, 1, [])
