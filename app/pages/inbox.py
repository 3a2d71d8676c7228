"""待办: what is open in one's department, what is due first comes first; everything that is chosen stands in the address."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from flask import Blueprint, g, render_template, request

from app.cases.inbox import Wanted, count_inbox, list_inbox, steps_in_inbox
from app.cases.worklist import describe
from app.clock import SHANGHAI
from app.db import unit_of_work
from app.identity.actor import Actor
from app.identity.rights import Right
from app.pages.guard import refuse_other_sites, shows
from app.paging import after_moment, page
from app.request import clock, vault

blueprint = Blueprint("page_inbox", __name__, template_folder="templates")
blueprint.before_request(refuse_other_sites)
ROWS = 20
TABS = {"": "全部", "over": "已超期", "today": "今日到期", "later": "以后"}


@blueprint.get("/inbox")
@shows(Right.READ_INBOX)
def index() -> str:
    """Show a page of the inbox."""
    actor: Actor = g.actor
    with unit_of_work() as session:
        now = clock().now(session.connection())
        tomorrow = _tomorrow(now)
        wanted = Wanted(
            owner=actor.login if request.args.get("whose") == "mine" else None, element=request.args.get("step") or None
        )
        counts = count_inbox(actor, now, tomorrow, wanted)
        entries = list_inbox(actor, after_moment(request.args.get("after")), ROWS + 1, _due(wanted, now, tomorrow))
        shown = page(entries, ROWS, lambda entry: [entry.due_at.isoformat(), entry.id])
        lines = describe(shown["items"], now, vault())
        steps = steps_in_inbox(actor)
    tabs = {"": counts["open"], "over": counts["overdue"], "today": counts["today"]}
    tabs["later"] = tabs[""] - tabs["over"] - tabs["today"]
    return render_template(
        "inbox.html", lines=lines, counts=tabs, labels=TABS, steps=steps, following=shown["next"], now=now.astimezone(SHANGHAI)
    )


def _tomorrow(now: datetime) -> datetime:
    return now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _due(wanted: Wanted, now: datetime, tomorrow: datetime) -> Wanted:
    """Narrow to the chosen tab. A limit that ends with today is due at tomorrow's first instant: that belongs to today."""
    moment = timedelta(microseconds=1)
    spans = {
        "over": (None, now + moment),
        "today": (now + moment, tomorrow + moment),
        "later": (tomorrow + moment, None),
    }
    due_from, due_before = spans.get(request.args.get("due", ""), (None, None))
    return replace(wanted, due_from=due_from, due_before=due_before)
