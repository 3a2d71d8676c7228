"""待办: what is open in one's department, what is due first comes first; everything that is chosen stands in the address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from app.acts import in_one_act, on_case
from app.cases.assignment import assign_task, take_task
from app.cases.exporting import MOST, export_inbox
from app.cases.inbox import (
    Horizon,
    Near,
    Sort,
    Wanted,
    choices_in_inbox,
    count_inbox,
    count_newer,
    horizon,
    list_inbox,
    overview,
    place_of,
)
from app.cases.saved_filters import delete_filter, list_filters, save_filter
from app.cases.search import matching
from app.cases.step import Step
from app.cases.worklist import describe
from app.clock import SHANGHAI
from app.db import unit_of_work
from app.errors import AppError
from app.http_errors import status_of
from app.identity.accounts import list_colleagues
from app.identity.actor import Actor
from app.identity.rights import Right
from app.identity.substitutes import list_absent
from app.limits import COSTLY, limiter
from app.pages.guard import refuse_other_sites, shows
from app.paging import KEY, after_moment, page
from app.request import clock, vault

blueprint = Blueprint("page_inbox", __name__, template_folder="templates")
blueprint.before_request(refuse_other_sites)
ROWS = 20
TABS = {"over": "已超期", "today": "今日到期", "soon": "两日内", "later": "以后", "provisional": "暂定"}
MINE, FREE = "mine", "free"
# What of an address narrows an inbox, and what of it is kept under a name.
FILTERS = ("whose", "state", "step", "item", "window", "level", "q")
KEPT = (*FILTERS, "due", "sort")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS = {"item": "事项", "window": "窗口"}


@dataclass(frozen=True)
class Done:
    """What became of one of several tasks that something was done with."""

    number: str
    problem: str = ""


@blueprint.get("/inbox")
@shows(Right.READ_INBOX)
def index() -> str:
    """Show a page of the inbox."""
    return _show()


def _show(report: list[Done] | None = None, wrong: AppError | None = None) -> str:
    actor: Actor = g.actor
    with unit_of_work() as session:
        now = clock().now(session.connection())
        at, wanted, sort = horizon(actor.programme, now), _wanted(actor), _sort()
        views = overview(actor, at)
        counts = views.near if wanted.is_every else count_inbox(actor, at, wanted)
        entries = list_inbox(actor, after_moment(request.args.get("after")), ROWS + 1, _of_tab(wanted, at), sort)
        shown = page(entries, ROWS, lambda entry: _cursor(*place_of(entry, sort)))
        return render_template(
            "inbox.html", lines=describe(shown["items"], at, vault()), following=shown["next"], counts=counts, tabs=TABS,
            steps=views.steps, views=views, saved=list_filters(actor), absent=list_absent(actor, now),
            colleagues=list_colleagues(actor), now=now.astimezone(SHANGHAI), sort=sort, report=report, wrong=wrong,
            last=views.newest, most=MOST,
            is_narrowed=any(request.args.get(name) for name in (*FILTERS, "due")),
            kept=_kept(),
        )  # fmt: skip


def _sort() -> Sort:
    return Sort.NEWEST if request.args.get("sort") == Sort.NEWEST else Sort.DUE


def _of_tab(wanted: Wanted, at: Horizon) -> Wanted:
    due = request.args.get("due")
    return replace(wanted, due=at.only(Near(due))) if due in TABS else wanted


def _cursor(moment: Any, number: int) -> list[Any]:
    return [moment.isoformat(), number]


def _wanted(actor: Actor) -> Wanted:
    """Return what the address asks for, in all tabs; what it says amiss asks for nothing."""
    args = request.args
    whose, level = args.get("whose"), args.get("level", "")
    return Wanted(
        owner=actor.login if whose == MINE else whose if whose and whose != FREE else None,
        is_taken=False if whose == FREE else None,
        status="submitted" if args.get("state") == "submitted" else None,
        element=args.get("step") or None,
        item=args.get("item") or None,
        window=args.get("window") or None,
        level=int(level) if level in {"1", "2"} else None,
        found=matching(actor.programme, args.get("q", ""), vault()),
    )


def _kept() -> dict[str, str]:
    return {name: request.args[name] for name in KEPT if request.args.get(name)}


@blueprint.get("/inbox/counts")
@shows(Right.READ_INBOX, by_itself=True)
def counts() -> str:
    """Show the tabs with their counts as they are now, and how many tasks have come since the page was made."""
    actor: Actor = g.actor
    since = request.args.get("since", "")
    with unit_of_work() as session:
        wanted = _wanted(actor)
        found = count_inbox(actor, horizon(actor.programme, clock().now(session.connection())), wanted)
        newer = count_newer(actor, int(since), wanted) if since.isdecimal() and len(since) < 19 else 0
    return render_template("inbox_counts.html", counts=found, tabs=TABS, newer=newer, last=since, kept=_kept())


@blueprint.get("/inbox/<any(item, window):kind>")
@shows(Right.READ_INBOX)
def choices(kind: str) -> str:
    """List the matters or windows that have open tasks, to choose one."""
    with unit_of_work():
        found = choices_in_inbox(g.actor, kind)
    part = "inbox_choices.html" if "HX-Request" in request.headers else "inbox_choices_page.html"
    return render_template(part, kind=kind, word=KINDS[kind], choices=found, kept=_kept())


@blueprint.post("/inbox/tasks")
@shows(Right.SUBMIT_TASK)
def act_on_several() -> str:
    """Take tasks, or give them to a colleague: each by itself, and of each is told what became of it."""
    one, to = request.form.get("take_one"), request.form.get("to", "")
    names = [one] if one else request.form.getlist("task")
    return _show([_done(name, take_task if one or not to else _giving(to)) for name in names[:ROWS]])


def _giving(login: str) -> Callable[[Step, str, Actor], None]:
    return lambda step, element, actor: assign_task(step, element, actor, login)


def _done(name: str, act: Callable[[Step, str, Actor], None]) -> Done:
    """Do it with one task, named by case and element; done twice it is done once."""
    number, _, element = name.partition("/")
    try:
        on_case(number, lambda step, actor: act(step, element, actor), may_repeat=True)
    except AppError as error:
        return Done(number[:40], error.message)
    return Done(number)


@blueprint.post("/inbox/export")
@shows(Right.READ_INBOX)
@limiter.limit(COSTLY)
def export() -> ResponseReturnValue:
    """Give the rows that were chosen on this page as a workbook; without any, all that the filters find."""
    actor: Actor = g.actor
    chosen = set(request.form.getlist("task"))
    with unit_of_work() as session:
        now = clock().now(session.connection())
        at = horizon(actor.programme, now)
        after, limit = (after_moment(request.args.get("after")), ROWS) if chosen else (None, MOST)
        found = list_inbox(actor, after, limit, _of_tab(_wanted(actor), at), _sort())
        rows = [entry for entry in found if not chosen or f"{entry.number}/{entry.element}" in chosen]
        book = export_inbox(actor, describe(rows, at, vault()), now)
    name = f"待办 {now.astimezone(SHANGHAI):%Y-%m-%d}.xlsx"
    return send_file(BytesIO(book), mimetype=XLSX, as_attachment=True, download_name=name)


@blueprint.post("/inbox/filters")
@shows(Right.READ_INBOX)
def save() -> ResponseReturnValue:
    """Keep what is chosen under a name."""
    actor: Actor = g.actor
    query = urlencode(_kept())
    name, is_shared = request.form.get("name", "").strip(), request.form.get("shared") == "1"
    try:
        in_one_act(lambda now: save_filter(actor, name, query, is_shared, now), {})
    except AppError as error:
        return _show(wrong=error), status_of(error)
    return redirect(f"{url_for('page_inbox.index')}?{query}", 303)


@blueprint.post(f"/inbox/filters/<{KEY}:number>/delete")
@shows(Right.READ_INBOX)
def delete(number: int) -> ResponseReturnValue:
    """Delete a filter of one's own."""
    in_one_act(lambda _now: delete_filter(g.actor, number), {})
    return redirect(url_for("page_inbox.index"), 303)
