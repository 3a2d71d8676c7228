"""A small catalogue of two programmes, and rows that are valid by default."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.cli import import_file
from app.intake.files import Report

Row = dict[str, Any]
Take = Callable[..., Report]

CATALOGUE = [
    {"kind": "department", "code": "rated", "name": "市医疗保障局", "area": "532801", "responsible": ""},
    {"kind": "window", "code": "w1", "name": "1号窗口", "department": "rated"},
    {"kind": "staff", "code": "s1", "name": "窗口人员", "department": "rated"},
    {"kind": "item", "code": "1" * 31, "name": "异地就医备案", "department": "rated", "detail": "20"},
    {"kind": "channel", "code": "window", "name": "窗口服务"},
    {"kind": "channel", "code": "card", "name": "评议卡", "detail": "card"},
]
COLUMNS = ("programme", "kind", "code", "name", "department", "area", "responsible", "detail")


def record(**changes: Any) -> Row:
    """Return a service record that nothing is wrong with."""
    row = {
        "programme": "zb", "projectNo": "P1", "serviceNumber": "1", "taskCode": "1" * 31, "deptCode": "rated", "window": "w1",
        "proManager": "s1", "channel": "window", "userProp": "1", "userPageType": "111", "certKey": "990001198001010015",
        "userName": "欧阳甲乙", "mobile": "15410000001", "proStatus": "3", "acceptDate": "2025-04-01 08:50:00",
        "resultDate": "2025-04-01 09:00:00", "serviceTime": "2025-04-01 09:00:00",
    }  # fmt: skip
    return row | changes


def review(**changes: Any) -> Row:
    """Return a good review of that service."""
    row = {
        "programme": "zb", "projectNo": "P1", "serviceNumber": "1", "assessNumber": "1", "satisfaction": "5",
        "evalDetail": "510,517", "writingEvaluation": "", "pf": "4", "assessTime": "2025-04-01 09:05:00",
        "anonymityFlag": "2", "isdefault": "0",
    }  # fmt: skip
    return row | changes


def bad_review(**changes: Any) -> Row:
    """Return a bad review of that service."""
    return review(satisfaction="1", evalDetail="115", writingEvaluation="等了两个小时没有人理。") | changes


@pytest.fixture
def take(database: Flask, tmp_path: Path) -> Take:
    """Return a function that writes rows to a file and takes it in: JSON lines, whose lines are the rows, or `.csv`."""
    numbers = count()

    def take_in(kind: str, *rows: Row, suffix: str = ".jsonl") -> Report:
        path = tmp_path / f"{kind}-{next(numbers)}{suffix}"
        if suffix == ".csv":
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, fieldnames=list(dict.fromkeys(name for row in rows for name in row)))
                writer.writeheader()
                writer.writerows(rows)
        else:
            path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
        return import_file(kind, path)

    return take_in


@pytest.fixture
def catalogue(take: Take) -> Report:
    """Store the same small catalogue for all five programmes."""
    rows = [{"programme": programme} | row for programme in ("gc", "zb", "sx", "xs", "hk") for row in CATALOGUE]
    return take("catalogue", *({name: row.get(name, "") for name in COLUMNS} for row in rows))
