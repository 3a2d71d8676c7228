"""The client of the README, as it stands there, against the server that `run-all` starts."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys

from flask import Flask
from sqlalchemy import select

from app.cases.models import Case
from app.config import ROOT
from app.db import db
from app.intake.files import Report
from bench.web import served, system_token
from tests.intake.conftest import catalogue, take  # noqa: F401  fixtures

LONGEST = 25


def client() -> str:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```python\n(.*?)^```$", readme, re.DOTALL | re.MULTILINE)
    return str(block)


def run(port: int, token: str) -> str:
    env = os.environ | {"BIHUAN_URL": f"http://127.0.0.1:{port}", "BIHUAN_TOKEN": token, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-I", "-c", client()], env=env, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_client_is_short_and_needs_nothing_but_python() -> None:
    assert len(client().splitlines()) <= LONGEST
    found = [each for each in ast.walk(ast.parse(client())) if isinstance(each, ast.Import | ast.ImportFrom)]
    names = {each.module for each in found if isinstance(each, ast.ImportFrom)}
    names |= {name.name for each in found if isinstance(each, ast.Import) for name in each.names}
    assert {str(name).split(".")[0] for name in names} <= sys.stdlib_module_names


def test_the_client_sends_a_bad_review_and_reads_when_it_must_be_answered(database: Flask, catalogue: Report) -> None:  # noqa: F811
    token = system_token("rated")
    with served(database) as port:
        first, second = run(port, token), run(port, token)
    case = db.session.scalars(select(Case)).one()
    assert "'opened': 1" in first
    assert "'opened': 0" in second
    assert re.search(rf"^{case.number} \S+ 20\d\d-\d\d-\d\dT\S+ .*日", first, re.MULTILINE), first
    assert first.splitlines()[2:] == second.splitlines()[2:]
