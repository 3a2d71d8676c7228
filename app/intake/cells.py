"""Cells of a sheet as texts: what Excel keeps as a number or a day comes back as a person sees it."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from app.intake.moments import from_excel

# Excel keeps fifteen digits of a number; what stands behind them nobody typed.
KEPT_DIGITS = 15
LONGEST_NUMBER = 40
DATE_FORMATS = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
LOST_DIGITS = "Excel 已把长数字改成约数，后面的数字丢了；请把这一列设为文本，重新填写"
NO_RESULT = "公式没有算出的值；请在 Excel 里打开、保存后再导入"
_NOT_A_DATE = re.compile(r'"[^"]*"|\\.|_.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|general', re.IGNORECASE)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TO_ESCAPE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]|_(?=x[0-9A-Fa-f]{4}_)")
_ROUNDED = re.compile(r"\d(\.\d+)?E\+\d{2,3}\Z", re.IGNORECASE)


class Broken(str):
    """The text of a cell that costs its row; `problem` says why."""

    problem: str


def broken(text: str, problem: str) -> Broken:
    """Return a cell that costs its row."""
    cell = Broken(text)
    cell.problem = problem
    return cell


def text_of_number(written: str, is_date: bool) -> str:
    """Return a number cell as text: a moment, or the digits without point and exponent."""
    try:
        if is_date:
            return from_excel(float(written)).isoformat(" ")
        return _digits(written, Decimal(written[:LONGEST_NUMBER]))
    except (InvalidOperation, ValueError, OverflowError):
        return broken(written, f"不是数，也不是日期：{written[:30]}")


def _digits(written: str, number: Decimal) -> str:
    if abs(number) >= 10**KEPT_DIGITS:
        return broken(written, LOST_DIGITS)
    if number == number.to_integral_value():
        return f"{number:.0f}"
    return f"{number.normalize():f}" if number.adjusted() > -KEPT_DIGITS else "0"


def looks_rounded(text: str) -> bool:
    """Whether a text is what Excel makes of a long code that it took for a number: 9.90001E+17."""
    return _ROUNDED.match(text) is not None


def is_date_format(code: str) -> bool:
    """Whether a number format shows days or times."""
    return any(letter in "ymdhs年月日" for letter in _NOT_A_DATE.sub("", code).lower())


def unescaped(text: str) -> str:
    """Return a text of a workbook with its `_x000D_` as the signs they stand for."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def escaped(text: str) -> str:
    """Return a text as a workbook can hold it: what XML forbids, and what looks like an escape, is escaped."""
    return _TO_ESCAPE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
