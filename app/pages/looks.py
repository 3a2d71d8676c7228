"""What all templates know: the files that were bundled, who is signed in, where one can go, dates as people write them."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, g, request, url_for

from app.cases.visibility import Concern
from app.clock import SHANGHAI
from app.errors import Unavailable
from app.identity.actor import Actor
from app.identity.rights import Right, may
from app.request import NONCE

WEEKDAYS = "一二三四五六日"
PLACES = (
    ("page_leaders.index", "总览", Right.READ_FIGURES),
    ("page_inbox.index", "待办", Right.READ_INBOX),
    ("page_cases.index", "工单", Right.READ_CASES),
    ("page_calendar.index", "日历", Right.LOAD_CALENDAR),
    ("page_health.index", "健康", Right.RESUME_CASES),
    ("page_windows.index", "窗口码", Right.EDIT_CATALOGUE),
    ("page_audit.index", "审计", Right.READ_AUDIT),
    ("page_hotline.index", "来电", Right.TAKE_CALLS),
)


# Address, word, and whether one is there.
Place = tuple[str, str, bool]


@dataclass(frozen=True)
class Tab:
    """A page that stands with others under one word of the bar: for whoever has the right, and whom it concerns."""

    page: str
    word: str
    right: Right
    concern: Concern | None = None


TEAM = (
    Tab("page_team.index", "科内", Right.HAND_OVER),
    Tab("page_my_ratings.index", "对我的评价", Right.READ_OWN_RATINGS, Concern.ONESELF),
)
DESK = (
    Tab("page_revisits.index", "回访", Right.CONTACT),
    Tab("page_draws.index", "抽取", Right.READ_DRAWS),
    Tab("page_quality.index", "抽查", Right.READ_CASES),
    Tab("page_cards.index", "补录", Right.TYPE_CARDS),
)
SENDING = (
    Tab("page_forwarding.index", "转办", Right.SUBMIT_TASK, Concern.OTHERS),
    Tab("page_rulings.index", "裁定", Right.SUBMIT_TASK, Concern.OTHERS),
)
OVERSIGHT = (
    Tab("page_board.index", "督办", Right.READ_CASES, Concern.OVERSIGHT),
    Tab("page_referrals.index", "移交线索", Right.READ_REFERRALS, Concern.REFERRALS),
    Tab("page_data_requests.index", "个人信息", Right.DATA_REQUESTS, Concern.OVERSIGHT),
)
ACCOUNTS = (
    Tab("page_accounts.index", "账号", Right.READ_ACCOUNTS),
    Tab("page_tokens.index", "系统令牌", Right.ISSUE_TOKENS),
)
BOOKS = (
    Tab("page_programmes.index", "方案", Right.READ_PROGRAMMES),
    Tab("page_catalogue.index", "名录", Right.READ_CATALOGUE),
)
GROUPS = {"科内": TEAM, "回访": DESK, "转办": SENDING, "督办": OVERSIGHT, "账号": ACCOUNTS}
# Everybody may read these; they stand beside the person's name, since a bar has room for six words.
ASIDE = {"方案": BOOKS}


class AssetsMissing(Unavailable):
    """The front-end files were never bundled."""

    code = "assets_missing"


def register(app: Flask) -> None:
    """Give the templates their words."""
    bundled = Path(app.static_folder or "") / "dist"
    app.jinja_env.globals.update(
        asset=lambda name: asset(bundled, name),
        places=places,
        tabs_under=tabs_under,
        link=link,
        may_search=may_search,
        nonce=nonce,
    )
    app.jinja_env.filters.update(
        day=day, deadline=deadline, moment=moment, sentence_day=sentence_day, percent=percent, lasting=lasting
    )
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


def places() -> list[Place]:
    """Return where the actor can go: address, word, and whether they are there."""
    actor: Actor = g.actor
    shown = [(url_for(name), word, _is_here(name)) for name, word, right in PLACES if may(actor, right)]
    groups = ((word, tabs_of(group, actor)) for word, group in GROUPS.items())
    return [*shown, *(tabs[0] if len(tabs) == 1 else _together(word, tabs) for word, tabs in groups if tabs)]


def _together(word: str, tabs: list[Place]) -> Place:
    """Return the place in the bar for several tabs; a tab that stands alone keeps its own word."""
    return tabs[0][0], word, any(here for *_, here in tabs)


def desk(actor: Actor) -> list[Place]:
    """Return the tabs of the service centre's desk that are open to an actor."""
    return tabs_of(DESK, actor)


def tabs_of(group: tuple[Tab, ...], actor: Actor) -> list[Place]:
    """Return those of a group's tabs that are open to an actor: address, word, and whether they are there."""
    concerning = (tab for tab in group if may(actor, tab.right) and (tab.concern is None or tab.concern in g.concerns))
    return [(url_for(tab.page), tab.word, _is_here(tab.page)) for tab in concerning]


def tabs_under(word: str) -> list[Place]:
    """Return the tabs that stand under a word of the bar or beside it, for whoever looks."""
    return tabs_of((GROUPS | ASIDE)[word], g.actor)


def _is_here(endpoint: str) -> bool:
    return endpoint.split(".")[0] == request.blueprint


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


def day(value: date) -> str:
    """Return a day in a sentence: 2025年10月22日 周三."""
    return f"{value.year}年{value.month}月{value.day}日 周{WEEKDAYS[value.weekday()]}"


def deadline(value: datetime) -> str:
    """Return the end of a limit as people write it: the midnight after a day is that day's 24:00."""
    at = value.astimezone(SHANGHAI)
    return f"{at - timedelta(days=1):%Y-%m-%d} 24:00" if at.time() == time.min else f"{at:%Y-%m-%d %H:%M}"


def moment(value: datetime | str) -> str:
    """Return a moment, or its ISO form, as tables show it: 2025-04-01 09:30."""
    instant = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{instant.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


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
