"""Tampering shows: a changed bit, a cut tail, a missing or inserted entry, a stream that is gone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.audit.chain import GENESIS, canonical, entry_digest, merkle_root, read_lines, seal_root, verify
from app.config import ROOT

Entry = dict[str, Any]
Log = list[Entry]


def log(streams: int = 3, entries: int = 4) -> Log:
    """Entries of several streams by turns, as they are written."""
    heads, written = dict.fromkeys(range(streams), GENESIS), []
    for seq in range(1, entries + 1):
        for stream in range(streams):
            entry = {"stream": f"case:{stream}", "seq": seq, "occurred_at": f"2025-04-0{seq}T01:00:00.000000+00:00",
                     "actor": "甲", "act": "complete", "payload": {"element": "verify", "round": seq}}  # fmt: skip
            heads[stream] = entry_digest(entry, heads[stream])
            written.append(entry | {"id": len(written) + 1, "digest": heads[stream]})
    return written


def sealed(entries: Log, up_to: int, number: int = 1) -> Entry:
    heads = {each["stream"]: (each["seq"], each["digest"]) for each in entries if each["id"] <= up_to}
    return {"id": number, "up_to": up_to, "streams": len(heads), "root": seal_root(heads), "sealed_at": "x"}


def test_an_untouched_log_verifies() -> None:
    entries = log()
    assert verify(entries, [sealed(entries, 5, 1), sealed(entries, 12, 2)]) == []


def bits(entry: Entry) -> list[Entry]:
    """Return every reading of an entry in which one bit of its bytes was changed."""
    line, changed = bytearray(canonical(entry)), []
    for index in range(len(line) * 8):
        line[index // 8] ^= 1 << index % 8
        try:
            changed.append(json.loads(line.decode()))
        except ValueError:
            pass  # Not even JSON any more: nobody can load that.
        line[index // 8] ^= 1 << index % 8
    return [each for each in changed if isinstance(each, dict) and each != entry]


@pytest.mark.clause("P2")
def test_every_changed_bit_of_an_entry_is_found_and_located() -> None:
    entries = log()
    victim = entries[4]
    readings = bits(victim)
    assert len(readings) > 300
    for changed in readings:
        if changed.keys() != victim.keys() or not isinstance(changed["id"], int):
            continue  # A field's name was hit: the export no longer reads as one.
        if {**changed, "id": 0} == {**victim, "id": 0}:
            continue  # Only the number by which the database sorts: the order of streams, not what they say.
        tampered = [*entries[:4], changed, *entries[5:]]
        found = verify(tampered, [sealed(entries, 12)])
        assert any(each.stream in {victim["stream"], changed["stream"]} for each in found), changed


@pytest.mark.clause("P2")
def test_a_cut_tail_is_found_by_the_seal_over_it() -> None:
    entries = log()
    seals = [sealed(entries, 12)]
    assert verify(entries[:-1], []) == []  # the chain alone cannot know
    assert [each.problem for each in verify(entries[:-1], seals)] == ["与封存 1 的根摘要不符：有记录被删、被截或被改"]


@pytest.mark.clause("P2")
def test_a_stream_that_is_gone_is_found_by_the_number_of_streams() -> None:
    entries = log()
    left = [each for each in entries if each["stream"] != "case:1"]
    assert "现有 2 条" in verify(left, [sealed(entries, 12)])[0].problem


@pytest.mark.clause("P2")
@pytest.mark.parametrize("honest_digest", [True, False])
def test_an_inserted_entry_is_found(honest_digest: bool) -> None:
    entries = log()
    extra = deepcopy(entries[3]) | {"seq": 2, "payload": {"element": "forged"}}
    extra["digest"] = entry_digest(extra, entries[0]["digest"]) if honest_digest else extra["digest"]
    found = verify([*entries[:3], extra, *entries[3:]], [])
    assert {each.stream for each in found} == {"case:0"}


@pytest.mark.clause("P2")
def test_an_entry_that_was_taken_out_is_found_where_it_is_missing() -> None:
    entries = log()
    found = verify([*entries[:4], *entries[5:]], [])
    assert {(each.stream, each.seq) for each in found} == {("case:1", 3)}


def test_a_history_that_was_rewritten_from_some_entry_on_is_found_by_the_seal() -> None:
    entries = log()
    rewritten, previous = deepcopy(entries), GENESIS
    for each in (each for each in rewritten if each["stream"] == "case:2"):
        each["actor"] = "乙"
        each["digest"] = previous = entry_digest(each, previous)
    assert verify(rewritten, []) == []
    assert verify(rewritten, [sealed(entries, 12)]) != []


@given(st.lists(st.binary(max_size=8), max_size=9), st.integers(0, 8), st.binary(max_size=8))
def test_the_root_tells_every_other_list_of_leaves(leaves: list[bytes], at: int, other: bytes) -> None:
    changed = [*leaves[:at], other, *leaves[at + 1 :]]
    assert (merkle_root(changed) == merkle_root(leaves)) == (changed == leaves)


def run_alone(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the one-file verifier as an outsider would: a bare interpreter, nothing installed, nothing of ours."""
    command = [sys.executable, "-I", "-S", str(ROOT / "app" / "audit" / "chain.py"), *arguments]
    return subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)


@pytest.fixture
def files(tmp_path: Path) -> Callable[[Log, Log], tuple[str, str]]:
    def write(entries: Log, seals: Log) -> tuple[str, str]:
        paths = tmp_path / "export.jsonl", tmp_path / "seals.jsonl"
        for path, lines in zip(paths, (entries, seals), strict=True):
            path.write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in lines), "utf-8")
        return str(paths[0]), str(paths[1])

    return write


@pytest.mark.clause("P2")
def test_the_one_file_verifier_needs_nothing_but_an_interpreter(files: Callable[[Log, Log], tuple[str, str]]) -> None:
    entries = log()
    good = run_alone(*files(entries, [sealed(entries, 12)]))
    assert (good.returncode, good.stdout, good.stderr) == (0, "核验通过\n", "")
    entries[7]["actor"] = "乙"
    bad = run_alone(*files(entries, [sealed(log(), 12)]))
    assert bad.returncode == 1
    assert "case:1 #3" in bad.stdout
    assert run_alone().returncode == 2


def test_empty_lines_of_a_file_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"a": 1}\n\n')
    assert list(read_lines(path)) == [{"a": 1}]
