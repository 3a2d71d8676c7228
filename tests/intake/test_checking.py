"""Rows read field by field are what their schema makes of them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from app.intake.checking import RowCheck
from app.intake.files import RowRefused
from app.intake.importing import KINDS
from app.intake.schemas import ReviewRow, RowSchema
from tests.intake.conftest import bad_review, record, review

SCHEMAS = [schema for schema, *_ in KINDS.values()]
VALID = {**{name: str(value) for name, value in (record() | bad_review()).items()}, "kind": "staff", "code": "c", "name": "甲"}
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.lists(st.text(max_size=2), max_size=2), st.text(max_size=6)
)


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_schema_of_rows_is_its_fields_alone(schema: type[RowSchema]) -> None:
    assert not any(schema()._hooks.values())


@settings(deadline=None)
@given(st.data())
def test_a_row_is_read_as_its_schema_would(data: st.DataObject) -> None:
    schema = data.draw(st.sampled_from(SCHEMAS))()
    names = list(schema.fields)
    row = {name: VALID[name] for name in names if name in VALID}
    row |= data.draw(st.dictionaries(st.sampled_from(names), st.one_of(ODD, st.sampled_from(sorted(VALID.values()))), max_size=5))
    assert outcome(lambda: RowCheck(schema).read(row)) == outcome(lambda: expected(schema, row))


def outcome(read: Any) -> Any:
    try:
        return read()
    except RowRefused as error:
        return error.message


def expected(schema: RowSchema, row: dict[str, Any]) -> dict[str, Any]:
    trimmed = {name: value.strip() or None if isinstance(value, str) else value for name, value in row.items()}
    if any("\x00" in value for value in trimmed.values() if value and isinstance(value, str)):
        raise RowRefused("含有空字符（NUL）")
    try:
        loaded: dict[str, Any] = schema.load(trimmed)
    except ValidationError as error:
        raise RowRefused("；".join(f"{name}：{'、'.join(said)}" for name, said in error.messages_dict.items())) from error
    return loaded | {"programme": loaded["programme"].lower()}


def test_a_value_that_comes_again_is_read_the_same_and_one_that_was_refused_is_refused_again() -> None:
    check = RowCheck(ReviewRow())
    for _ in range(2):
        assert check.read(review(isdefault="1"))["isdefault"] == "1"
        assert check.read(review(isdefault=1))["isdefault"] == "1"
        with pytest.raises(RowRefused, match="isdefault"):
            check.read(review(isdefault=True))


@pytest.mark.parametrize("words", ["a\x00b", "a\ud83db"])
def test_a_nul_or_half_a_character_is_refused(words: str) -> None:
    with pytest.raises(RowRefused):
        RowCheck(ReviewRow()).read(review(writingEvaluation=words))


def test_a_code_that_excel_took_for_a_number_is_refused_and_words_are_not() -> None:
    check = RowCheck(ReviewRow())
    with pytest.raises(RowRefused, match="projectNo：Excel 已把长数字改成约数"):
        check.read(review(projectNo="9.90001E+17"))
    assert check.read(review(writingEvaluation="多给1E+2分也不行"))["writingEvaluation"]
