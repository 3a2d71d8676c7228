"""Choices of the inbox that people keep by name, for themselves or for all of their department."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, bindparam, delete, or_, select
from sqlalchemy.dialects.postgresql import insert

from app.cases.errors import FormInvalid
from app.cases.models import SavedFilter
from app.db import db
from app.errors import NotFound
from app.identity.actor import Actor

LONGEST_NAME, LONGEST_QUERY = 20, 500
MOST = 20


class FilterUnknown(NotFound):
    """There is no such filter, or it is a colleague's."""

    code = "filter_unknown"


SHARED = and_(
    SavedFilter.is_shared, SavedFilter.programme == bindparam("programme"), SavedFilter.department == bindparam("department")
)
FILTERS = (
    select(SavedFilter).where(or_(SavedFilter.account == bindparam("account"), SHARED)).order_by(SavedFilter.name, SavedFilter.id)
)


def list_filters(actor: Actor) -> Sequence[SavedFilter]:
    """Return the actor's own filters and those shared in the department, by name."""
    whose = {"account": int(actor.id), "programme": actor.programme, "department": actor.department}
    return db.session.scalars(FILTERS, whose).all()


def save_filter(actor: Actor, name: str, query: str, is_shared: bool, now: datetime) -> None:
    """Keep a choice under a name; one of the same name is replaced.

    Raises:
        FormInvalid: no name, too long, or too many of them.
    """
    if not 0 < len(name) <= LONGEST_NAME:
        raise FormInvalid(f"请给筛选起一个名字，不超过 {LONGEST_NAME} 字。", fields={"名称": "缺少或过长"})
    if len(query) > LONGEST_QUERY:
        raise FormInvalid("这组筛选太长，不能保存。请减少几项再保存。")
    own = select(SavedFilter.name).where(SavedFilter.account == int(actor.id))
    names = set(db.session.scalars(own))
    if name not in names and len(names) >= MOST:
        raise FormInvalid(f"常用筛选最多 {MOST} 个。请先删去不用的。")
    what = {"query": query, "is_shared": is_shared, "saved_at": now, "programme": actor.programme, "department": actor.department}
    row = insert(SavedFilter).values(account=int(actor.id), name=name, **what)
    db.session.execute(row.on_conflict_do_update(index_elements=["account", "name"], set_=what))


def delete_filter(actor: Actor, number: int) -> None:
    """Delete a filter of one's own.

    Raises:
        FilterUnknown: there is none, or it is a colleague's.
    """
    own = delete(SavedFilter).where(SavedFilter.id == number, SavedFilter.account == int(actor.id))
    if db.session.execute(own.returning(SavedFilter.id)).first() is None:
        raise FilterUnknown("您没有保存过这个筛选；共享的筛选由保存的人删除。")
