"""What a refusal may repeat of what came in."""

from __future__ import annotations

import re

# Codes of departments, items, channels and reasons are written like this; names, words and certificates are not.
CODE = re.compile(r"[A-Za-z0-9_-]{1,40}")
# Mobile and certificate numbers would pass for codes.
NUMBER_OF_A_PERSON = re.compile(r"1\d{10}|\d{15}|\d{17}[0-9Xx]")


def as_code(value: str | None) -> str:
    """Return a code as it may be repeated in a refusal; what is none is not repeated: with columns mixed up it names a person."""
    if value and CODE.fullmatch(value) and not NUMBER_OF_A_PERSON.fullmatch(value):
        return value
    return "所填的内容"
