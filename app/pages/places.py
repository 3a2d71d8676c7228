"""Where one can go: the words of the bar, and the pages that stand together under one of them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, request, url_for

from app.cases.visibility import Concern
from app.identity.actor import Actor
from app.identity.rights import Right, may

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


def in_bar() -> list[Place]:
    """Return where the actor can go: address, word, and whether they are there."""
    actor: Actor = g.actor
    shown = [(url_for(name), word, _is_here(name)) for name, word, right in PLACES if may(actor, right)]
    groups = ((word, _open_tabs(group, actor)) for word, group in GROUPS.items())
    return [*shown, *(tabs[0] if len(tabs) == 1 else _together(word, tabs) for word, tabs in groups if tabs)]


def _together(word: str, tabs: list[Place]) -> Place:
    """Return the place in the bar for several tabs; a tab that stands alone keeps its own word."""
    return tabs[0][0], word, any(here for *_, here in tabs)


def _open_tabs(group: tuple[Tab, ...], actor: Actor) -> list[Place]:
    """Return those of a group's tabs that are open to an actor: address, word, and whether they are there."""
    concerning = (tab for tab in group if may(actor, tab.right) and (tab.concern is None or tab.concern in g.concerns))
    return [(url_for(tab.page), tab.word, _is_here(tab.page)) for tab in concerning]


def tabs_under(word: str) -> list[Place]:
    """Return the tabs that stand under a word of the bar or beside it, for whoever looks."""
    return _open_tabs((GROUPS | ASIDE)[word], g.actor)


def _is_here(endpoint: str) -> bool:
    return endpoint.split(".")[0] == request.blueprint
