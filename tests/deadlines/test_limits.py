"""How limits are written."""

from __future__ import annotations

import pytest

from app.deadlines.errors import LimitMalformed
from app.deadlines.limits import NATURAL_DAYS, WORKING_DAYS, Limit


@pytest.mark.parametrize(
    ("text", "limit"), [("2wd", Limit(2, WORKING_DAYS)), ("15nd", Limit(15, NATURAL_DAYS)), ("0wd", Limit(0, WORKING_DAYS))]
)
def test_a_limit_is_read_as_it_is_written(text: str, limit: Limit) -> None:
    assert Limit.parse(text) == limit
    assert str(limit) == text


@pytest.mark.parametrize(("limit", "label"), [("2wd", "2个工作日"), ("7nd", "7个自然日"), ("0wd", "当日")])
def test_a_limit_is_labelled_in_the_words_of_the_notices(limit: str, label: str) -> None:
    assert Limit.parse(limit).label == label


@pytest.mark.parametrize(
    "text",
    ["", "2", "wd", "-1wd", "+2wd", "2 wd", " 2wd", "2wd ", "2wd\n", "2WD", "2d", "1.5wd", "２wd", "٢wd", "99999wd", "3661wd"],
)
def test_anything_else_is_refused_in_chinese(text: str) -> None:
    with pytest.raises(LimitMalformed) as refused:
        Limit.parse(text)
    assert refused.value.code == "limit_malformed"
    assert "期限" in refused.value.message


def test_a_negative_limit_cannot_be_made() -> None:
    with pytest.raises(LimitMalformed):
        Limit(-1, WORKING_DAYS)
