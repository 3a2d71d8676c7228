"""Reading files: two forms, and nothing that is wrong with one row reaches another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.intake.files import FileUnreadable, Row, RowRefused, check_row, read_rows
from app.intake.schemas import ReviewRow
from tests.intake.conftest import review


def rows_of(path: Path) -> dict[int, Row]:
    return dict(read_rows(path))


def write(path: Path, body: str | bytes) -> Path:
    path.write_bytes(body if isinstance(body, bytes) else body.encode())
    return path


@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_csv_and_json_lines_give_the_same_rows_with_or_without_a_byte_order_mark(tmp_path: Path, start: str) -> None:
    table = write(tmp_path / "a.CSV", start + "a,b\r\n一,2\r\n\r\n三,4\r\n")
    lines = write(tmp_path / "a.jsonl", start + '{"a": "一", "b": "2"}\n\n{"a": "三", "b": "4"}\n')
    assert rows_of(table) == rows_of(lines) == {1: {"a": "一", "b": "2"}, 2: {"a": "三", "b": "4"}}


def test_a_quoted_cell_may_go_on_over_lines(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'a,b\n"一\n""二""\n三",4\n五,6\n')
    assert rows_of(path) == {1: {"a": '一\n"二"\n三', "b": "4"}, 2: {"a": "五", "b": "6"}}


def test_a_quote_that_is_not_closed_costs_its_own_row_alone(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'a,b\n1,2\n"3,4\n5,6\n"7",8\n9,"10\n')
    assert rows_of(path) == {
        1: {"a": "1", "b": "2"},
        2: "引号没有成对，或位置不对",
        3: {"a": "5", "b": "6"},
        4: {"a": "7", "b": "8"},
        5: "引号没有成对，或位置不对",
    }


def test_a_wrong_number_of_columns_costs_its_own_row_alone(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "a,b\n1\n1,2,3\n1,2\n")
    assert rows_of(path) == {1: "列数与表头不符", 2: "列数与表头不符", 3: {"a": "1", "b": "2"}}


@pytest.mark.parametrize("line", ["{", "[1]", "null", '{"a": 1}}', "[" * 100_000, '{"n": ' + "9" * 5000 + "}"])
def test_a_line_that_is_no_json_object_costs_itself_alone(tmp_path: Path, line: str) -> None:
    path = write(tmp_path / "a.jsonl", line + '\n{"a": "1"}\n')
    assert rows_of(path) == {1: "不是一行一个 JSON 对象", 2: {"a": "1"}}


def test_bytes_that_are_not_utf8_cost_their_own_row_alone(tmp_path: Path) -> None:
    lines = [json.dumps(review(projectNo=number), ensure_ascii=False).encode() for number in ("P1", "乙", "P3")]
    lines[1] = lines[1].decode().encode("gb18030")
    found = rows_of(write(tmp_path / "a.jsonl", b"\n".join(lines)))
    assert check_row(ReviewRow(), found[1])["projectNo"] == "P1"
    with pytest.raises(RowRefused, match="UTF-8"):
        check_row(ReviewRow(), found[2])
    assert check_row(ReviewRow(), found[3])["projectNo"] == "P3"


@pytest.mark.parametrize("words", ["a\x00b", "a\ud83db"])
def test_a_nul_or_half_a_character_is_refused(words: str) -> None:
    with pytest.raises(RowRefused):
        check_row(ReviewRow(), review(writingEvaluation=words))


@pytest.mark.parametrize("head", ["机构,名称\n".encode("gb18030"), b"a,b,a\n"])
def test_a_header_that_makes_no_sense_stops_the_file(tmp_path: Path, head: bytes) -> None:
    with pytest.raises(FileUnreadable):
        rows_of(write(tmp_path / "a.csv", head + b"1,2,3\n"))


def test_a_missing_file_is_told_in_chinese(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match="打不开"):
        rows_of(tmp_path / "none.csv")
    with pytest.raises(FileUnreadable):
        rows_of(tmp_path)


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    assert rows_of(write(tmp_path / "a.csv", "")) == rows_of(write(tmp_path / "a.jsonl", "")) == {}
