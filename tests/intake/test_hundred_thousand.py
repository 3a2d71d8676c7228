"""A hundred thousand reviews in GB18030, each hundredth broken in one of twenty ways: those are refused, and no other."""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from app.cases.models import Case
from app.cli import import_file
from app.db import db, unit_of_work
from app.intake.cells import LOST_DIGITS
from app.intake.files import Report
from app.intake.models import Review
from tests.intake.conftest import Take

ROWS, EACH = 100_000, 50
TITLES = [
    "方案", "办件编号", "服务次数", "评价次数", "满意度", "评价详情", "文字评价", "评价渠道", "渠道编码", "评价时间", "匿名标志",
    "默认评价", "备注",
]  # fmt: skip
SPOILT = "\udcff"  # a byte that is no text in any encoding

Change = Callable[[dict[str, str]], str]


def having(**changes: str) -> Change:
    return lambda row: line_of(row | changes)


# What is wrong with a row, and what is said of it.
WAYS: list[tuple[Change, str]] = [
    (having(办件编号="没有这一件"), "办件编号：没有对应的服务数据"),
    (having(办件编号=""), "办件编号：必填；没有办件的，请写 voiceNo 和 deptCode"),
    (having(办件编号="9.90001E+17"), f"办件编号：{LOST_DIGITS}"),
    (having(办件编号="P100001", 满意度="4", 评价详情="406"), "本次服务已有评价（2025-04-02 09:00，渠道 tablet），这一条留存不计"),
    (having(服务次数="0"), "服务次数：应为 1 到 9999 的整数"),
    (having(服务次数="一"), "服务次数：写法不对"),
    (having(评价次数="3"), "评价次数：应为 1（首次）或 2（追加）"),
    (having(评价次数="2"), "评价次数：没有首次评价，不能追加"),
    (having(满意度="6"), "满意度：应为 1、2、3、4、5 之一"),
    (having(满意度="", 默认评价="2"), "满意度：必填；默认评价：应为 0 或 1（系统默认）"),
    (having(评价详情="510,599"), "评价详情：没有原因代码 599"),
    (having(评价详情="115"), "评价详情：原因代码 115 不属于这一评价等级"),
    (having(满意度="1", 评价详情="", 文字评价=""), "差评必须勾选详情或填写文字评价"),
    (having(文字评价="长" * 2001), "文字评价：不超过 2000 字"),
    (having(评价渠道="9"), "评价渠道：必填，须是本省代码表里的评价渠道；或在 channel 写名录里的渠道"),
    (having(评价时间="2025-02-30 09:00"), "评价时间：应为 2025-04-01 09:30:00 这样的时间"),
    (having(方案="qq"), "没有代码为 qq 的方案。"),
    (lambda row: line_of(row).removesuffix(","), "列数与表头不符"),
    (lambda row: line_of(row | {"文字评价": "没有关上"}).replace("没有关上", '"没有关上'), "引号没有成对，或位置不对"),
    (having(文字评价=f"坏{SPOILT}字"), "含有不成文字的字节"),
]


def line_of(row: dict[str, str]) -> str:
    return ",".join(f'"{cell}"' if "," in cell else cell for cell in row.values())


def good_row(number: int) -> dict[str, str]:
    words = "办得快，说得清楚。" if number % 9 == 0 else ""
    cells = [
        "xs",
        f"P{number}",
        "1",
        "1",
        "5",
        "510,517",
        words,
        "4",
        "",
        f"2025/4/{number % 30 + 1} 9:{number % 60:02d}",
        "2",
        "0",
        "",
    ]
    return dict(zip(TITLES, cells, strict=True))


def write(path: Path, lines: list[str]) -> Path:
    path.write_bytes(("\n".join(lines) + "\n").encode("gb18030", "surrogateescape"))
    return path


@pytest.fixture
def served(catalogue: Report, take: Take) -> None:
    """Store all the services, one more of them reviewed already."""
    columns = "served_on, programme, record, visit, item, department, channel, applicant_kind, certificate_kind, state"
    values = "date '2025-04-01' + n % 30, 'xs', 'P' || n, 1, repeat('1', 31), 'rated', 'window', '1', '111', 'finished'"
    query = f"insert into service_records ({columns}, received_at, imported_at) select {values}, now(), now()"
    with unit_of_work() as session:
        session.execute(text(f"{query} from generate_series(2, {ROWS + 1}) n"))
    first = {"programme": "xs", "projectNo": f"P{ROWS + 1}", "satisfaction": "5", "pf": "4", "assessTime": "2025-04-02 09:00"}
    assert take("reviews", first).added == 1


@pytest.mark.usefixtures("served")
def test_exactly_the_broken_rows_are_refused_each_with_its_reason_and_mended_they_come_in(tmp_path: Path) -> None:
    assert len(WAYS) == 20
    broken = random.Random(39046).sample(range(2, ROWS + 1), len(WAYS) * EACH)
    ways = {number: WAYS[place % len(WAYS)] for place, number in enumerate(broken)}
    lines = [ways[n][0](good_row(n)) if n in ways else line_of(good_row(n)) for n in range(2, ROWS + 1)]
    report = import_file("reviews", write(tmp_path / "四月.csv", [",".join(TITLES), *lines]))
    assert (report.added, report.known, report.opened) == (ROWS - 1 - len(ways), 0, 0)
    assert dict(report.refused) == {number: reason for number, (_, reason) in ways.items()}
    assert report.passed_over == ["备注"]

    assert report.refused_file == tmp_path / "四月-refused.csv"
    with report.refused_file.open(encoding="gb18030", errors="surrogateescape", newline="") as file:
        head, *rows = csv.reader(file)
    assert head == [*TITLES, "拒绝原因"]
    numbers = [int(re.match(r"第 (\d+) 行：", row[-1])[1]) for row in rows]  # type: ignore[index]
    assert numbers == sorted(ways)
    mended = [line_of(good_row(number) | {"": row[-1]}) for number, row in zip(numbers, rows, strict=True)]
    again = import_file("reviews", write(report.refused_file, [",".join(head), *mended]))
    assert (again.added, again.known, again.refused) == (len(ways), 0, [])
    assert db.session.query(Review).count() == ROWS
    assert db.session.query(Case).count() == 0
