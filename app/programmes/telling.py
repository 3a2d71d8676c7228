"""A programme in words, for whoever must keep to it: what its rules and its limits say, with the clause or our reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.db import db
from app.engine.definition import Definition
from app.programmes.bundle import Bundle
from app.programmes.models import ProgrammeVersion
from app.programmes.rules import Rules

Words = Callable[[Rules], str | None]
PERIODS = {"month": "每月", "quarter": "每季度", "half_year": "每半年", "year": "每年"}


@dataclass(frozen=True)
class Told:
    """One rule: what it is about, what it says, and what it stands on; of the two last at least one."""

    title: str
    words: str
    clause: str | None
    reading: str | None


@dataclass(frozen=True)
class LimitTold:
    """The limit of one step, as the diagram draws it."""

    step: str
    lane: str
    limit: str
    clause: str | None
    reading: str | None


def limits_told(definition: Definition) -> list[LimitTold]:
    """Return the limits of all steps, in the order of the diagram."""
    timers = [node for node in definition.nodes.values() if node.timer and node.attached_to]
    steps = [(definition.nodes[str(node.attached_to)], node) for node in timers]
    return [
        LimitTold(
            step.name,
            definition.lanes.get(step.lane or "", step.lane or ""),
            node.name,
            node.clause,
            node.properties.get("reading"),
        )
        for step, node in steps
    ]


def rules_told(bundle: Bundle) -> list[Told]:
    """Return the rules that have no element in the diagram, each in a sentence."""
    rules, grounds = bundle.rules, _grounds(bundle.program.definition)
    parts: tuple[tuple[str, str, Words], ...] = (
        ("到期提醒和上报", "ladder", _ladder),
        ("回访", "draw", _draw),
        ("不予采纳", "voiding", lambda each: _voiding(each, grounds)),
        ("延期", "extension", _extension),
        ("承诺的日期", "promise", _promise),
        ("退回再办", "rounds", lambda _: "每退回一次算一轮，各项时限从本轮重新起算；第三轮起怎么办由监督单位决定"),
        ("退单", "bounce", lambda _: "不属本单位职责的可以退回，须写明依据的条款"),
        ("复核申请", "appeal", _appeal),
        ("联系不上", "contact_tries", _contact),
        ("没有评价的", "default_review", _default_review),
        ("补充评价", "supplement", lambda each: f"办理后 {each.supplement_days} 个工作日内可以补充评价，晚了的照收并标明"),
        ("追评", "addition", lambda each: f"评价后 {each.addition.label}内可以追加一次"),
        ("评议卡", "comment_card", lambda each: f"{each.raw['comment_card']['days']} 个工作日内由被评价人以外的人录入"),
        ("实名", "real_name", lambda each: "只收实名评价" if each.raw["real_name"]["required"] else "实名、匿名都收"),
        ("提醒消息的时间", "business_hours", _hours),
    )
    told = [_told(rules, title, key, words) for title, key, words in parts if key in rules.raw]
    return [*told, *_bulletins(rules.raw.get("bulletins", {}))]


def _told(rules: Rules, title: str, key: str, words: Words) -> Told:
    part = rules.raw[key]
    return Told(title, words(rules) or "", part.get("clause"), part.get("reading"))


def _grounds(definition: Definition) -> Mapping[str, str]:
    """Return what the grounds for voiding are called where somebody chooses one."""
    fields = (field for node in definition.nodes.values() for field in node.form if field.id == "ground")
    return {code: word for field in fields for code, word in field.choices.items()}


def _ladder(rules: Rules) -> str:
    ladder = rules.ladder
    last = "最后一天开始时再提醒；" if ladder.remind_last_day else ""
    return (
        f"{ladder.remind_from} 个工作日及以上的时限，届满前 {ladder.remind_before} 个工作日提醒承办人；{last}到期报本单位负责人；"
        f"超期 {ladder.supervise_after} 个工作日由监督单位督办；超期 {ladder.leaders_after} 个工作日报领导"
    )


def _draw(rules: Rules) -> str:
    if rules.draw.period is None:
        return "已办结的差评件件回访，不抽取"
    return f"{PERIODS[rules.draw.period]}随机抽取，每个单位不少于 {float(rules.draw.share) * 100:g}%"


def _voiding(rules: Rules, grounds: Mapping[str, str]) -> str:
    named = "、".join(grounds.get(code, code) for code in rules.voiding_grounds)
    return f"理由限于：{named}。由 {rules.voiding_persons} 人决定，告知评价人，{rules.objection_days} 个工作日内可以提出异议"


def _extension(rules: Rules) -> str:
    silence = "；没有答复不算同意" if rules.raw["extension"].get("silence") == "refused" else ""
    return f"每轮限一次，经批准{silence}"


def _promise(rules: Rules) -> str:
    return f"最多可以改 {rules.raw['promise']['moved']} 次，不晚于规定的最长期限"


def _appeal(rules: Rules) -> str:
    appeal = rules.raw["appeal"]
    sealed = "，单位盖章" if appeal.get("seal") else ""
    return f"用{appeal['form']}{sealed}；单位和当事人都可以举证"


def _contact(rules: Rules) -> str:
    contact = rules.contact
    late = f"其中一次在 {contact.after:%H:%M} 以后或用短信"
    return f"{contact.days} 个工作日里联系 {contact.tries} 次，{late}，逐次记录，才能记为联系不上"


def _default_review(rules: Rules) -> str:
    limit = rules.default_review
    return f"{limit.label}内没有评价的，计为“基本满意”，单独统计" if limit else ""


def _hours(rules: Rules) -> str:
    opens, closes = rules.business_hours
    return f"只在工作日 {opens:%H:%M} 至 {closes:%H:%M} 发；期限本身到最后一天 24:00"


def _bulletins(bulletins: Mapping[str, Any]) -> Iterator[Told]:
    for entry in bulletins.get("entry", []):
        how, _, days = entry["due"].partition(" ")
        by = f"{'、'.join(_day(day) for day in days.split(', '))}以前（{'不含' if how == 'before' else '含'}）"
        words = f"{PERIODS[entry['period']]}一期，{by}"
        yield Told("通报", words, entry.get("clause") or bulletins.get("clause"), entry.get("reading"))


def _day(written: str) -> str:
    """Return a day as it is said: `10` of a month, or `07-10`."""
    *month, day = map(int, written.split("-"))
    return "".join(f"{each} 月 " for each in month) + f"{day} 日"


def list_versions(code: str) -> list[tuple[int, str, datetime, str]]:
    """Return number, digest, moment and publisher of all versions of a programme, newest first."""
    columns = (ProgrammeVersion.number, ProgrammeVersion.digest, ProgrammeVersion.published_at, ProgrammeVersion.published_by)
    query = select(*columns).where(ProgrammeVersion.programme == code).order_by(ProgrammeVersion.number.desc())
    return [(number, digest, at, by) for number, digest, at, by in db.session.execute(query)]
