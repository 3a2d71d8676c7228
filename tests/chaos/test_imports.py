"""An import that is killed anywhere, and given again, ends as if it had never been killed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from intake.conftest import CATALOGUE, COLUMNS, bad_review, record, review

from app.cli import import_file
from chaos.judge import count_of, find_halves
from chaos.killing import die

ROWS, CHUNK, EVERY = 24, 10, 4
BAD, REFUSED = (2, 3, 9, 14), (5, 15)


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return path


def reviews(point: int) -> list[dict[str, Any]]:
    """Two dozen reviews with bad ones in both chunks that are whole, and two that are refused."""
    rows = [(bad_review if n in BAD else review)(projectNo=f"K{point}-{n}", anonymityFlag="1") for n in range(ROWS)]
    for n in REFUSED:
        rows[n]["evalDetail"] = "199"
    return rows


@pytest.fixture
def served(database: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.intake.importing.CHUNK", CHUNK)
    rows = [{"programme": "zb"} | {name: row.get(name, "") for name in COLUMNS if name != "programme"} for row in CATALOGUE]
    assert not import_file("catalogue", write(tmp_path / "catalogue.jsonl", rows)).refused
    points = range(0, 400, EVERY)
    made = [record(projectNo=f"K{point}-{n}") for point in points for n in range(ROWS)]
    assert not import_file("records", write(tmp_path / "records.jsonl", made)).refused


@pytest.mark.usefixtures("served")
def test_a_killed_import_of_a_file_goes_on_where_it_stopped(database: Flask, tmp_path: Path) -> None:
    import_file("reviews", write(tmp_path / "warm.jsonl", reviews(0)))
    resumed = set()
    for point in range(EVERY, 400, EVERY):
        file, told = write(tmp_path / f"{point}.jsonl", reviews(point)), tmp_path / f"told-{point}"
        end = die(database, told, lambda file=file: import_file("reviews", file).added, point)  # type: ignore[misc]
        report = import_file("reviews", file)
        if end == 0:
            break
        resumed.add(report.resumed_after)
        assert (report.added, report.known, report.opened) == (ROWS - len(REFUSED), 0, len(BAD))
        assert [row for row, _ in report.refused] == [n + 1 for n in REFUSED]
        assert len((tmp_path / f"{point}-refused.jsonl").read_text().splitlines()) == len(REFUSED)
        assert count_of("select count(*) from cases where record like :like", like=f"K{point}-%") == len(BAD)
    assert {0, 3, 4, 10} <= resumed, "killed before the first row, between bad reviews, after a chunk"
    assert find_halves(imported=True) == []
