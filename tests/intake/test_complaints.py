"""12345 complaints run the same loop in ZB, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.cases.models import Case, Task
from app.db import db
from app.intake.files import Report
from app.intake.models import Complaint, Review
from tests.intake.conftest import Take


def complaint(**changes: Any) -> dict[str, Any]:
    return {
        "programme": "zb",
        "complaintNo": "C1",
        "deptCode": "rated",
        "words": "窗口两次退件。",
        "mobile": "15410000001",
    } | changes


@pytest.mark.clause("L8")
def test_a_complaint_opens_a_case_and_is_no_rating(catalogue: Report, take: Take) -> None:
    report = take("complaints", complaint(), suffix=".jsonl")
    assert (report.added, report.opened, report.refused) == (1, 1, [])
    case = db.session.scalars(select(Case)).one()
    assert (case.programme, case.channel, case.rated_department) == ("zb", "12345", "rated")
    assert db.session.scalars(select(Task.element)).all() == ["forward"]
    assert db.session.scalars(select(Review)).all() == []


@pytest.mark.clause("L8")
def test_a_repeated_complaint_adds_nothing(catalogue: Report, take: Take) -> None:
    take("complaints", complaint())
    report = take("complaints", complaint(words="窗口两次退件，再说一遍。"))
    assert (report.added, report.known) == (0, 1)


@pytest.mark.clause("L8")
def test_other_programmes_and_unknown_departments_are_refused_alone(catalogue: Report, take: Take) -> None:
    report = take("complaints", complaint(programme="xs"), complaint(deptCode="nobody"), complaint(complaintNo="C2"))
    assert [row for row, _ in report.refused] == [1, 2]
    assert report.added == 1


@pytest.mark.clause("P1")
def test_the_words_of_a_complaint_are_stored_encrypted(catalogue: Report, take: Take) -> None:
    take("complaints", complaint())
    stored = db.session.scalars(select(Complaint)).one()
    assert b"15410000001" not in (stored.phone or b"")
    assert "窗口".encode() not in stored.words
