"""Names of columns: each field by its own name or a Chinese one; both stand in `schemas`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from app.intake.files import FileUnreadable
from app.intake.schemas import RowSchema

# The column in which the refused rows say why; it is known on the way in, and means nothing there.
REASON = "拒绝原因"
_BLANKS = re.compile(r"[\s\u200b\ufeff]+")
_FIELD = re.compile(r"(^|；)([A-Za-z]+)(?=：)")
MOST_NAMES = 20


def plain(title: str) -> str:
    """Return a title as it is compared: without blanks, in small letters."""
    return _BLANKS.sub("", title).lower()


@cache
def fields_by_name(schema: type[RowSchema]) -> dict[str, str]:
    """Return the field of every name that a column may have."""
    return {
        plain(name): field for field, declared in schema().fields.items() for name in (field, *declared.metadata.get("names", ()))
    }


def called(schema: type[RowSchema], field: str) -> str:
    """Return both names of a field, for people who look for it."""
    names = schema().fields[field].metadata.get("names", ())
    return f"{names[0]}（{field}）" if names else field


class Columns:
    """Which field each column of a file is; gathers what is passed over and how the file itself calls things."""

    def __init__(self, schema: type[RowSchema]) -> None:
        self._schema = schema
        self._by_title: dict[str, str | None] = {}
        self.passed_over: list[str] = []
        self._titles: dict[str, str] = {}

    def field_of(self, title: str) -> str | None:
        """Return a column's field; None for what is passed over."""
        if title not in self._by_title:
            return self._meet(title)
        return self._by_title[title]

    def _meet(self, title: str) -> str | None:
        name = plain(title)
        field = fields_by_name(self._schema).get(name)
        if field is not None:
            self._titles.setdefault(field, title.strip())
        elif name not in ("", REASON):
            if len(self.passed_over) >= MOST_NAMES:
                return None
            self.passed_over.append(title[:50])
        self._by_title[title] = field
        return field

    def of_header(self, titles: Sequence[str], file: str) -> list[str | None]:
        """Return the field of each column of a table.

        Raises:
            FileUnreadable: two columns are the same field, or one that no row can do without is missing.
        """
        fields = [self.field_of(title) for title in titles]
        named = [field for field in fields if field]
        twice = next((field for field in named if named.count(field) > 1), None)
        if twice:
            both = "、".join(title for title, field in zip(titles, fields, strict=True) if field == twice)
            raise FileUnreadable(f"文件 {file} 的表头有两列是同一项：{both}。请只留一列。")
        must = (field for field, declared in self._schema().fields.items() if declared.required)
        missing = [called(self._schema, field) for field in must if field not in named]
        if missing:
            raise FileUnreadable(f"文件 {file} 的表头缺少必有的列：{'、'.join(missing)}。")
        return fields

    def said(self, reason: str) -> str:
        """Return a reason with each field called as the file calls it."""
        return _FIELD.sub(lambda found: found[1] + self._titles.get(found[2], found[2]), reason)
