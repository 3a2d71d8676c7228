"""The same random cases through the stock engine with its own serialiser, and through ours: no difference."""

from __future__ import annotations

import subprocess
import sys

import pytest

from app.config import ROOT

CASES = 20


def walks(kind: str, programme: str) -> str:
    """Return what was seen on all walks; each engine has a process of its own, because ours patches it."""
    command = [sys.executable, "-m", "bench.walk", kind, programme, "1000", str(CASES)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.clause("L1")
@pytest.mark.parametrize("programme", ["gc", "zb", "sx", "xs", "hk"])
def test_pruned_state_walks_exactly_as_the_stock_engine_does(programme: str) -> None:
    stock, ours = walks("stock", programme).splitlines(), walks("ours", programme).splitlines()
    assert len(ours) == CASES
    different = [number for number, (one, other) in enumerate(zip(stock, ours, strict=True)) if one != other]
    assert different == []
