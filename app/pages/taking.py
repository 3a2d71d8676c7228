"""What all pages share on which a review is given or written down: its form, and the way it is taken in."""

from __future__ import annotations

from flask import request

from app.acts import Reply
from app.db import db, unit_of_work
from app.errors import Invalid
from app.intake.batch import Row
from app.intake.files import Report
from app.intake.giving import Given
from app.intake.importing import take_rows
from app.intake.reasons import REASONS
from app.intake.receipts import receipt_of
from app.request import clock, vault

LEVELS = range(5, 0, -1)
LONGEST = 2000


class NotYet(Invalid):
    """Something that a review cannot do without is missing; said as people understand it."""

    code = "review_incomplete"


class NotTaken(Invalid):
    """What was written down was refused; the message says why."""

    code = "not_taken"


def reasons_by_level() -> dict[int, list[tuple[str, str]]]:
    """Return the national reasons of each level, best level first."""
    return {level: [(code, label) for code, label in REASONS.items() if code[0] == str(level)] for level in LEVELS}


def given_in_form() -> Given:
    """Return what was said.

    Raises:
        NotYet: no level, or a bad one without any reason.
    """
    form = request.form
    level, words = level_in_form("level"), form.get("words", "").strip()
    if level is None:
        raise NotYet("请先选一个表情。")
    reasons = [code for code in form.getlist("reason") if code in REASONS and code[0] == str(level)]
    if level <= 2 and not reasons and not words:
        raise NotYet("请选一个原因，或者写一句发生了什么，我们好去核实。")
    if len(words) > LONGEST:
        raise NotYet(f"文字请不超过 {LONGEST} 字，现在是 {len(words)} 字。")
    return Given(level, reasons, words, level_in_form("staff"), form.get("anonymous") == "1")


def level_in_form(name: str) -> int | None:
    """Return the level that was chosen under a name, None where none was."""
    written = request.form.get(name, "")
    return int(written) if written in {"1", "2", "3", "4", "5"} else None


def store(row: Row) -> Reply:
    """Store a review as the exchange's rows are stored; return what its receipt is made of, or that it was refused."""
    report = Report()
    for work in take_rows("reviews", [(1, row)], vault(), report, lambda: clock().now(db.session.connection()), None):
        work()
    if not report.added:  # Nor is a receipt given for saying what somebody has said before.
        return {"refused": [reason for _, reason in report.refused]}
    receipt = receipt_of(row)
    return {"receipt": [receipt.kind, receipt.programme, list(receipt.parts)]}


def taken(kind: str, row: Row) -> Reply:
    """Take one row in as the exchange's are, and report; a bad review opens its case before this returns.

    Raises:
        NotTaken: it was refused. Raised and not reported, so that the form's key stays free for the mended one.
    """
    report = Report()
    for work in take_rows(kind, [(1, row)], vault(), report, lambda: clock().now(db.session.connection()), None):
        with unit_of_work():
            work()
    if report.refused:
        raise NotTaken("；".join(_in_words(reason) for _, reason in report.refused))
    return report.as_dict()


def _in_words(reason: str) -> str:
    """Return why a row was refused, without the name of its column, which means nothing to a person."""
    column, _, said = reason.partition("：")
    return said if said and column.isascii() else reason
