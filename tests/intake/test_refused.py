"""Refused rows come back in a file of the same form, are mended there, and taken in again."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from app.cli import import_file
from app.db import db
from app.intake.cells import LOST_DIGITS, NO_RESULT
from app.intake.files import Report
from app.intake.json_source import ORIGINAL
from app.intake.models import ServiceRecord
from app.intake.refused import RefusedNotWritten
from tests.intake.books import SHEET, change_part, read_book, write_rows
from tests.intake.conftest import record

pytestmark = pytest.mark.usefixtures("catalogue")

NAMES = list(record())


def stored() -> set[str]:
    return set(db.session.scalars(select(ServiceRecord.record)))


def rows() -> list[dict[str, Any]]:
    good = [record(projectNo="甲1"), record(projectNo="甲4", userName="=SUM(A1)")]
    return [good[0], record(projectNo="乙2", mobile="无"), record(projectNo="丙3", taskCode="=2+3"), good[1]]


def write_csv(path: Path, encoding: str, titles: list[str] = NAMES) -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerows([titles, *([row[name] for name in NAMES] for row in rows())])
    return path


def mended(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"mobile": "15410000001", "taskCode": "1" * 31}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_keeps_encoding_titles_and_cells_and_comes_in_when_mended(tmp_path: Path, encoding: str) -> None:
    titles = ["办件编号" if name == "projectNo" else name for name in NAMES]
    report = import_file("records", write_csv(tmp_path / "四月.csv", encoding, titles))
    assert [row for row, _ in report.refused] == [3, 4]
    path = tmp_path / "四月-refused.csv"
    assert report.refused_file == path
    assert path.read_bytes()[:3].startswith(b"\xef\xbb\xbf") is (encoding == "utf-8-sig")
    with path.open(encoding=encoding, newline="") as file:
        body = list(csv.reader(file))
    assert body[0] == [*titles, "拒绝原因"]
    assert [(row[1], row[-1]) for row in body[1:]] == [
        ("乙2", "第 3 行：mobile：应为电话号码"),
        ("丙3", "第 4 行：taskCode：名录里没有 所填的内容"),
    ]
    assert body[2][NAMES.index("taskCode")] == "=2+3"
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(
            [body[0], *([*mended(dict(zip(NAMES, row, strict=False))).values(), row[-1]] for row in body[1:])]
        )
    again = import_file("records", path)
    assert (again.added, again.refused, again.passed_over) == (2, [], [])
    assert stored() == {"甲1", "乙2", "丙3", "甲4"}


def test_json_lines_come_back_with_one_more_name(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows()) + "{不成\n", encoding="gb18030")
    report = import_file("records", path)
    refused = [json.loads(line) for line in (tmp_path / "a-refused.jsonl").read_text("gb18030").splitlines()]
    assert [row for row, _ in report.refused] == [2, 3, 5]
    assert refused[2] == {ORIGINAL: "{不成", "拒绝原因": "第 5 行：不是一行一个 JSON 对象"}
    path.write_text("".join(json.dumps(mended(row), ensure_ascii=False) + "\n" for row in refused[:2]), encoding="gb18030")
    assert import_file("records", path).added == 2


def test_workbooks_come_back_as_workbooks_of_texts(tmp_path: Path) -> None:
    wrong = [record(projectNo="乙2", mobile="无"), record(projectNo="丙3", certKey=990001198001010015)]
    report = import_file("records", write_rows(tmp_path / "a.xlsx", [record(projectNo="甲1"), *wrong, record(userName="=A1")]))
    path = tmp_path / "a-refused.xlsx"
    body = read_book(path)
    assert body[0] == [*NAMES, "拒绝原因"]
    assert [(row[1], row[-1]) for row in body[1:]] == [
        ("乙2", "第 3 行：mobile：应为电话号码"),
        ("丙3", f"第 4 行：certKey：{LOST_DIGITS}"),
        ("P1", f"第 5 行：userName：{NO_RESULT}"),
    ]
    again = import_file("records", path)
    assert [reason for _, reason in again.refused][:2] == [reason for _, reason in report.refused][:2]
    assert again.refused[2] == (4, "userName：公式出错 #N/A")
    write_rows(path, [mended(dict(zip(NAMES, row, strict=False))) | {"certKey": "99", "userName": "甲"} for row in body[1:]])
    assert import_file("records", path).added == 3


def test_what_begins_like_a_formula_is_text_in_a_workbook(tmp_path: Path) -> None:
    starts = [record(projectNo=f"{sign}1+1", mobile="无") for sign in ("=", "+", "-", "@", "\t")]
    path = write_rows(tmp_path / "a.xlsx", [{name: f"'{value}" for name, value in row.items()} for row in starts])
    change_part(path, SHEET, lambda body: body.replace(">'", ">"))
    assert len(import_file("records", path).refused) == len(starts)
    cells = [cell for row in load_workbook(tmp_path / "a-refused.xlsx").active.iter_rows(min_row=2) for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert [cell.value for cell in cells if cell.column == 2] == [row["projectNo"] for row in starts]


def test_lines_that_are_no_rows_harm_no_other_row_and_stay_refused_until_mended(tmp_path: Path) -> None:
    head, good = ",".join(NAMES), ",".join(map(str, record(projectNo="甲", mobile="").values()))
    (tmp_path / "a.csv").write_text(f'{head}\n"{good}\n{good},\n{good[:-4]}\n{good}\n')
    first = import_file("records", tmp_path / "a.csv")
    assert [row for row, _ in first.refused] == [2, 3, 4, 5]
    again = import_file("records", tmp_path / "a-refused.csv")
    assert [reason for _, reason in again.refused] == ["列数与表头不符"] * 2 + [reason for _, reason in first.refused[2:]]
    assert (tmp_path / "a-refused-refused.csv").read_text() != ""


def test_bytes_that_are_no_text_come_back_as_they_were(tmp_path: Path) -> None:
    body = "".join(",".join(map(str, record(projectNo=f"办件{n}").values())) + "\n" for n in range(9)).encode()
    spoilt = ",".join(map(str, record(projectNo="办件9", userName="甲").values())).encode().replace("甲".encode(), b"\xe7\x94")
    (tmp_path / "a.csv").write_bytes(",".join(NAMES).encode() + b"\n" + body + spoilt + b"\n")
    assert import_file("records", tmp_path / "a.csv").refused == [(11, "含有不成文字的字节")]
    assert (tmp_path / "a-refused.csv").read_bytes().splitlines()[1].startswith(spoilt)


def test_it_is_the_owners_alone_and_an_earlier_one_is_set_aside(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", "utf-8")
    import_file("records", path)
    refused = tmp_path / "a-refused.csv"
    assert refused.stat().st_mode & 0o777 == 0o600
    import_file("records", path)
    assert not Path(f"{refused}~").exists()
    refused.write_text("改了一半")
    import_file("records", path)
    assert Path(f"{refused}~").read_text() == "改了一半"
    assert refused.read_text() != "改了一半"
    assert sorted(each.name for each in tmp_path.glob("*a*.csv*")) == ["a-refused.csv", "a-refused.csv~", "a.csv"]


def test_where_it_cannot_be_written_the_good_rows_are_in_and_it_is_told(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", "utf-8")
    (tmp_path / ".a-refused.csv.part").mkdir()
    with pytest.raises(RefusedNotWritten, match="其余各行已导入"):
        import_file("records", path)
    assert db.session.scalar(select(func.count()).select_from(ServiceRecord)) == 2


def test_without_a_refused_row_there_is_no_file(tmp_path: Path, take: Callable[..., Report]) -> None:
    assert take("records", record()).refused_file is None
    assert [each.name for each in tmp_path.iterdir() if "refused" in each.name] == []
