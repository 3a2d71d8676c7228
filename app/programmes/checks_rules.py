"""Checks of `programme.toml` against the diagram beside it: nothing stands twice, nothing is cited that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, time
from fractions import Fraction
from typing import Any

from app.deadlines.limits import Limit
from app.errors import AppError
from app.programmes.checks_xml import CONTROL
from app.programmes.findings import Finding
from app.programmes.subject import Subject

FILE = "programme.toml"
LEVELS = ("remind", "overdue", "supervise", "leaders")
CAPACITIES = {"owner", "head", "overseer", "leaders"}
PERIODS = {"month", "quarter", "half_year", "year"}
LONGEST_OFFSET = 60
SEPARATOR = re.compile("[；;]")
# Tables that are documented, though an element may bear the same name: they say what the element does not.
TABLES = {
    "notice", "business_hours", "lanes", "overseer", "superior", "ladder", "draw", "supplement", "comment_card", "addition",
    "default_review", "options", "real_name", "voiding", "rounds", "bounce", "promise", "extension", "appeal", "contact_tries",
    "bulletins", "clauses",
}  # fmt: skip
# Keys that an element answers, and the property or part of it that does.
ANSWERED = {
    "limit": "timer", "limits": "timer", "timer": "timer", "timers": "timer", "deadline": "timer", "deadlines": "timer",
    "window": "window", "windows": "window", "largest": "largest", "sign_off": "sign_off", "second_person": "second_person",
    "judge": "judge", "owner": "lane", "owners": "lane", "act": "act", "acts": "act", "outcome": "outcome", "outcomes": "outcome",
    "form": "form", "forms": "form", "fields": "form", "steps": "name", "tasks": "name",
}  # fmt: skip
DOCUMENTED = {("promise", "largest"), ("appeal", "form")}
OPEN = {("clauses",), ("lanes",), ("ladder", "recipients")}


def check_doubles(subject: Subject) -> Iterator[Finding]:
    """Find keys that an element of the diagram already answers: the two would drift apart."""
    for path, value in _keys(subject.raw or {}, ()):
        key = path[-1]
        if path in DOCUMENTED or path[:-1] in OPEN or path[-2:-1] == ("by_area",) or (len(path) == 1 and key in TABLES):
            continue
        element = _answering(subject, key, value)
        if element is not None and (key in ANSWERED or path[0] not in TABLES):
            where = ".".join(path)
            yield Finding(where, "toml-doubles-diagram", f"{where} 图上已有：写在元素 {element} 上。请删去这一项，只在图上改。")


def _keys(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in table.items():
        yield (*path, key), value
        if isinstance(value, Mapping):
            yield from _keys(value, (*path, key))
        elif isinstance(value, list):
            for entry in value:
                yield from _keys(entry, (*path, key)) if isinstance(entry, Mapping) else ()


def _answering(subject: Subject, key: str, value: Any) -> str | None:
    """Return the element that already says it, or None when none does."""
    if key in subject.nodes:
        return key
    if key not in ANSWERED:
        return None
    if isinstance(value, Mapping):
        named = next((inner for inner in value if inner in subject.nodes), None)
        if named:
            return str(named)
    part = ANSWERED[key]
    by_timer = next((node.id for node in subject.nodes.values() if node.timer), "")
    special = {"timer": by_timer, "lane": next(iter(subject.definition.lanes), ""), "form": "", "name": ""}
    task = next((node.id for node in subject.definition.of_kind("userTask")), "")
    carrying = next((node.id for node in subject.nodes.values() if part in node.properties), "")
    return special.get(part) or carrying or task


def check_lane_rules(subject: Subject) -> Iterator[Finding]:
    """Find lanes without a department, and departments without a lane."""
    raw = subject.raw or {}
    rules, drawn = _table(raw, "lanes"), subject.definition.lanes
    for lane in sorted(drawn.keys() - rules.keys()):
        yield Finding(lane, "lane-without-rule", f"泳道 {lane} 在 {FILE} 的 [lanes] 里没有对应的单位。请补上 [lanes.{lane}]。")
    for lane in sorted(rules.keys() - drawn.keys()):
        yield Finding(f"lanes.{lane}", "lane-not-drawn", f"图上没有泳道 {lane}。请画出来，或删去 [lanes.{lane}]。")
    for lane in rules:
        rule = _table(rules, lane)
        if rule.get("department") == "fixed" and not rule.get("code"):
            yield Finding(f"lanes.{lane}", "lane-department", "固定单位的泳道要写单位代码 code。")
        if rule.get("department") == "area" and not rule.get("by_area"):
            yield Finding(f"lanes.{lane}", "lane-department", f"按地区的泳道要写 [lanes.{lane}.by_area]。")
    for table in ("overseer", "draw"):
        named = _table(raw, table).get("lane")
        if str(named) not in drawn:
            yield Finding(f"{table}.lane", "lane-unknown", f"[{table}] 的 lane 写的泳道 {named} 图上没有。请改正。")


def _table(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = raw.get(name)
    return found if isinstance(found, Mapping) else {}


def _texts(listed: Any) -> list[str]:
    return [text for text in listed if isinstance(text, str)] if isinstance(listed, list) else []


def check_cited(subject: Subject) -> Iterator[Finding]:
    """Find clauses cited in the diagram or the rules whose sentence is not in [clauses]."""
    raw = subject.raw or {}
    known = _table(raw, "clauses")
    cited = [(node.id, node.clause or "") for node in subject.nodes.values()]
    cited += [(".".join(path), value) for path, value in _keys(raw, ()) if path[-1] == "clause" and isinstance(value, str)]
    for element, listed in cited:
        for clause in (part.strip() for part in SEPARATOR.split(listed)):
            if clause and clause not in known:
                yield Finding(
                    element, "unknown-clause", f"引用的条款 {clause[:60]} 在 [clauses] 里没有原文。请补上原文，或改正条款号。"
                )
    for number, sentence in known.items():
        if not isinstance(sentence, str) or not sentence.strip():
            yield Finding(f"clauses.{number}", "empty-clause", f"条款 {number[:60]} 没有原文。请照通知原文写上。")


def check_draw(subject: Subject) -> Iterator[Finding]:
    """Find draws that never come, and shares that are none."""
    draw = _table(subject.raw or {}, "draw")
    waits = [node for node in subject.nodes.values() if node.event == "message" and node.reference == "draw"]
    period, share = draw.get("period"), _fraction(draw.get("share"))
    if period in ("", "none"):
        period = None
    if period is not None and str(period) not in PERIODS:
        yield Finding("draw.period", "draw-period", f"抽取周期 {period} 不认识。可用：{'、'.join(sorted(PERIODS))}。")
    if share is None or not 0 < share <= 1:
        yield Finding("draw.share", "draw-share", '抽取比例须大于 0、不超过 1，写成 "1/5" 这样的分数。')
    elif share < 1 and not waits:
        yield Finding("draw.share", "draw-missing", "抽取比例小于 1，图上却没有等待抽取的消息事件 draw。请画上，或改为 1。")
    if waits and period is None:
        yield Finding(waits[0].id, "draw-period", "图上等待抽取，[draw] 却没有写周期 period，会永远等下去。请写上周期。")
    if not waits and period is not None:
        yield Finding(
            "draw.period", "draw-missing", "[draw] 写了抽取周期，图上却没有等待抽取的消息事件 draw。请画上，或删去周期。"
        )


def _fraction(value: Any) -> Fraction | None:
    try:
        return Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        return None


def check_ladder(subject: Subject) -> Iterator[Finding]:
    """Find ladders whose levels come in the wrong order or reach nobody."""
    ladder = _table(subject.raw or {}, "ladder")
    offsets = {name: ladder.get(name) for name in ("remind_before", "remind_from", "supervise_after", "leaders_after")}
    for name, value in offsets.items():
        if type(value) is not int or not 0 <= value <= LONGEST_OFFSET:
            yield Finding(f"ladder.{name}", "ladder", f"须是 0 到 {LONGEST_OFFSET} 之间的整数（工作日）。")
            return
    if offsets["leaders_after"] < offsets["supervise_after"]:  # type: ignore[operator]  # both are ints here
        yield Finding("ladder.leaders_after", "ladder", "报领导不能早于督办。请改正天数。")
    told = _table(ladder, "recipients")
    for level in LEVELS:
        if str(told.get(level)) not in CAPACITIES:
            yield Finding(f"ladder.recipients.{level}", "ladder", f"这一级通知谁？可用：{'、'.join(sorted(CAPACITIES))}。")


def check_rest(subject: Subject) -> Iterator[Finding]:
    """Find dates, hours, grounds and promises that do not fit together or do not fit the diagram."""
    raw = subject.raw or {}
    since, until = raw.get("in_force_from"), raw.get("in_force_until")
    if type(since) is not date or (until is not None and (type(until) is not date or until < since)):
        yield Finding("in_force_from", "in-force", "施行日期要写成 2020-12-28 这样的日期，且不晚于失效日期。")
    hours = _table(raw, "business_hours")
    if not _clock(hours.get("opens")) < _clock(hours.get("closes")):
        yield Finding("business_hours", "business-hours", '工作时间须写成 "09:00" 这样的时刻，上班早于下班。')
    if subject.definition.with_act("promise") and not _is_limit(_table(raw, "promise").get("largest")):
        yield Finding("promise.largest", "promise-largest", '图上有承诺步骤，[promise] 须写最长期限 largest，如 "15wd"。')
    yield from _choices(subject, "ground", _table(raw, "voiding").get("grounds"), "voiding.grounds")
    yield from _simple(subject, _table(raw, "rounds").get("simple_handling"))
    for path, value in _keys(raw, ()):
        if CONTROL.search(path[-1]) or (isinstance(value, str) and CONTROL.search(value)):
            yield Finding(".".join(path[:-1]), "control-character", f"{FILE} 的文字里有看不见的控制字符。请删除后重新输入。")


def _clock(text: Any) -> time:
    try:
        return time.fromisoformat(text)
    except (TypeError, ValueError):
        return time.max


def _is_limit(text: Any) -> bool:
    try:
        return Limit.parse(text).n > 0
    except (AppError, TypeError):
        return False


def _choices(subject: Subject, field: str, listed: Any, key: str) -> Iterator[Finding]:
    """Find choices of a form that the rules do not know."""
    for node in subject.nodes.values():
        for item in (item for item in node.form if item.id == field):
            for choice in sorted(item.choices.keys() - set(_texts(listed))):
                yield Finding(node.id, "unknown-ground", f"选项 {choice[:60]} 不在 {key} 里，选了会被退回。请补上或删去。")


def _simple(subject: Subject, listed: Any) -> Iterator[Finding]:
    drawn = {choice for node in subject.definition.with_act("verify") for item in node.form for choice in item.choices}
    for name in (name for name in _texts(listed) if drawn and name not in drawn):
        yield Finding("rounds.simple_handling", "unknown-handling", f"处理类别 {name[:60]} 不在图上“核查”步骤的选项里。请改正。")
