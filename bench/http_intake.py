"""Reviews that a department's system sends one by one, each when it is given: two web processes, eight connections."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from flask import Flask

from bench.forks import acknowledge
from bench.intake import catalogue, moment, records, take, write_csv
from bench.steps import CONNECTIONS, rate
from bench.web import Client, served, system_token
from bench.world import RATED, analyse

PREFIX = "S"


def measure(app: Flask, folder: Path, turns: int = 3, reviews: int = 1200) -> dict[str, Any]:
    """Return the reviews a second, one a request; the median of some turns after one that warms up."""
    take("catalogue", write_csv(folder / "catalogue.csv", catalogue()))
    take("records", write_csv(folder / "records.csv", records((turns + 1) * reviews, PREFIX)))
    analyse(app)
    token = system_token(RATED)
    with served(app) as port:
        found = [send(app, folder, turn, port, range(turn, (turns + 1) * reviews, turns + 1), token) for turn in range(turns + 1)]
    return {"per_s": round(median(found[1:])), "turns": found[1:]}


def send(app: Flask, folder: Path, turn: int, port: int, numbers: Sequence[int], token: str) -> float:
    works = [partial(post, port, numbers[i::CONNECTIONS], token, folder / f"single-{turn}-{i}") for i in range(CONNECTIONS)]
    return rate(app, folder, f"single-{turn}", works)


def post(port: int, numbers: Sequence[int], token: str, path: Path) -> None:
    client = Client(port)
    began = time.monotonic()
    for number in numbers:
        told = client.post("/reviews", token, {"rows": [review(number)]})
        if told["added"] != 1:
            raise RuntimeError(told)
    acknowledge(path, json.dumps({"from": began, "until": time.monotonic(), "done": len(numbers)}))


def review(number: int) -> dict[str, str]:
    at = moment(number) + timedelta(minutes=5)
    words = {} if number % 7 else {"writingEvaluation": "办得快，说得清楚。"}
    return {
        "projectNo": f"{PREFIX}{number}",
        "satisfaction": "5",
        "evalDetail": "510,517",
        "pf": "4",
        "assessTime": str(at),
    } | words
