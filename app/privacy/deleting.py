"""Deleting for good: what its time is over for, and what its person asked to be deleted.

Cases, figures and the audit chain stay as they are: they hold numbers, codes and moments.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from sqlalchemy.dialects.postgresql import insert

from app.appeals.forgetting import forget_appeals
from app.audit.record import Act, iso, record
from app.cases.forgetting import forget_texts
from app.cases.search import forget_terms
from app.casework.forgetting import forget_casework
from app.db import db, table_of
from app.identity.actor import CLOCK
from app.identity.retention import Limits
from app.identity.reviewers import forget_reviewers
from app.intake.forgetting import forget_complaints, forget_words
from app.privacy.models import PERSON, TEXTS, Deletion
from app.privacy.queries import cases_of, old_cases, old_complaints, old_reviewers, old_words, reviews_of
from app.revisits.forgetting import forget_calls
from app.supervision.forgetting import forget_grounds

STREAM = "privacy"
# As many of a kind in one transaction: short locks, and little to do again when it breaks off.
BATCH = 500


def delete_old(limits: Limits, now: datetime) -> int:
    """Delete one batch of what has been kept long enough; return how much it was, 0 when nothing is left.

    To be called in a transaction each, until it returns 0; a run that broke off is simply run again.
    """
    reviews, complaints = old_words(limits, BATCH), old_complaints(limits, BATCH)
    words = forget_words(reviews) + forget_complaints(complaints)
    forget_terms(reviews, complaints)
    cases = old_cases(limits, BATCH)
    _delete_texts(cases, "retention", now)
    reviewers = old_reviewers(limits, BATCH)
    _delete_persons(reviewers, "retention", now)
    done = {"words": words, "cases": len(cases), "reviewers": len(reviewers)}
    if any(done.values()):
        record(STREAM, Act(CLOCK, "delete_old", done), now)
    return sum(done.values())


def delete_reviewer(reviewer: int, now: datetime) -> None:
    """Delete what is known of a reviewer, what they wrote, and what was written of it in their cases; all have ended."""
    keys = [(each.served_on, each.programme, each.record, each.visit, each.sequence) for each in reviews_of(reviewer)]
    forget_words(keys)
    forget_terms(keys, [])
    _delete_texts([case.id for case in cases_of(reviewer)], "request", now)
    _delete_persons([reviewer], "request", now)


def _delete_texts(cases: Collection[int], why: str, now: datetime) -> None:
    if not cases:
        return
    forget_texts(cases)
    forget_casework(cases)
    forget_appeals(cases)
    forget_calls(cases)
    forget_grounds(cases)
    _note(TEXTS, cases, why, now)


def _delete_persons(reviewers: Collection[int], why: str, now: datetime) -> None:
    if reviewers:
        forget_reviewers(reviewers)
        _note(PERSON, reviewers, why, now)


def _note(kind: str, keys: Collection[int], why: str, now: datetime) -> None:
    rows = [{"kind": kind, "key": key, "deleted_at": now, "why": why} for key in keys]
    db.session.execute(insert(table_of(Deletion)).on_conflict_do_nothing(), rows)


def note_outside(path: Path, reviewer: int, now: datetime) -> None:
    """Write down outside the database that a reviewer was deleted on request, on disk before the transaction ends."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"reviewer": reviewer, "at": iso(now)}) + "\n")
        file.flush()
        os.fsync(file.fileno())


def delete_again(path: Path, now: datetime) -> int:
    """Delete once more whom the file names, after a backup from before was restored; return how many lines there were.

    What had only grown old needs no file: `delete_old` finds it again.
    """
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for line in lines:
        delete_reviewer(int(json.loads(line)["reviewer"]), now)
    if lines:
        record(STREAM, Act(CLOCK, "delete_again", {"reviewers": len(lines)}), now)
    return len(lines)
