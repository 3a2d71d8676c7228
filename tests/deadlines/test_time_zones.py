"""The host's time zone changes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import hashlib, json
from datetime import date, timedelta
from app.calendars.seed import CHECKED, national_notices
from app.deadlines.calendar import Layer, WorkCalendar
from app.deadlines.compute import end_of, runs_out
from app.deadlines.explain import explain
from app.deadlines.limits import Limit
from app.deadlines.moments import parse_moment

layer = Layer.of_years("national", "", [day for notice in national_notices() for day in notice.days], CHECKED)
calendar = WorkCalendar([layer])
digest = hashlib.sha256()
for year in (1988, 2018, 2024, 2026, 2038):
    for n in range(0, 366, 7):
        day = date(year, 1, 1) + timedelta(days=n)
        for clock in ("00:00", "02:30", "23:59:59.999"):
            for limit in ("0wd", "2wd", "7nd", "15wd"):
                deadline = runs_out(parse_moment(f"{day}T{clock}+08:00"), Limit.parse(limit), calendar)
                digest.update(json.dumps(deadline.as_dict()).encode() + explain(deadline).encode())
        digest.update(json.dumps(end_of(day, calendar).as_dict()).encode())
print(digest.hexdigest())
"""


@cache
def reckoned_in(zone: str) -> bytes:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=os.environ | {"TZ": zone}, capture_output=True, check=True
    ).stdout


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Pacific/Kiritimati"])
def test_the_same_bytes_come_out_wherever_the_host_believes_to_be(zone: str) -> None:
    assert reckoned_in(zone) == reckoned_in("UTC")
