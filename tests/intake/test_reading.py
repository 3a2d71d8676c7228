"""Reading text files: two forms, and nothing that is wrong with one row reaches another."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from marshmallow import fields

from app.intake.encodings import LONGEST_LINE
from app.intake.files import FileUnreadable
from app.intake.json_source import NO_OBJECT
from app.intake.reading import open_source
from app.intake.schemas import RowSchema, may

UNCLOSED = "引号没有成对，或位置不对"
COUNT = "列数与表头不符"


class Row(RowSchema):
    programme = may()
    a = may(names="甲 甲栏")
    b = may(fields.String)


def rows_of(path: Path) -> dict[int, dict[str, Any] | str]:
    return {line.number: line.values for line in open_source(path, Row).lines()}


def write(path: Path, body: str | bytes) -> Path:
    path.write_bytes(body if isinstance(body, bytes) else body.encode())
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_both_forms_give_the_same_rows_however_they_are_encoded(tmp_path: Path, encoding: str) -> None:
    table = write(tmp_path / "a.CSV", "a,b\r\n一,𠮷龥\r\n\r\n三,4\r\n".encode(encoding))
    lines = write(tmp_path / "a.jsonl", '{"a": "注"}\n{"a": "一", "b": "𠮷龥"}\n\n{"a": "三", "b": "4"}\n'.encode(encoding))
    assert rows_of(table) == {2: {"a": "一", "b": "𠮷龥"}, 4: {"a": "三", "b": "4"}}
    assert rows_of(lines) == rows_of(table) | {1: {"a": "注"}}


@pytest.mark.parametrize(("mostly", "spoilt"), [("utf-8", "乙".encode("gb18030")), ("gb18030", b"\xff"), ("utf-8", b"\xe4\xb8")])
def test_a_spoilt_byte_is_left_to_its_row_and_turns_nothing_else_into_other_words(
    tmp_path: Path, mostly: str, spoilt: bytes
) -> None:
    good = [f"{n},办件说明第{n}号，群众很满意\n".encode(mostly) for n in range(50)]
    found = rows_of(write(tmp_path / "a.csv", b"".join([b"a,b\n", *good[:20], b"20," + spoilt + b",\n", *good[20:]])))
    assert found.pop(22) != found[21]
    assert [row["b"][-3:] for row in found.values() if isinstance(row, dict)] == ["很满意"] * 50


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_utf16_is_told_how_to_be_saved(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileUnreadable, match="另存为"):
        rows_of(write(tmp_path / name, "a\tb\n".encode("utf-16")))


def test_a_quoted_cell_may_go_on_over_lines_and_lines_are_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'a,b\n"一\n""二""\n三",4\n五,6\n')
    assert rows_of(path) == {2: {"a": '一\n"二"\n三', "b": "4"}, 5: {"a": "五", "b": "6"}}


def test_a_quote_that_is_not_closed_costs_its_own_row_alone(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'a,b\n1,2\n"3,4\n5,6\n"7",8\n9,"10\n')
    good = {2: {"a": "1", "b": "2"}, 4: {"a": "5", "b": "6"}, 5: {"a": "7", "b": "8"}}
    assert rows_of(path) == good | {3: UNCLOSED, 6: UNCLOSED}


def test_a_wrong_number_of_columns_costs_its_own_row_alone_and_empty_cells_are_no_row(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "a,b\n1\n1,2,3\n1,2\n,\n")
    assert rows_of(path) == {2: COUNT, 3: COUNT, 4: {"a": "1", "b": "2"}}


@pytest.mark.parametrize("line", ["{", "[1]", "null", '{"a": 1}}', "[" * 100_000, '{"n": ' + "9" * 5000 + "}"])
def test_a_line_that_is_no_json_object_costs_itself_alone(tmp_path: Path, line: str) -> None:
    path = write(tmp_path / "a.jsonl", line + '\n{"甲": "1", "c": 2}\n')
    assert rows_of(path) == {1: NO_OBJECT, 2: {"a": "1"}}


def test_a_json_object_that_says_one_thing_twice_is_refused(tmp_path: Path) -> None:
    assert rows_of(write(tmp_path / "a.jsonl", json.dumps({"a": "1", "甲栏": "2"}))) == {1: "a：写了两次"}


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_a_line_without_end_costs_itself_alone_and_little_memory(tmp_path: Path, name: str) -> None:
    head = "a,b\n" if name == "a.csv" else '{"a": "1"}\n'
    last = "1,2\n" if name == "a.csv" else '{"a": "1", "b": "2"}\n'
    path = write(tmp_path / name, head + "x" * (40 * LONGEST_LINE) + "\n" + last)
    tracemalloc.start()
    found = rows_of(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(found[2], str)
    assert found[3] == {"a": "1", "b": "2"}
    assert peak < 16 * LONGEST_LINE


def test_a_missing_file_is_told_in_chinese(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match="打不开"):
        rows_of(tmp_path / "none.csv")
    with pytest.raises(FileUnreadable):
        rows_of(tmp_path)


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    assert rows_of(write(tmp_path / "a.csv", "")) == rows_of(write(tmp_path / "a.jsonl", "")) == {}
