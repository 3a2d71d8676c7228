"""What became of the bad reviews of each programme, in one table."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, union_all

from app.appeals.models import Appeal
from app.cases.models import Case, Extension, Firing, Hop, Round
from app.db import db
from app.intake.models import Level, Review
from app.programmes.models import Programme
from app.revisits.models import Draw, DrawMember, Revisit

# Column → what it counts, as people read it.
LABELS = {
    "reviews": "评价",
    "bad": "差评",
    "defaulted": "默认评价",
    "old": "旧系统评价",
    "opened": "立案",
    "open": "在办",
    "closed": "已办结",
    "ended": "已结束",
    "answered": "已答复",
    "unanswerable": "无法答复（有记录）",
    "linked": "并案",
    "voided": "不予采纳",
    "reminded": "提醒",
    "overdue": "超期",
    "supervised": "督办",
    "extended": "延期",
    "appealed": "申诉复核",
    "upheld": "申诉成立",
    "bounced": "退单",
    "revisited": "回访",
    "reopened": "再次整改",
    "draw_pool": "抽取池",
    "drawn": "抽中",
    "replaced": "递补",
    "made": "抽查回访完成",
}
CALLED = ("drawn", "made", "unreachable", "voided")


def overview() -> dict[str, dict[str, int]]:
    """Return the counts of every programme, by programme code and column."""
    codes = db.session.scalars(select(Programme.code).order_by(Programme.code))
    table = {code: dict.fromkeys(LABELS, 0) for code in codes}
    for programme, column, count in db.session.execute(union_all(*_counts())):
        table[programme][column] = count
    for row in table.values():
        row["opened"] = row["open"] + row["closed"]
    return table


def _counts() -> list[Select[Any]]:
    return [*_reviews(), *_cases(), *_ways(), *_revisits()]


def _reviews() -> list[Select[Any]]:
    """Count what people said to this system; defaults that nobody replaced, and what an old one left, stand apart."""
    spoken = (~Review.is_old, ~Review.is_default)
    bad = or_(Review.level <= Level.DISSATISFIED, Review.staff_level <= Level.DISSATISFIED)
    return [
        _count(Review.programme, "reviews", *spoken),
        _count(Review.programme, "bad", bad, *spoken),
        _count(Review.programme, "defaulted", Review.is_default, Review.replaced_at.is_(None)),
        _count(Review.programme, "old", Review.is_old),
    ]


def _cases() -> list[Select[Any]]:
    """Count cases by where they stand. Ended ones are closed ones too; each has its answer or the reason for none."""
    closed = Case.status.in_(["closed", "ended"])
    last = (Round.number == Case.round, closed)
    answers = [
        _count(Case.programme, column, Round.answer == column, *last).join_from(Case, Round, Round.case_id == Case.id)
        for column in ("answered", "unanswerable")
    ]
    return [
        _count(Case.programme, "open", Case.status == "open"),
        _count(Case.programme, "closed", closed),
        _count(Case.programme, "ended", Case.status == "ended"),
        _count(Case.programme, "linked", Case.linked_to.is_not(None)),
        _count(Case.programme, "voided", Case.voided_at.is_not(None)),
        _count(Case.programme, "reopened", Case.round > 1),
        *answers,
    ]


def _ways() -> list[Select[Any]]:
    """Count what happened on the way; withdrawn levels no longer count."""
    levels = {"reminded": "remind", "overdue": "overdue", "supervised": "supervise"}
    fired = [
        _count(Case.programme, column, Firing.level == level, Firing.withdrawn.is_(None)).join_from(
            Case, Firing, Firing.case_id == Case.id
        )
        for column, level in levels.items()
    ]
    return [
        *fired,
        _count(Case.programme, "extended", Extension.granted).join_from(Case, Extension, Extension.case_id == Case.id),
        _count(Case.programme, "appealed").join_from(Case, Appeal, Appeal.case_id == Case.id),
        _count(Case.programme, "upheld", Appeal.upheld).join_from(Case, Appeal, Appeal.case_id == Case.id),
        _count(Case.programme, "bounced", Hop.returned_at.is_not(None)).join_from(Case, Hop, Hop.case_id == Case.id),
    ]


def _revisits() -> list[Select[Any]]:
    def members(column: str, *conditions: ColumnElement[bool]) -> Select[Any]:
        return _count(Draw.programme, column, *conditions).join_from(Draw, DrawMember, DrawMember.draw_id == Draw.id)

    return [
        _count(Case.programme, "revisited", Revisit.result != "unreachable").join_from(Case, Revisit, Revisit.case_id == Case.id),
        members("draw_pool"),
        members("drawn", DrawMember.status.in_(CALLED)),
        members("replaced", DrawMember.replaces.is_not(None)),
        members("made", DrawMember.status == "made"),
    ]


def _count(programme: Any, column: str, *conditions: Any) -> Select[Any]:
    return select(programme, literal(column), func.count()).where(*conditions).group_by(programme)
