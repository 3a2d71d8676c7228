"""Names of columns: English, Chinese, and what makes no sense."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from app.intake.files import FileUnreadable, Report
from app.intake.headers import Columns, fields_by_name, plain
from app.intake.importing import KINDS
from app.intake.schemas import RecordRow, ReviewRow, RowSchema
from tests.intake.conftest import Take, record, review

SCHEMAS = [schema for schema, *_ in KINDS.values()]
IN_CHINESE = {
    "programme": "方案", "projectNo": "办件编号", "serviceNumber": "服务次数", "taskCode": "事项编码", "deptCode": "部门编码",
    "window": "窗口编码", "proManager": "办理人编码", "channel": "渠道编码", "userProp": "申请人类型", "userPageType": "证件类型",
    "certKey": "证件号码", "userName": "申请人名称", "mobile": "手机号", "proStatus": "办件状态", "acceptDate": "收件时间",
    "resultDate": "办结时间", "serviceTime": "服务时间",
}  # fmt: skip


@pytest.mark.parametrize("schema", SCHEMAS)
def test_every_field_has_a_chinese_name_and_no_two_share_one(schema: type[RowSchema]) -> None:
    fields = schema().fields
    assert [name for name, field in fields.items() if not field.metadata["names"]] == []
    names = Counter(plain(name) for field, declared in fields.items() for name in (field, *declared.metadata["names"]))
    assert max(names.values()) == 1
    assert len(fields_by_name(schema)) == len(names)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_file_with_chinese_headers_comes_in_and_reasons_use_them(catalogue: Report, take: Take, suffix: str) -> None:
    rows = [{IN_CHINESE[name]: value for name, value in row.items()} for row in (record(), record(projectNo="P2", mobile=""))]
    report = take("records", *rows, suffix=suffix)
    assert report.added == 1
    assert [reason for _, reason in report.refused] == ["手机号：本方案规定必填"]


def test_letters_may_be_large_or_small_and_blanks_do_not_count(catalogue: Report, take: Take) -> None:
    row = {f" {name.upper()}　": value for name, value in record().items()}
    assert take("records", row, suffix=".csv").added == 1


def test_columns_that_nobody_asked_for_are_passed_over_and_told(catalogue: Report, take: Take) -> None:
    rows = record() | {"备注": "无", "拒绝原因": "第 2 行：…"}
    for suffix in (".csv", ".jsonl"):
        report = take("records", rows, suffix=suffix)
        assert (report.refused, report.passed_over) == ([], ["备注"])
        assert report.as_dict()["passed_over"] == ["备注"]


@pytest.mark.parametrize(
    ("titles", "told"),
    [
        (["projectNo", "办件编号", "programme", "satisfaction", "assessTime"], "两列是同一项：projectNo、办件编号"),
        (["Pf", "pf", "programme", "satisfaction", "assessTime"], "两列是同一项：Pf、pf"),
        (["programme", "满意度"], r"缺少必有的列：评价时间（assessTime）"),
    ],
)
def test_a_header_that_makes_no_sense_stops_the_file_and_is_named(titles: list[str], told: str) -> None:
    with pytest.raises(FileUnreadable, match=told):
        Columns(ReviewRow).of_header(titles, "a.csv")


def test_empty_titles_are_no_columns() -> None:
    columns = Columns(ReviewRow)
    assert columns.of_header(["", "programme", "满意度", "评价时间", " "], "a.csv")[::4] == [None, None]
    assert columns.passed_over == []


def test_a_header_that_cannot_be_read_stops_the_file(catalogue: Report, take: Take, tmp_path: Path) -> None:
    from app.cli import import_file

    path = tmp_path / "a.csv"
    path.write_bytes(",".join(review()).encode() + b",\xff\xfe\n")
    with pytest.raises(FileUnreadable, match="表头读不出"):
        import_file("reviews", path)


def test_reasons_call_fields_as_the_file_does() -> None:
    columns = Columns(RecordRow)
    columns.field_of("手机号码")
    assert columns.said("mobile：应为电话号码；certKey：必填") == "手机号码：应为电话号码；certKey：必填"
