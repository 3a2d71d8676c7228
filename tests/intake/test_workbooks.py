"""XLSX: what people's workbooks hold, and what nobody's should."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from app.cli import import_file
from app.db import db
from app.intake.cells import LOST_DIGITS, NO_RESULT, escaped, is_date_format, unescaped
from app.intake.files import FileUnreadable, Report
from app.intake.models import ServiceRecord
from app.intake.reading import open_source
from app.intake.schemas import RowSchema, may
from app.intake.sheet_source import OUTSIDE
from tests.intake.books import BOOK, RELATIONS, SHEET, TEXTS, blow_up, change_part, share, write_book, write_rows
from tests.intake.conftest import Take, record

MIB = 1024 * 1024
HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
# The memory that a reader may use, and a program that reads within it.
# Beside what the program itself takes.
ROOM = 150 * MIB
READER = """
import resource, sys
from pathlib import Path
from app.intake.files import FileUnreadable
from app.intake.reading import open_source
from app.intake.schemas import ReviewRow
taken = int(Path('/proc/self/statm').read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (taken + {room}, taken + {room}))
for path in sys.argv[1:]:
    try:
        for line in open_source(Path(path), ReviewRow).lines():
            pass
    except FileUnreadable as error:
        print(error.message)
"""


class Row(RowSchema):
    programme = may()
    a = may()
    b = may()


def rows_of(path: Path) -> dict[int, dict[str, Any] | str]:
    return {line.number: line.values for line in open_source(path, Row).lines()}


def read_cell(tmp_path: Path, value: Any, form: str | None = None) -> Any:
    def prepare(book: Workbook) -> None:
        if form:
            book.active["A2"].number_format = form

    row = rows_of(write_book(tmp_path / "a.xlsx", [["a", "b"], [value, "z"]], prepare=prepare))[2]
    return row["a"] if isinstance(row, dict) else row


@pytest.mark.parametrize(
    ("value", "form", "read"),
    [
        ("一", None, "一"), (" 0012 ", None, " 0012 "), (13800001234, None, "13800001234"), (13800001234.0, None, "13800001234"),
        (5, None, "5"), (0.5, None, "0.5"), (-3, None, "-3"), (True, None, "1"),
        (123456789012345, None, "123456789012345"), (990001198001010015, None, f"a：{LOST_DIGITS}"),
        (9.90001198001010e17, None, f"a：{LOST_DIGITS}"), (45748.395, None, "45748.395"),
        (datetime(2025, 4, 1, 9, 30), None, "2025-04-01 09:30:00"), (date(2025, 4, 1), None, "2025-04-01 00:00:00"),  # noqa: DTZ001
        (45748.395, "yyyy/m/d h:mm", "2025-04-01 09:28:48"), (45748, 'yyyy"年"m"月"d"日"', "2025-04-01 00:00:00"),
        (45748, "0.00", "45748"), (5, '0" days"', "5"), (5, "[Red]0", "5"), ("#N/A", None, "a：公式出错 #N/A"),
        ("=1+1", None, f"a：{NO_RESULT}"), ("a_x000D_b", None, "a\rb"), ("a\nb", None, "a\nb"),
    ],
)  # fmt: skip
def test_a_cell_is_read_as_a_person_sees_it(tmp_path: Path, value: Any, form: str | None, read: str) -> None:
    assert read_cell(tmp_path, value, form) == read


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ('<c r="A2"><f>1+1</f><v>2</v></c>', "2"), ('<c r="A2" t="str"><f>"一"</f><v>一</v></c>', "一"),
        ('<c r="A2" t="str"><f>""</f><v></v></c>', None), ('<c r="A2"><v>1.3800001234E10</v></c>', "13800001234"),
        ('<c r="A2" t="inlineStr"><is><r><t>一</t></r><r><t>二</t></r></is></c>', "一二"),
        ('<c r="A2" t="inlineStr"><is><t>東</t><rPh sb="0" eb="1"><t>ヒガシ</t></rPh></is></c>', "東"),
        ('<c r="A2" t="d"><v>2025-04-01T09:30:00</v></c>', "2025-04-01T09:30:00"), ("<c><v>7</v></c>", "7"),
        ('<c r="A2" t="s"><v>1</v></c>', "一二\r"),
    ],
)  # fmt: skip
def test_formulas_give_what_excel_last_computed_and_inline_texts_are_read(tmp_path: Path, cell: str, read: str | None) -> None:
    path = write_book(tmp_path / "a.xlsx", [["a", "b"], ["x", "z"]])
    change_part(path, SHEET, lambda body: body.replace('<c r="A2" t="inlineStr"><is><t>x</t></is></c>', cell))
    share(path, "<t>零</t>", "<r><t>一</t></r><r><t>二_x000D_</t></r><rPh><t>ヒ</t></rPh>")
    row = rows_of(path)[2]
    assert isinstance(row, dict)
    assert row.get("a") == read


def test_empty_rows_are_none_and_numbers_are_those_that_excel_shows(tmp_path: Path) -> None:
    rows = [[], ["a", "b", None], ["1", None], [], [None, "2"], ["3", "4", "5"], [" ", None], []]
    assert rows_of(write_book(tmp_path / "a.xlsx", rows)) == {3: {"a": "1"}, 5: {"b": "2"}, 6: OUTSIDE}
    assert rows_of(write_book(tmp_path / "empty.xlsx", [])) == {}


def test_the_first_sheet_that_is_shown_counts(tmp_path: Path) -> None:
    def prepare(book: Workbook) -> None:
        book.active.sheet_state = "hidden"
        for name in ("一", "二"):
            book.create_sheet(name).append(["a"])
            book[name].append([name])

    assert rows_of(write_book(tmp_path / "a.xlsx", [["b"], ["x"]], prepare=prepare)) == {2: {"a": "一"}}


def no_book(path: Path, body: bytes) -> Path:
    path.write_bytes(body)
    return path


def test_what_is_no_workbook_is_told_in_chinese(tmp_path: Path) -> None:
    good = write_book(tmp_path / "good.xlsx", [["a"], ["1"]])
    cut, spoilt = good.read_bytes()[:-300], bytearray(good.read_bytes())
    spoilt[len(spoilt) // 2] ^= 0xFF
    wrong = {
        "旧版 .xls": no_book(tmp_path / "old.xls", b"\xd0\xcf\x11\xe0" + bytes(600)),
        "不是 XLSX": no_book(tmp_path / "text.xlsx", b"a,b\n1,2\n"),
        "不是完好的": no_book(tmp_path / "cut.xlsx", cut),
        "不带宏": change_part(write_book(tmp_path / "macro.xlsm", [["a"]]), "xl/vbaProject.bin", lambda _: "x"),
        "1904": change_part(
            write_book(tmp_path / "mac.xlsx", [["a"]]),
            BOOK,
            lambda body: body.replace("<workbookPr/>", '<workbookPr date1904="1"/>'),
        ),
    }
    for told, path in wrong.items():
        with pytest.raises(FileUnreadable, match=told):
            rows_of(path)


@pytest.mark.parametrize(
    ("part", "change"),
    [
        (SHEET, lambda body: body.replace("<sheetData>", "<sheetData><row")),
        (SHEET, lambda body: body.replace('r="2"', 'r="1"')),
        (SHEET, lambda body: body.replace('r="2"', 'r="x"')),
        (SHEET, lambda body: body.replace('r="A2" t="n"><v>1', 'r="A2" t="s"><v>9')),
        (SHEET, lambda body: '<!DOCTYPE x [<!ENTITY e "e">]>' + body),
        (SHEET, lambda body: body.replace('r="A2"', 'r="ZZZZ2"')),
        (BOOK, lambda body: body.replace("<sheet ", "<other ")),
        (RELATIONS, lambda body: body.replace("sheet1.xml", "sheet9.xml")),
    ],
)
def test_a_damaged_part_is_told_in_chinese(tmp_path: Path, part: str, change: Any) -> None:
    path = change_part(write_book(tmp_path / "a.xlsx", [["a"], [1]]), part, change)
    with pytest.raises(FileUnreadable, match="不是完好的"):
        rows_of(path)


BOMBS = [
    (SHEET, HEAD, b"<row/>" * 175_000, 7),
    (SHEET, HEAD + b'<row r="1">', b"<c><v>1</v></c>" * 70_000, 20),
    (SHEET, HEAD + b'<row r="1"><c t="inlineStr"><is><t>', b"x" * MIB, 60),
    (SHEET, HEAD + b'<row r="1" x="', b"x" * MIB, 60),
    (SHEET, HEAD, b"<z>" * 300_000, 8),
    (TEXTS, b"<sst>", b"<si><t>word</t></si>" * 50_000, 50),
    (TEXTS, b"<sst><si>", b"<t>" + b"x" * MIB + b"</t>", 60),
    (TEXTS, b"<sst><si>", b"<t></t>" * 100_000, 20),
]


def test_bombs_are_refused_in_little_memory(tmp_path: Path) -> None:
    paths = [
        str(blow_up(share(write_book(tmp_path / f"{number}.xlsx", [["a"], ["1"]])), *bomb)) for number, bomb in enumerate(BOMBS)
    ]
    done = subprocess.run([sys.executable, "-c", READER.format(room=ROOM), *paths], capture_output=True, text=True)
    assert (done.stderr, done.stdout.count("解开后过大")) == ("", len(BOMBS))


def test_a_part_that_says_it_is_too_large_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.intake.workbooks.LARGEST_SHEET", MIB)
    path = blow_up(write_book(tmp_path / "a.xlsx", [["a"]]), SHEET, HEAD, bytes(MIB), 2)
    with pytest.raises(FileUnreadable, match="解开后过大"):
        rows_of(path)


def test_signs_that_xml_forbids_come_back() -> None:
    for text in ("a\x00b", "a\x1fb", "_x0041_", "_x000D_x", "一"):
        assert unescaped(escaped(text)) == text


def test_formats_of_days_are_told_from_formats_of_numbers() -> None:
    days = ("yyyy-mm-dd", "[$-804]yyyy/m/d", "h:mm", "[h]:mm", "mm:ss.0", 'yyyy"年"', "[DBNum1]m月d日")
    assert all(map(is_date_format, days))
    assert not any(map(is_date_format, ("General", "0.00", "#,##0", "[Red]0", '0"days"', "0.00E+00", "@", "_-* #,##0")))


def test_a_workbook_of_records_comes_in(catalogue: Report, take: Take, tmp_path: Path) -> None:
    moment = datetime(2025, 4, 1, 9, 0)  # noqa: DTZ001  Excel knows no zones
    rows = [record(serviceTime=moment, mobile=13800001234), record(projectNo="P2", certKey=990001198001010015)]
    report = import_file("records", write_rows(tmp_path / "a.xlsx", rows))
    assert (report.added, report.refused) == (1, [(3, f"certKey：{LOST_DIGITS}")])
    assert db.session.scalars(select(ServiceRecord.served_on)).one() == date(2025, 4, 1)
