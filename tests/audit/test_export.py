"""What an export shows: everything but what few may read, of which order and digests are left and can be checked."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cases.conftest import Driver, person
from flask import Flask

from app.audit.chain import check, read_lines
from app.audit.seal import seal
from app.clock import VirtualClock
from app.config import ROOT
from app.db import unit_of_work
from app.identity.actor import Actor, Role
from app.identity.looks import record_look
from app.supervision.referrals import refer_matter

Line = dict[str, Any]


@pytest.fixture
def export(database: Flask, make_case: Callable[..., Driver], clock: VirtualClock, tmp_path: Path) -> tuple[Path, Path]:
    """The files of an export after a case was referred, looked at and sealed twice."""
    seals = database.extensions["bihuan"]["config"].seal_file
    seals.unlink(missing_ok=True)
    case = make_case("xs")
    case.do("forward")
    overseer = person("xs", "xs-affairs-centre")
    case.act(lambda step: refer_matter(step, overseer, "收受礼品"), overseer)
    case.do("verify")
    with unit_of_work():
        record_look(Actor("7", Role.AUDITOR, "xs", "d"), case.case.number, clock.moment)
        seal(seals, clock.moment)
    case.do("rectify_clear")
    path = tmp_path / "export.jsonl"
    assert database.test_cli_runner().invoke(args=["audit", "export", str(path)]).exit_code == 0
    return path, seals


def lines(path: Path) -> list[Line]:
    return list(read_lines(path))


@pytest.mark.clause("L5")
def test_an_export_does_not_tell_which_case_was_referred(export: tuple[Path, Path]) -> None:
    written = export[0].read_text(encoding="utf-8")
    assert '"refer"' not in written
    hidden = [line for line in lines(export[0]) if line.get("withheld")]
    assert {line["stream"] for line in hidden} == {"referral:1", "looks"}
    assert all(set(line) == {"stream", "seq", "digest", "id", "withheld"} for line in hidden)
    ids = [line["id"] for line in lines(export[0])]
    assert len(set(ids)) == 2
    assert ids == sorted(ids)
    covered = [line for line in lines(export[0]) if line["id"] == ids[0]]
    assert covered[-2:] == hidden


@pytest.mark.clause("P2")
def test_the_one_file_verifier_checks_it_and_says_how_much_was_withheld(export: tuple[Path, Path]) -> None:
    command = [sys.executable, "-I", str(ROOT / "app" / "audit" / "chain.py"), *map(str, export)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout.splitlines() == ["2 条记录不公开内容，只核验了次序和封存。", "核验通过"]


@pytest.mark.parametrize("change", ["drop", "digest", "hide", "reorder"])
def test_tampering_does_not_hide_behind_what_is_withheld(export: tuple[Path, Path], change: str) -> None:
    found = lines(export[0])
    at = next(number for number, line in enumerate(found) if line.get("withheld"))
    if change == "drop":
        del found[at]
    elif change == "digest":
        found[at]["digest"] = "0" * 64
    elif change == "hide":
        open_one = next(line for line in found if line["stream"].startswith("case:"))
        open_one.update(withheld=True, act="other")
    else:
        found[at]["seq"] = 2
    assert check(found, lines(export[1])).findings


def test_without_a_seal_the_withheld_ones_stand_last(database: Flask, make_case: Callable[..., Driver], tmp_path: Path) -> None:
    database.extensions["bihuan"]["config"].seal_file.unlink(missing_ok=True)
    case = make_case("xs")
    overseer = person("xs", "xs-affairs-centre")
    case.do("forward")
    case.act(lambda step: refer_matter(step, overseer, "线索"), overseer)
    case.do("verify")
    path = tmp_path / "export.jsonl"
    database.test_cli_runner().invoke(args=["audit", "export", str(path)])
    found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line.get("withheld", False) for line in found] == [False] * (len(found) - 1) + [True]
    assert check(found, []).findings == []
