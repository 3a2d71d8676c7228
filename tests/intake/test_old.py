"""What the system before this one held comes in whole, is kept apart, and opens nothing."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.cases.models import Case
from app.cli import config, import_file
from app.db import db
from app.figures.overview import overview
from app.identity.vault import load_vault
from app.intake.files import Report
from app.intake.importing import NothingOld
from app.intake.models import Review, ServiceRecord
from app.intake.old import result_place
from tests.intake.conftest import Take, bad_review, record, review

pytestmark = pytest.mark.usefixtures("catalogue")

LONG_AGO = {"acceptDate": "2021-03-01 08:00", "resultDate": "2021-03-01 09:00", "serviceTime": "2021-03-01 09:00"}
DONE = {"rectification": "已向王先生当面致歉，退还多收材料。", "rectifiedOn": "2021/3/9"}


def old(tmp_path: Path, kind: str, *rows: dict[str, Any]) -> Report:
    path = tmp_path / f"old-{kind}.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return import_file(kind, path, is_old=True)


@pytest.mark.clause("R4")
def test_old_records_and_reviews_are_taken_whole_and_open_no_case(tmp_path: Path) -> None:
    gone = record(projectNo="甲", window="拆除的窗口", proManager="离职的人", mobile="", **LONG_AGO)
    assert old(tmp_path, "records", gone, record(programme="hk", projectNo="甲", **LONG_AGO)).refused == []
    retired = bad_review(projectNo="甲", evalDetail="101,105", assessTime="2021-03-01 10:00", **DONE)
    plain = bad_review(programme="hk", projectNo="甲", evalDetail="", writingEvaluation="", anonymityFlag="1")
    report = old(tmp_path, "reviews", retired, plain)
    assert (report.added, report.opened, report.refused) == (2, 0, [])
    assert db.session.scalars(select(Case)).all() == []
    assert set(db.session.scalars(select(ServiceRecord.is_old))) == set(db.session.scalars(select(Review.is_old))) == {True}
    kept = db.session.scalars(select(Review).where(Review.programme == "zb")).one()
    assert (kept.level, kept.reasons, kept.is_late, kept.rectified_on) == (1, ["101", "105"], False, date(2021, 3, 9))
    place = result_place({name: getattr(kept, name) for name in ("programme", "record", "visit", "sequence")})
    assert load_vault(config().key_file).open(kept.rectification or b"", place) == DONE["rectification"]


@pytest.mark.clause("R4")
def test_old_reviews_are_counted_apart(tmp_path: Path, take: Take) -> None:
    take("records", record(), record(projectNo="P2"))
    take("reviews", bad_review(projectNo="P2"))
    old(tmp_path, "reviews", bad_review(assessTime="2025-04-01 09:10"))
    counts = overview()["zb"]
    assert (counts["reviews"], counts["bad"], counts["old"], counts["opened"]) == (1, 1, 1, 1)


def test_a_repeated_take_over_adds_nothing_and_a_new_review_does_not_replace_an_old_one(tmp_path: Path, take: Take) -> None:
    take("records", record())
    first, again = (old(tmp_path, "reviews", bad_review(**DONE)) for _ in range(2))
    assert (first.added, again.added, again.known) == (1, 0, 1)
    assert len(take("reviews", review()).refused) == 1
    assert take("reviews", bad_review()).known == 1
    assert db.session.scalars(select(Case)).all() == []


def test_what_no_system_can_do_without_is_asked_of_old_rows_too(tmp_path: Path) -> None:
    rows = [record(deptCode="nobody"), record(certKey=""), record(taskCode="9" * 31)]
    assert [row for row, _ in old(tmp_path, "records", *rows).refused] == [1, 2, 3]


def test_results_of_the_old_system_are_passed_over_in_other_files(take: Take) -> None:
    take("records", record())
    report = take("reviews", review(**DONE))
    assert (report.added, report.passed_over) == (1, ["rectification", "rectifiedOn"])


def test_a_catalogue_is_never_old(database: Flask, tmp_path: Path) -> None:
    with pytest.raises(NothingOld, match="records、reviews"):
        old(tmp_path, "catalogue", record())
