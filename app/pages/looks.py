"""What all templates know: the files that were bundled, who is signed in, dates as people write them."""

from __future__ import annotations

import json
import secrets
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, g, request, url_for

from app.clock import SHANGHAI
from app.db import db
from app.errors import Unavailable
from app.identity.rights import Right, may
from app.pages import places
from app.request import NONCE, clock

# Where a request keeps the year.
YEAR = "bihuan.year"
WEEKDAYS = "一二三四五六日"


class AssetsMissing(Unavailable):
    """The front-end files were never bundled."""

    code = "assets_missing"


def register(app: Flask) -> None:
    """Give the templates their words."""
    bundled = Path(app.static_folder or "") / "dist"
    app.jinja_env.globals.update(
        asset=lambda name: asset(bundled, name),
        places=places.in_bar,
        tabs_under=places.tabs_under,
        link=link,
        may_search=may_search,
        nonce=nonce,
    )
    app.jinja_env.filters.update(
        day=day, moment=moment, deadline=deadline, full_day=full_day, full_moment=full_moment, full_deadline=full_deadline,
        sentence_day=sentence_day, percent=percent, lasting=lasting,
    )  # fmt: skip
    app.context_processor(lambda: {"actor": getattr(g, "actor", None)})


def asset(folder: Path, name: str) -> str:
    """Return the address of a bundled file, which names its content.

    Raises:
        AssetsMissing: `make setup` has not run.
    """
    return url_for("static", filename=f"dist/{_manifest(folder)[name]}")


@cache
def _manifest(folder: Path) -> dict[str, str]:
    path = folder / "manifest.json"
    if not path.exists():
        raise AssetsMissing("页面文件还没有生成。请运行 make setup。")
    named: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return named


def nonce() -> str:
    """Return the key of a form: sent twice, what it asks for is done once. One that is shown again keeps its own."""
    return request.form.get(NONCE) or secrets.token_urlsafe(12)


def may_search() -> bool:
    """Whether the actor may look for cases."""
    return may(g.actor, Right.READ_CASES)


def link(**changes: Any) -> str:
    """Return this page's address with some of its choices changed; None drops one, and a change begins at the first page."""
    kept = {name: value for name, value in request.args.items() if name != "after"}
    args = {name: value for name, value in (kept | changes).items() if value not in (None, "")}
    return url_for(str(request.endpoint), **(request.view_args or {}), **args)


def this_year() -> int:
    """Return the year in which the page is read: days of it are written without it. Asked once a request."""
    if YEAR not in request.environ:
        request.environ[YEAR] = clock().now(db.session.connection()).astimezone(SHANGHAI).year
    return int(request.environ[YEAR])


def day(value: date) -> str:
    """Return a day in a sentence: 10月22日 周三; one of another year with it."""
    return full_day(value).removeprefix(f"{this_year()}年")


def full_day(value: date) -> str:
    """Return a day as paper has it: 2025年10月22日 周三."""
    return f"{value.year}年{value.month}月{value.day}日 周{WEEKDAYS[value.weekday()]}"


def moment(value: datetime | str) -> str:
    """Return a moment, or its ISO form, as tables show it: 04-01 09:30; one of another year with it."""
    return full_moment(value).removeprefix(f"{this_year()}-")


def full_moment(value: datetime | str) -> str:
    """Return a moment, or its ISO form, as paper and what is published have it: 2025-04-01 09:30."""
    instant = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{instant.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def deadline(value: datetime) -> str:
    """Return the end of a limit as tables show it: 04-02 24:00; one in another year with it."""
    return full_deadline(value).removeprefix(f"{this_year()}-")


def full_deadline(value: datetime) -> str:
    """Return the end of a limit as people write it: the midnight after a day is that day's 24:00."""
    at = value.astimezone(SHANGHAI)
    return f"{at - timedelta(days=1):%Y-%m-%d} 24:00" if at.time() == time.min else f"{at:%Y-%m-%d %H:%M}"


def sentence_day(value: datetime) -> str:
    """Return the day of a moment as one says it on the phone: 9 月 8 日."""
    local = value.astimezone(SHANGHAI)
    return f"{local.month} 月 {local.day} 日"


def lasting(time: timedelta) -> str:
    """Return how long something took: 2 天 3 小时; under an hour in minutes."""
    minutes = int(time.total_seconds()) // 60
    days, hours = minutes // (24 * 60), minutes // 60 % 24
    said = [f"{count} {unit}" for count, unit in ((days, "天"), (hours, "小时")) if count]
    return " ".join(said) or f"{minutes} 分钟"


def percent(share: str) -> str:
    """Return a share, written as a fraction, as a percentage: 1/5 is 20%."""
    return f"{float(Fraction(share)) * 100:g}%"
