"""Rows as their schema reads them. The shape stands in `schemas`; a value that comes again is not read again."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from marshmallow import ValidationError, missing

from app.intake.cells import LOST_DIGITS, looks_rounded
from app.intake.encodings import is_text
from app.intake.files import RowRefused
from app.intake.schemas import RowSchema

REMEMBERED = 4096


class RowCheck:
    """Reads rows field by field, as the schema's own `load` would, several times as fast.

    A schema of rows is its fields alone: hooks of a schema would not be called here.
    """

    def __init__(self, schema: RowSchema) -> None:
        fields = schema.load_fields.items()
        self._fields = [(name, field.deserialize, lru_cache(REMEMBERED)(field.deserialize)) for name, field in fields]

    def read(self, values: Mapping[str, Any] | str) -> dict[str, Any]:
        """Return a row; blanks around a value do not count, and nothing but blanks is absent.

        Raises:
            RowRefused: with every problem of the row.
        """
        if isinstance(values, str):
            raise RowRefused(values)
        _check_text(values)
        loaded: dict[str, Any] = {}
        problems: list[str] = []
        for name, deserialize, remembered in self._fields:
            value = values.get(name, missing)
            try:
                if isinstance(value, str):
                    loaded[name] = remembered(value.strip() or None)
                else:  # What is no text may not be hashable, and True would pass for 1.
                    loaded[name] = remembered(value) if value is missing else deserialize(value)
            except ValidationError as error:
                problems.append(f"{name}：{'、'.join(map(str, error.messages))}")
        if problems:
            raise RowRefused("；".join(problems))
        loaded["programme"] = loaded["programme"].lower()
        return loaded


def _check_text(values: Mapping[str, Any]) -> None:
    texts = "".join([value for value in values.values() if isinstance(value, str)])
    if "\x00" in texts:
        raise RowRefused("含有空字符（NUL）")
    if not is_text(texts):
        raise RowRefused("含有不成文字的字节")
    if "E+" in texts or "e+" in texts:
        for name, value in values.items():
            if isinstance(value, str) and looks_rounded(value.strip()):
                raise RowRefused(f"{name}：{LOST_DIGITS}")
