"""西双版纳州: the whole way of a case."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cases.conftest import Driver


@pytest.mark.clause("L3")
def test_a_clear_matter_goes_from_forwarding_to_the_draw(make_case: Callable[..., Driver]) -> None:
    case = make_case("xs")
    assert set(case.open_tasks()) == {"forward"}
    case.do("forward")
    case.do("verify")
    case.do("rectify_clear")
    case.do("answer")
    case.do("report")
    assert case.case.status == "closed"
    assert case.open_tasks() == {}
