"""Drafts: what somebody typed for a step stays theirs until they enter it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects.postgresql import insert

from app.cases.models import Task
from app.casework.models import Draft
from app.db import db
from app.engine.errors import TaskNotOpen
from app.identity.actor import Actor


def keep_draft(case_id: int, element: str, actor: Actor, typed: Mapping[str, str], now: datetime) -> None:
    """Keep what was typed so far for a step that waits in the actor's department; it replaces what was kept before.

    Raises:
        TaskNotOpen: the step was entered meanwhile, or is another department's.
    """
    waits = exists().where(
        Task.case_id == case_id, Task.element == element, Task.status == "open", Task.department == actor.department
    )
    if not db.session.scalar(select(waits)):
        raise TaskNotOpen("这一步已经提交，草稿没有保存。请刷新后再看。", element=element)
    row = {"body": dict(typed), "saved_at": now}
    statement = insert(Draft).values(case_id=case_id, element=element, account=int(actor.id), **row)
    db.session.execute(statement.on_conflict_do_update(index_elements=["case_id", "element", "account"], set_=row))


def drafts_of(case_id: int, actor: Actor) -> dict[str, Draft]:
    """Return what the actor has typed for the steps of a case, by element."""
    query = select(Draft).where(Draft.case_id == case_id, Draft.account == int(actor.id))
    return {each.element: each for each in db.session.scalars(query)}


def drop_drafts(case_id: int, element: str) -> None:
    """Drop what anybody has typed for a step: it was entered."""
    db.session.execute(delete(Draft).where(Draft.case_id == case_id, Draft.element == element))
