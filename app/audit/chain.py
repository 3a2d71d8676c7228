"""Digests of the audit: entry by entry in a stream, and a Merkle root over all streams.

Standard library only, one file: an outsider can run it on an export and a seal file
without trusting or installing anything of ours:

    python chain.py EXPORT.jsonl SEALS.jsonl

The export holds one entry a line in the order of their ids, the seal file one seal a line.
Of streams that few may read it holds numbers and digests only: their order and the seals
over them are checked here, their content by `flask audit verify` inside.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GENESIS = "0" * 64
# Referrals to the discipline body, and what its auditors looked at.
REFERRAL, LOOKS = "referral:", "looks"


def is_withheld(stream: str) -> bool:
    """Whether an export leaves the content of this stream out."""
    return stream == LOOKS or stream.startswith(REFERRAL)


@dataclass(frozen=True)
class Finding:
    """One break: in which stream, at which entry, and what is wrong, in Chinese."""

    stream: str
    seq: int
    problem: str


def canonical(value: Any) -> bytes:
    """Return the one byte form of a JSON value: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def entry_digest(entry: dict[str, Any], previous: str) -> str:
    """Return the digest of an entry that follows one with the digest `previous`.

    `occurred_at` is ISO 8601 in UTC with microseconds, e.g. 2025-04-01T01:00:00.000000+00:00.
    """
    fields = {name: entry[name] for name in ("stream", "seq", "occurred_at", "actor", "act", "payload")}
    return hashlib.sha256(canonical(fields | {"previous": previous})).hexdigest()


def merkle_root(leaves: list[bytes]) -> str:
    """Return the root over leaves in order (RFC 6962: leaf prefix 00, node prefix 01)."""
    level = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves]
    if not level:
        return hashlib.sha256(b"").hexdigest()
    while len(level) > 1:
        level = [_join(level[i : i + 2]) for i in range(0, len(level), 2)]
    return level[0].hex()


def _join(pair: list[bytes]) -> bytes:
    return pair[0] if len(pair) == 1 else hashlib.sha256(b"\x01" + pair[0] + pair[1]).digest()


def seal_root(heads: dict[str, tuple[int, str]]) -> str:
    """Return the root over the heads (last number and digest) of all streams."""
    return merkle_root([canonical([stream, *heads[stream]]) for stream in sorted(heads)])


class Verifier:
    """Walks all entries in the order of their ids and keeps the head of every stream."""

    def __init__(self) -> None:
        self.heads: dict[str, tuple[int, str]] = {}
        self.findings: list[Finding] = []
        self.withheld = 0

    def add(self, entry: dict[str, Any]) -> None:
        """Check one entry against the head of its stream."""
        seq, previous = self.heads.get(entry["stream"], (0, GENESIS))
        if entry["seq"] != seq + 1:
            self._note(entry, f"序号不连续：上一条是 {seq}，这一条是 {entry['seq']}")
        if entry.get("withheld") and is_withheld(entry["stream"]):
            self.withheld += 1
        elif "payload" not in entry or entry["digest"] != entry_digest(entry, previous):
            self._note(entry, "内容与摘要不符：这一条或它前面的内容被改过")
        self.heads[entry["stream"]] = (entry["seq"], entry["digest"])

    def check_seal(self, seal: dict[str, Any]) -> None:
        """Check a seal against the heads as they are after its last entry."""
        if len(self.heads) != seal["streams"]:
            self.findings.append(Finding("*", 0, f"封存 {seal['id']} 时有 {seal['streams']} 条记录流，现有 {len(self.heads)} 条"))
        elif seal_root(self.heads) != seal["root"]:
            self.findings.append(Finding("*", 0, f"与封存 {seal['id']} 的根摘要不符：有记录被删、被截或被改"))

    def _note(self, entry: dict[str, Any], problem: str) -> None:
        self.findings.append(Finding(entry["stream"], entry["seq"], problem))


def verify(entries: Iterable[dict[str, Any]], seals: list[dict[str, Any]]) -> list[Finding]:
    """Check all entries (in the order of their ids) and all seals; return what is wrong."""
    return check(entries, seals).findings


def check(entries: Iterable[dict[str, Any]], seals: list[dict[str, Any]]) -> Verifier:
    """Check all entries and seals; return the verifier, which also tells how many entries were withheld."""
    verifier = Verifier()
    waiting = sorted(seals, key=lambda seal: (seal["up_to"], seal["id"]), reverse=True)
    for entry in entries:
        while waiting and waiting[-1]["up_to"] < entry["id"]:
            verifier.check_seal(waiting.pop())
        verifier.add(entry)
    while waiting:
        verifier.check_seal(waiting.pop())
    return verifier


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a file, one a line."""
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


def main(arguments: list[str]) -> int:
    """Verify an export against a seal file; print every break; exit 0 only when there is none."""
    if len(arguments) != 2:
        print("用法：python chain.py 导出文件.jsonl 封存文件.jsonl", file=sys.stderr)
        return 2
    verifier = check(read_lines(Path(arguments[0])), list(read_lines(Path(arguments[1]))))
    for finding in verifier.findings:
        print(f"{finding.stream} #{finding.seq}：{finding.problem}")
    if verifier.withheld:
        print(f"{verifier.withheld} 条记录不公开内容，只核验了次序和封存。")
    print("核验通过" if not verifier.findings else f"核验不通过：{len(verifier.findings)} 处")
    return 1 if verifier.findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
