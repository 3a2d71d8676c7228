"""`flask programmes check`: verdicts, exit codes and limits, whatever lies at the paths."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from lxml import etree

from app.config import ROOT
from app.programmes import checking, commands
from app.programmes.checking import Limits, Verdict, check_path, check_paths
from app.programmes.commands import programme_commands
from app.programmes.findings import Finding
from tests.programmes.mutations import WORDS, at, prop, put, spoilt

SHIPPED = sorted(str(path) for path in (ROOT / "bpmn").iterdir())
XS = str(ROOT / "bpmn" / "xs")
NOBODY = 65534


def run(*arguments: str) -> Result:
    return CliRunner().invoke(programme_commands(WORDS), ["check", *arguments])


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.output.splitlines()]


def one(path: Path, **limits: Any) -> Verdict:
    return next(check_paths([str(path)], WORDS, Limits(**limits)))


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    path = tmp_path / "faulty.bpmn"
    path.write_bytes(spoilt("xs", prop("resend", "act", "send_again")))
    return path


def test_shipped_bundles_are_clean() -> None:
    result = run(*SHIPPED)
    assert result.exit_code == 0
    assert result.output.splitlines() == [f"{path}：没有问题" for path in SHIPPED]


def test_findings_exit_with_1_and_say_where(faulty: Path) -> None:
    result = run(str(faulty), XS)
    assert result.exit_code == 1
    assert f"{faulty}：有问题（1 处）" in result.output
    assert "resend [unknown-act]" in result.output


def test_one_unreadable_path_exits_with_2_and_the_others_are_checked(faulty: Path, tmp_path: Path) -> None:
    result = run("--json", str(tmp_path / "nothing"), str(faulty), XS)
    assert result.exit_code == 2
    assert [line["verdict"] for line in lines(result)] == ["unreadable", "findings", "clean"]


def test_json_is_one_object_a_path_in_order(faulty: Path) -> None:
    first, second = lines(run(XS, str(faulty), "--json"))
    assert first == {"path": XS, "verdict": "clean", "findings": []}
    assert second["path"] == str(faulty)
    assert [set(finding) for finding in second["findings"]] == [{"element", "rule", "message"}]


def test_a_bundle_is_also_held_to_its_rules(tmp_path: Path) -> None:
    shutil.copytree(XS, tmp_path / "xs")
    rules = tmp_path / "xs" / "programme.toml"
    rules.write_text(rules.read_text(encoding="utf-8").replace("[lanes.centre]", "[lanes.elsewhere]"), encoding="utf-8")
    assert {finding.rule for finding in one(tmp_path / "xs").findings} >= {"lane-without-rule", "lane-not-drawn"}
    assert one(tmp_path / "xs" / "bad_review.bpmn").verdict == "clean"


def odd_things(folder: Path) -> list[Path]:
    """Everything a path may be that is no diagram."""
    (folder / "empty.bpmn").touch()
    (folder / "binary.bpmn").write_bytes(bytes(range(256)) * 8)
    (folder / "page.bpmn").write_text("<!doctype html><html><body>no</body></html>", encoding="utf-8")
    (folder / "picture.bpmn").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>', encoding="utf-8")
    (folder / "huge.bpmn").write_bytes(b" " * 1_048_577)
    (folder / "loop").symlink_to(folder / "loop")
    (folder / "gone").symlink_to(folder / "nowhere")
    (folder / "folder").mkdir()
    (folder / "half").mkdir()
    (folder / "half" / "bad_review.bpmn").write_bytes(b"x")
    os.mkfifo(folder / "pipe.bpmn")
    (folder / "piped").mkdir()
    os.mkfifo(folder / "piped" / "bad_review.bpmn")
    Path(os.fsdecode(os.fsencode(folder) + b"/n\xff\xfe.bpmn")).write_bytes(b"x")
    return [*folder.iterdir(), Path("/dev/zero"), folder / ("n" * 300), folder / "empty.bpmn" / "below"]


def test_nothing_odd_hangs_or_breaks_it(tmp_path: Path) -> None:
    paths = [str(path) for path in odd_things(tmp_path)]
    result = run("--json", "--seconds", "5", *paths)
    assert result.exit_code == 2
    assert [line["verdict"] for line in lines(result)] == ["unreadable"] * len(paths)
    assert all(line["findings"][0]["message"].endswith("。") for line in lines(result))
    plain = run(*paths)
    assert plain.exit_code == 2
    assert "Traceback" not in plain.output


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "secret.bpmn"
    path.touch(mode=0)
    us = os.geteuid()
    os.seteuid(NOBODY if us == 0 else us)  # root may read everything
    try:
        assert one(path).findings[0].rule == "file-unreadable"
    finally:
        os.seteuid(us)


def test_many_paths_at_once(tmp_path: Path) -> None:
    paths = []
    for number in range(500):
        path = tmp_path / f"{number}.bpmn"
        path.write_bytes(b"<x/>" if number % 2 else b"")
        paths.append(str(path))
    result = run("--json", *paths)
    assert [line["path"] for line in lines(result)] == paths
    assert result.exit_code == 2


def test_time_bites() -> None:
    verdict = one(Path(XS), seconds=0.001)
    assert (verdict.verdict, verdict.findings[0].rule) == ("unreadable", "over-time")


def test_processor_time_bites_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that computes for ever is ended by the kernel even if nobody watches the clock."""
    monkeypatch.setattr(checking, "lint", lambda source, words: [each for each in iter(int, 1) if each])
    monkeypatch.setattr(checking, "_listen", lambda reading, until: os.read(reading, 1))
    assert one(Path(XS), seconds=0.01, megabytes=4096).findings[0].rule == "over-time"


def test_memory_bites(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "lint", lambda source, words: [Finding("", "x", "x" * 10**8)][:0])
    assert one(Path(XS), megabytes=32).findings[0].rule == "over-memory"
    assert one(Path(XS), megabytes=512).verdict == "clean"


def test_a_diagram_can_be_too_large_for_the_memory_it_may_use(tmp_path: Path) -> None:
    shapes = "".join("<a b=''>" + "</a>" for _ in range(80_000))
    path = tmp_path / "large.bpmn"
    path.write_bytes(f'<d:definitions xmlns:d="http://www.omg.org/spec/BPMN/20100524/MODEL">{shapes}</d:definitions>'.encode())
    assert one(path).verdict == "findings"
    # In a process of its own: this one has memory left over from other tests, which a child would inherit and use.
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "programmes", "check", str(path), "--megabytes", "1", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, json.loads(done.stdout)["verdict"]) == (2, "unreadable")


def test_a_fault_of_the_checker_is_no_verdict_on_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(checking, "lint", broken)
    assert one(Path(XS)).findings[0].rule == "check-failed"


def test_what_is_clean_is_also_read_by_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "lint", lambda source, words: [])
    broken = ROOT / "bpmn" / "xs" / "bad_review.bpmn"
    monkeypatch.setattr(checking, "_read", lambda path: spoilt("xs", lambda root: at(root, "handling").set("id", "x y")))
    assert check_path(str(broken), WORDS).findings[0].rule == "engine-refuses"


def test_a_hostile_name_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "x.bpmn"
    path.write_bytes(spoilt("xs", put("handling", '<bpmn:endEvent id="e" name="&#x9b;31m"/>')))
    assert "\x9b" not in run(str(path)).output


def test_the_command_needs_no_database(tmp_path: Path) -> None:
    environment = {**os.environ, "BIHUAN_INSTANCE": str(tmp_path), "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "programmes", "check", "--json", XS, str(tmp_path / "none")]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert [json.loads(line)["verdict"] for line in done.stdout.splitlines()] == ["clean", "unreadable"]
    assert "Traceback" not in done.stderr


def test_pictures_are_redrawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(XS, tmp_path / "xs", ignore=shutil.ignore_patterns("*.svg"))
    monkeypatch.setattr(commands, "SHIPPED", tmp_path)
    monkeypatch.setattr(commands, "shipped", lambda: [tmp_path / "xs"])
    result = CliRunner().invoke(programme_commands(WORDS), ["picture"])
    assert result.exit_code == 0
    assert etree.parse(str(tmp_path / "xs" / "bad_review.svg")).getroot().tag.endswith("svg")
    assert CliRunner().invoke(programme_commands(WORDS), ["picture", "../xs"]).exit_code == 2
