"""A voice without a service record is taken too; how it comes in is a row of the catalogue."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.cases.models import Case
from app.db import db
from app.intake.files import Report
from app.intake.models import Review
from tests.intake.conftest import Take, bad_review


def voice(**changes: Any) -> dict[str, Any]:
    row = bad_review(projectNo="", voiceNo="7", deptCode="rated", pf="", channel="box")
    return row | changes


@pytest.fixture
def box(catalogue: Report, take: Take) -> None:
    """A suggestion box, new to ZB: one row."""
    row = {
        "programme": "zb",
        "kind": "channel",
        "code": "box",
        "name": "意见箱",
        "detail": "voice",
        "department": "",
        "area": "",
        "responsible": "",
    }
    take("catalogue", row)


@pytest.mark.clause("C4")
def test_a_voice_is_stored_with_its_channel_and_opens_a_case(box: None, take: Take) -> None:
    report = take("reviews", voice(), suffix=".jsonl")
    assert (report.opened, report.refused) == (1, [])
    stored = db.session.scalars(select(Review)).one()
    assert (stored.record, stored.channel, stored.department) == ("V-7", "box", "rated")
    assert db.session.scalars(select(Case.rated_department)).one() == "rated"
    assert take("reviews", voice()).known == 1


@pytest.mark.clause("C4")
def test_a_voice_needs_a_department_and_a_channel_for_voices(box: None, take: Take) -> None:
    report = take("reviews", voice(deptCode="nobody"), voice(deptCode=""), voice(channel="window"), voice(voiceNo=""))
    assert [row for row, _ in report.refused] == [1, 2, 3, 4]
    assert report.added == 0
