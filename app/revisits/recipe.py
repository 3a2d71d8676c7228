"""The draw, as published: standard library only, so that anybody can recompute it.

    python recipe.py DRAW.json

A secret of 32 random bytes is made, and SHA-256 of it published, before the period opens.
When the period is over the pool is frozen: the case numbers of each department. The seed
is SHA-256(secret ‖ SHA-256 of the pool's canonical JSON). Each department's cases are put in
the order of SHA-256(seed ‖ case number); the first ⌈share × n⌉ are drawn. Where one cannot be
reached, the next of that department takes its place.
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

Pool = dict[str, list[str]]


def pool_digest(pool: Pool) -> str:
    """Return SHA-256 of a pool in canonical form: departments and numbers sorted, no spaces."""
    body = {department: sorted(numbers) for department, numbers in pool.items()}
    return hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def order(secret: bytes, pool: Pool) -> dict[str, list[str]]:
    """Return each department's cases in the order of the draw."""
    seed = hashlib.sha256(secret + bytes.fromhex(pool_digest(pool))).digest()
    return {
        department: sorted(numbers, key=lambda number: hashlib.sha256(seed + number.encode()).digest())
        for department, numbers in pool.items()
    }


def size(share: Fraction, n: int) -> int:
    """Return how many of n are drawn: never fewer than the share. XS 一(二)4."""
    return math.ceil(share * n)


def check(published: dict[str, Any]) -> list[str]:
    """Return what is wrong with a published draw, in Chinese; nothing when it is in order."""
    secret, pool, share = bytes.fromhex(published["secret"]), published["pool"], Fraction(published["share"])
    problems = []
    if hashlib.sha256(secret).hexdigest() != published["commitment"]:
        problems.append("公开的随机数与事先公布的摘要不符")
    if pool_digest(pool) != published["pool_digest"]:
        problems.append("名单池与冻结时公布的摘要不符")
    for department, numbers in order(secret, pool).items():
        problems += _check_department(department, numbers, size(share, len(numbers)), published["members"])
    return problems


def _check_department(department: str, numbers: list[str], drawn: int, members: dict[str, str]) -> list[str]:
    """Hold who was called to the order: the first ones, and one more for each that could not be called."""
    called = [number for number in numbers if members[number] in {"drawn", "made", "unreachable", "voided"}]
    lost = sum(members[number] in {"unreachable", "voided"} for number in called)
    expected = numbers[: min(len(numbers), drawn + lost)]
    return [] if called == expected else [f"{department}：应回访 {'、'.join(expected)}，实际是 {'、'.join(called)}"]


def main(arguments: list[str]) -> int:
    """Check one published draw; exit 0 only when it is in order."""
    if len(arguments) != 1:
        print("用法：python recipe.py 抽取公示.json", file=sys.stderr)
        return 2
    problems = check(json.loads(Path(arguments[0]).read_text(encoding="utf-8")))
    print("\n".join(problems) or "抽取核验通过")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
