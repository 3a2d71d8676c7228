"""One case for each way through a programme, found from what happened."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, literal, select, union_all

from app.appeals.models import Appeal
from app.cases.models import Case, CoHandler, Extension, Firing, Hop
from app.db import db
from app.revisits.models import DrawMember, Revisit
from app.supervision.models import Referral

OUTCOMES = {
    "rectified": "整改并答复",
    "explained": "解释并答复",
    "unsubstantiated": "不属实，已答复",
    "handed_over": "转其他程序，已告知",
    "voided": "不予采纳，已答复",
    "linked": "并案，已答复",
}


def ways() -> dict[str, dict[str, str]]:
    """Return the first case of each way, by programme and name of the way."""
    found: dict[str, dict[str, str]] = {}
    for programme, way, number in db.session.execute(union_all(*_ways())):
        found.setdefault(programme, {})[way] = number
    return {programme: dict(sorted(each.items())) for programme, each in sorted(found.items())}


def _ways() -> list[Select[str, str, str]]:
    return [*_ends(), *_rulings(), *_happenings()]


def _ends() -> list[Select[str, str, str]]:
    return [_first(f"结局：{name}", Case.outcome == outcome) for outcome, name in OUTCOMES.items()]


def _rulings() -> list[Select[str, str, str]]:
    appeals, extensions = Case.id == Appeal.case_id, Case.id == Extension.case_id
    return [
        _first("申诉复核成立", appeals, Appeal.upheld),
        _first("申诉复核退回", appeals, Appeal.upheld.is_(False)),
        _first("延期或改期获准", extensions, Extension.granted),
        _first("延期或改期未获准", extensions, Extension.granted.is_(False)),
    ]


def _happenings() -> list[Select[str, str, str]]:
    returned = select(Hop.case_id).where(Hop.returned_at.is_not(None)).group_by(Hop.case_id)
    return [
        _first("退单一次", Case.id.in_(returned)),
        _first("退单两次后裁定", Case.id.in_(returned.having(func.count() > 1))),
        _first("逐级报到领导", Case.id == Firing.case_id, Firing.level == "leaders"),
        _first("第二轮整改", Case.round > 1),
        _first("第三轮由监督方决定", Case.round > 2),
        _first("协办", Case.id == CoHandler.case_id),
        _first("移交线索", Case.id == Referral.case_id, Referral.kind == "breach"),
        _first("回访称受到施压", Case.id == Referral.case_id, Referral.kind == "reprisal"),
        _first("回访：合法但不满意", Case.id == Revisit.case_id, Revisit.result == "unwelcome"),
        _first("回访联系不上", Case.id == Revisit.case_id, Revisit.result == "unreachable"),
        _first("抽查递补", Case.id == DrawMember.case_id, DrawMember.replaces.is_not(None)),
        _first("匿名差评", Case.is_anonymous),
    ]


def _first(way: str, *conditions: Any) -> Select[str, str, str]:
    return select(Case.programme, literal(way), func.min(Case.number)).where(*conditions).group_by(Case.programme)
