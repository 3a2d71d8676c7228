"""`make bench`: prints the figures of the design beside their anchors, and writes `instance/bench.json`."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from app.clock import DatabaseClock
from app.config import load_config
from bench import engine, http_intake, http_steps, inbox, intake, steps
from bench.storm import Storm, storm
from bench.world import world

DUE, KILLS = 20_000, 24
TWIN_DUE, TWIN_KILLS = 2_000, 4


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for acknowledgements, outside the database."""
    made = Path(mkdtemp(prefix="bihuan-bench-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def measure_engine() -> dict[str, Any]:
    """The engine beside stock, its reopenings, its state."""
    compared = engine.compare()
    growth, state = engine.reopen_growth(), engine.state_bytes()
    print(f"引擎一步（GC 14 步，还原、运行、存回）  {compared['ours_ms']} ms；原版 {compared['stock_ms']} ms")
    print(f"重新办理 50 次（含复核、延期）          首次 {growth['first_ms']} ms，第 50 次 {growth['fiftieth_ms']} ms")
    print(f"在办工单的状态和变量                    平均 {state['mean']} B，最大 {state['largest']} B")
    figures = {
        "engine_step_ratio": compared["ratio"],
        "engine_reopen_growth": growth["growth"],
        "state_bytes_mean": state["mean"],
    }
    return figures | {"more": {"engine": compared, "reopenings": growth, "state": state}}


def measure_steps() -> dict[str, Any]:
    """The service layer beside bare connections."""
    with folder() as files, world("xs", DatabaseClock()) as app:
        found = steps.measure(app, files)
    print(f"业务层一步，2 个进程                    {found['steps_per_second']}/s；8 条裸连接 {found['raw_per_second']}/s")
    print(f"每步 SQL                                {found['sql_per_step']} 条")
    return {"step_ratio": found["ratio"], "sql_per_step": found["sql_per_step"], "more": {"steps": found}}


def measure_http_steps() -> dict[str, Any]:
    """Whole requests beside bare connections."""
    with folder() as files, world("xs", DatabaseClock()) as app:
        found = http_steps.measure(app, files)
    print(f"HTTP 一步，2 个网页进程                 {found['steps_per_second']}/s；8 条裸连接 {found['raw_per_second']}/s")
    print(f"每步事务内 SQL                          {found['sql_per_step']} 条", flush=True)
    figures = {"http_step_ratio": found["ratio"], "http_sql_per_step": found["sql_per_step"]}
    return figures | {"more": {"http_steps": found}}


def measure_intake() -> dict[str, Any]:
    """A hundred thousand rows, each once."""
    with folder() as files, world("xs", DatabaseClock()):
        found = intake.measure(files)
    print(f"导入 {found['rows']:,} 行 CSV                  办件 {found['records_per_s']}/s，评价 {found['reviews_per_s']}/s")
    print(f"导入 {found['rows']:,} 行 XLSX                 办件 {found['xlsx_records_s']} s", flush=True)
    return {"intake_bulk_per_s": found["reviews_per_s"], "more": {"intake": found}}


def measure_http_intake() -> dict[str, Any]:
    """One review a request."""
    with folder() as files, world("xs", DatabaseClock()) as app:
        found = http_intake.measure(app, files)
    print(f"逐条报送评价，2 个网页进程              {found['per_s']}/s", flush=True)
    return {"intake_single_per_s": found["per_s"], "more": {"http_intake": found}}


def measure_inbox() -> dict[str, Any]:
    """A hundred thousand open tasks, alone and among a million cases."""
    with folder() as files, world("xs", DatabaseClock()) as app:
        found = inbox.measure(app, files)
    for cases in (inbox.OPEN, inbox.CASES):
        first, later, seen = found[f"at_{cases}"].values()
        print(
            f"待办一页，{cases:,} 件中 {inbox.OPEN:,} 项待办    p95 首页 {first} ms，后页 {later} ms，网页 {seen} ms", flush=True
        )
    return {"inbox_p95_ms": found["p95_ms"], "more": {"inbox": found}}


def measure_storms() -> dict[str, Any]:
    """Everything due at once, and the twin that does not lock."""
    with folder() as files, world("xs") as app:
        found = storm(app, files / "storm", DUE, KILLS)
        _tell("同时到期", found)
        twin = storm(app, files / "twin", TWIN_DUE, TWIN_KILLS, locked=False)
        _tell("不加行锁", twin)
    figures = {"storm_due": found.due, "storm_fired": found.fired, "storm_lost": found.lost, "storm_doubled": found.doubled}
    more = {"storm_seconds": found.seconds, "twin_due": twin.due, "twin_lost": twin.lost, "twin_kills": twin.kills}
    return figures | {"storm_kills": found.kills, "twin_doubled": twin.doubled, "more": more}


def _tell(name: str, found: Storm) -> None:
    print(
        f"{name} {found.due} 件，3 个进程            触发 {found.fired}，丢 {found.lost}，重 {found.doubled}，"
        f"kill -9 {found.kills} 次，{found.seconds} s",
        flush=True,
    )


GOALS = {
    "engine_step_ratio": ("≤", 1 / 8),
    "engine_reopen_growth": ("≤", 1.1),
    "state_bytes_mean": ("≤", 2048),
    "step_ratio": ("≥", 1 / 3),
    "sql_per_step": ("≤", 14),
    "http_step_ratio": ("≥", 1 / 4),
    "http_sql_per_step": ("≤", 14),
    "intake_bulk_per_s": ("≥", 5000),
    "intake_single_per_s": ("≥", 300),
    "inbox_p95_ms": ("≤", 50),
    "storm_lost": ("≤", 0),
    "storm_doubled": ("≤", 0),
    "storm_kills": ("≥", 20),
    "twin_doubled": ("≥", 1),
}


MEASURES = (
    measure_engine,
    measure_steps,
    measure_http_steps,
    measure_intake,
    measure_http_intake,
    measure_inbox,
    measure_storms,
)


def main() -> None:
    """Measure all, tell and write it."""
    figures: dict[str, Any] = {}
    more: dict[str, Any] = {"cpus": os.cpu_count(), "load": os.getloadavg()}
    for measure in MEASURES:
        found = measure()
        more |= found.pop("more")
        figures |= found
    path = load_config().instance / "bench.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures | {"more": more}, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print()
    missed = [name for name in figures if not _reached(name, figures[name])]
    for name, value in figures.items():
        sign, goal = GOALS.get(name, ("", None))
        print(
            f"{name:<22}{value:>12}   {'' if goal is None else f'目标 {sign} {goal:.4g}'}{'  未达到' if name in missed else ''}"
        )
    print(f"\n已写入 {path}")


def _reached(name: str, value: float) -> bool:
    sign, goal = GOALS.get(name, ("", 0))
    return bool(value <= goal if sign == "≤" else value >= goal if sign == "≥" else True)


if __name__ == "__main__":
    main()
