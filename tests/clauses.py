"""`make clauses`: every row → element → clause → test, and every clause id → test. Fails when one is missing."""

from __future__ import annotations

import contextlib
import io
import sys
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from app.programmes.bundle import SHIPPED, read_bundle

HERE = Path(__file__).parent


class Marks:
    """Collects which test proves which clause."""

    def __init__(self) -> None:
        self.tests: dict[str, set[str]] = defaultdict(set)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            for mark in item.iter_markers("clause"):
                for clause in mark.args:
                    self.tests[clause].add(item.nodeid.split("[", 1)[0])


def marked() -> dict[str, set[str]]:
    """Return the tests of every clause, from pytest's own collection."""
    marks = Marks()
    with contextlib.redirect_stdout(io.StringIO()):
        pytest.main(["--collect-only", "-q", str(HERE)], plugins=[marks])
    return marks.tests


def rows() -> dict[str, Any]:
    return tomllib.loads((HERE / "rows.toml").read_text(encoding="utf-8"))


def main() -> int:
    tests, missing = marked(), []
    for row, expected in rows().items():
        programme, number = row.split(" ", 1)
        nodes = read_bundle(SHIPPED / programme.lower()).program.definition.nodes.values()
        drawn = [node for node in nodes if node.properties.get("row") == number]
        print(f"{row} {expected['step']}")
        for node in drawn:
            print(f"    {node.id} · {node.clause or '解读：' + node.properties.get('reading', '无')[:40]}")
        print(f"    {'、'.join(sorted(tests[row])) or '没有测试'}")
        missing += [row] if not drawn or not tests[row] else []
    clauses = tomllib.loads((HERE / "clauses.toml").read_text(encoding="utf-8"))
    for clause in clauses["built"]:
        print(f"{clause} · {'、'.join(sorted(tests[clause])) or '没有测试'}")
        missing += [clause] if not tests[clause] else []
    for clause, what in clauses["later"].items():
        print(f"{clause} · 留待以后：{what}")
    print(f"缺 {len(missing)} 项：{'、'.join(missing)}" if missing else "每一行都有图形元素、依据和测试。")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
