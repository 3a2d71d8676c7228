"""What a refusal repeats: codes, and nothing that could name a person."""

from __future__ import annotations

import pytest

from app.intake.showing import as_code


@pytest.mark.parametrize("code", ["gc-realty", "115", "w1", "1" * 31, "91990101MA0000001X"])
def test_a_code_is_repeated(code: str) -> None:
    assert as_code(code) == code


@pytest.mark.clause("P1")
@pytest.mark.parametrize("value", ["欧阳甲乙", "15410000001", "99000119800101001X", "990001800101001", "a b", "", None, "x" * 41])
def test_what_could_name_a_person_is_not(value: str | None) -> None:
    assert as_code(value) == "所填的内容"
