"""The description of the API: whole, in Chinese, valid, and shown by a page that loads nothing from elsewhere."""

from __future__ import annotations

import re

from flask import Flask

from api.conftest import ROOT
from app.api.summaries import SUMMARIES


def test_every_operation_is_described_in_chinese_and_says_who_may(database: Flask) -> None:
    described = database.test_client().get(f"{ROOT}/openapi.json").json
    assert described["openapi"] == "3.1.0"
    operations = {(path, method): found for path, methods in described["paths"].items() for method, found in methods.items()
                  if method != "parameters"}  # fmt: skip
    assert len(operations) == len(SUMMARIES)
    for (path, _method), operation in operations.items():
        assert not operation["summary"].isascii(), path
        assert ("security" in operation) == (operation["summary"] != "登录，取得令牌")


def test_the_page_needs_no_other_host_and_its_files_are_there(database: Flask) -> None:
    page = database.test_client().get(f"{ROOT}/docs")
    assert "http" not in page.headers["Content-Security-Policy"]
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) == 3
    for path in loaded:
        assert path.startswith("/static/")
        with database.test_client().get(path) as file:
            assert file.status_code == 200
