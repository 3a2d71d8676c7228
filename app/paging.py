"""Pages of a list: a cursor says where the next one begins, so nothing is skipped or shown twice while rows arrive."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from marshmallow import Schema, fields, validate

from app.errors import Invalid

T = TypeVar("T")
USUAL, MOST = 50, 200
Key = list[Any]
# How a route names a row's key: what no key can be is no such page.
KEY = f"int(min=1, max={2**63 - 1})"


class CursorInvalid(Invalid):
    """The cursor was not made by us."""

    code = "cursor_invalid"


class PageArgs(Schema):
    """How much of a list, and from where."""

    limit = fields.Integer(load_default=USUAL, validate=validate.Range(1, MOST), metadata={"description": "一页最多几条"})
    cursor = fields.String(load_default=None, metadata={"description": "上一页返回的 next"})


def cursor_invalid() -> CursorInvalid:
    """Return the refusal of a cursor that is not ours."""
    return CursorInvalid("cursor 应为上一页返回的 next，原样带回。")


def after(cursor: str | None, kinds: tuple[type, ...]) -> Key | None:
    """Return the sort key after which a page begins, of these kinds; None for the first page.

    Raises:
        CursorInvalid: not one of ours.
    """
    if cursor is None:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
        if not isinstance(key, list) or [type(part) for part in key] != list(kinds):
            raise ValueError(cursor)
    except (ValueError, binascii.Error, UnicodeError, RecursionError) as error:
        raise cursor_invalid() from error
    if any("\x00" in part if isinstance(part, str) else abs(part) >= 2**63 for part in key):
        raise cursor_invalid()
    return key


def after_number(cursor: str | None) -> int | None:
    """Return the number after which a page begins; see `after`."""
    key = after(cursor, (int,))
    return int(key[0]) if key else None


def after_text(cursor: str | None) -> str | None:
    """Return the text after which a page begins; see `after`."""
    key = after(cursor, (str,))
    return str(key[0]) if key else None


def after_moment(cursor: str | None) -> tuple[datetime, int] | None:
    """Return the moment and number after which a page begins; see `after`."""
    key = after(cursor, (str, int))
    if key is None:
        return None
    try:
        moment = datetime.fromisoformat(key[0])
        if moment.tzinfo is None:
            raise ValueError(key[0])
    except ValueError as error:
        raise cursor_invalid() from error
    return moment, key[1]


def page(rows: Sequence[T], limit: int, key: Callable[[T], Key]) -> dict[str, Any]:
    """Return a page of a list that was asked for one row more than it shows."""
    shown = list(rows[:limit])
    more = len(rows) > limit
    following = base64.urlsafe_b64encode(json.dumps(key(shown[-1])).encode()).decode() if more else None
    return {"items": shown, "next": following}


@cache
def page_of(item: type[Schema]) -> type[Schema]:
    """Return the schema of a page of these items."""
    members: dict[str, fields.Field[Any]] = {
        "items": fields.List(fields.Nested(item), required=True),
        "next": fields.String(required=True, allow_none=True),
    }
    return Schema.from_dict(members, name=item.__name__.removesuffix("Schema") + "Page")
