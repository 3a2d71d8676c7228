"""The layers of a programme's calendar."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.calendars.errors import ProgrammeHasNoCalendar, ProgrammeUnknown
from app.calendars.layers import layers_in_use, layers_of


def test_a_code_is_known_in_small_letters_and_capitals(bundles: Path) -> None:
    assert layers_of(bundles, "xs") == layers_of(bundles, "XS") == ("national", "xs")
    assert layers_in_use(bundles) == {"national", "xs"}


@pytest.mark.parametrize("code", ["", "zz", "../bpmn/xs", "xs/", "xs\n", ".", "西双版纳", "x" * 5000])
def test_an_unknown_code_is_refused_and_reaches_no_file(bundles: Path, code: str) -> None:
    with pytest.raises(ProgrammeUnknown):
        layers_of(bundles, code)


@pytest.mark.parametrize("text", ["", "calendar = []", 'calendar = "national"', "calendar = [1]", "calendar ="])
def test_a_bundle_without_layers_is_refused(bundles: Path, text: str) -> None:
    (bundles / "gc" / "programme.toml").write_text(text)
    with pytest.raises(ProgrammeHasNoCalendar):
        layers_of(bundles, "gc")
