"""Text that cannot be stored or shown is refused at the door: NUL, half a surrogate pair, NaN, JSON without end."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from flask import request
from werkzeug.exceptions import BadRequest

from app.errors import Invalid

DEEPEST = 40


class TextBroken(Invalid):
    """The request holds what is no text."""

    code = "text_broken"


def refuse_broken_text() -> None:
    """Look through path, query and body once, before anything reads them.

    Raises:
        TextBroken: with what is wrong.
    """
    if not request.path.startswith("/api/"):
        return
    _check([request.path, *(part for pair in request.args.items(multi=True) for part in pair)])
    if request.is_json:
        _check_body()


def _check(texts: Iterable[str]) -> None:
    for text in texts:
        if "\x00" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
            raise TextBroken("内容含有空字符（NUL）或不完整的字符，请去掉后重发。")


def _check_body() -> None:
    try:
        body = request.get_json()
        written = json.dumps(body, ensure_ascii=False, allow_nan=False)
    except RecursionError as error:
        raise TextBroken(f"内容嵌套过深，最多 {DEEPEST} 层。") from error
    except ValueError as error:
        raise TextBroken("数值须是有限的数，不能是 NaN 或无穷大。") from error
    except BadRequest:
        return  # The reader of arguments says so.
    if "\\u0000" in written:
        raise TextBroken("内容含有空字符（NUL），请去掉后重发。")
    _check([written])
    if _depth(body) > DEEPEST:
        raise TextBroken(f"内容嵌套过深，最多 {DEEPEST} 层。")


def _depth(body: Any) -> int:
    """Return how deep a body is nested."""
    if isinstance(body, dict):
        return 1 + max(map(_depth, body.values()), default=0)
    if isinstance(body, list):
        return 1 + max(map(_depth, body), default=0)
    return 0
