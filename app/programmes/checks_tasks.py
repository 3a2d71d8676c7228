"""Checks of what elements carry: owner, act, form, clause and the other properties."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from app.deadlines.limits import Limit
from app.engine.definition import FormField, Node
from app.engine.xml import NS, tag
from app.errors import AppError
from app.programmes.checks_xml import owner
from app.programmes.findings import Finding
from app.programmes.subject import Subject, label
from app.programmes.vocabulary import OUTCOMES

FIELD_ID = re.compile(r"[a-z][a-z0-9_]{0,59}")
FIELD_TYPES = ("string", "long", "boolean", "date", "enum")
FLAG = ("true", "false")
# Acts that decide on what others did, and among them those that may take a rating out of the figures.
JUDGING = ("rule_claim", "rule_appeal", "rule_extension", "rule_bounce", "revisit", "decide_round")
VOIDING = ("rule_claim", "rule_appeal")


def check_lanes(subject: Subject) -> Iterator[Finding]:
    """Find lanes that claim what is not there, or what is another's."""
    claimed: Counter[str] = Counter()
    for reference in subject.root.iter(tag("flowNodeRef")):
        id_ = (reference.text or "").strip()
        claimed[id_] += 1
        if id_ not in subject.nodes:
            yield Finding(owner(reference), "dangling-ref", f"泳道里写的元素 {id_[:80] or '（空）'} 不存在。请删除这一项。")
    for id_, times in claimed.items():
        if times > 1 and id_ in subject.nodes:
            yield Finding(id_, "two-lanes", f"{label(subject.nodes[id_])}同时属于 {times} 条泳道，承办方不明。请只放进一条。")


def check_owners(subject: Subject) -> Iterator[Finding]:
    """Find user tasks without owner, and lanes without name."""
    for node in subject.definition.of_kind("userTask"):
        if node.lane is None:
            yield Finding(node.id, "no-lane", f"{label(node)}不在任何泳道里，不知道由谁承办。请放进承办方的泳道。")
    for lane, name in subject.definition.lanes.items():
        if not name.strip():
            yield Finding(lane, "no-name", "泳道没有名称。请写上承办方。")


def check_acts(subject: Subject) -> Iterator[Finding]:
    """Find user tasks whose completion means nothing to us, or whose form lacks what the act needs."""
    for node in subject.definition.of_kind("userTask"):
        known = "、".join(sorted(subject.vocabulary.acts))
        words = subject.vocabulary.acts.get(node.act or "")
        if not node.act:
            yield Finding(node.id, "no-act", f"{label(node)}没有写办理动作（属性 act）。可用：{known}。")
        elif words is None:
            yield Finding(node.id, "unknown-act", f"没有名为 {node.act[:40]} 的办理动作。可用：{known}。")
        else:
            required = {field.id for field in node.form if field.required}
            for field in sorted(words.fields - required):
                yield Finding(
                    node.id, "act-field-missing", f"{label(node)}的表单须有必填项 {field}，办理动作 {node.act} 要用它。"
                )


def check_judges(subject: Subject) -> Iterator[Finding]:
    """Find rulings that the rated unit could make on itself, and voidings that one person alone would decide (design §5)."""
    persons = (subject.raw or {}).get("voiding", {"persons": 2})
    alone = isinstance(persons, Mapping) and persons.get("persons") == 1
    for node in subject.definition.of_kind("userTask"):
        if node.act in JUDGING and node.properties.get("judge") != "true":
            yield Finding(
                node.id, "judge-missing", f"{label(node)}是裁定或回访，须写属性 judge=true，被评价单位和经办人才会回避。"
            )
        if node.act in VOIDING and node.properties.get("second_person") != "true" and not alone:
            yield Finding(
                node.id, "second-person-missing", f"{label(node)}可以作废评价，须写属性 second_person=true，由两人决定。"
            )


def check_forms(subject: Subject) -> Iterator[Finding]:
    """Find form fields that cannot be filled in, or that would overwrite a variable of ours."""
    for node in subject.nodes.values():
        if node.form and node.kind != "userTask":
            yield Finding(node.id, "form-misplaced", f"只有用户任务可以带表单，{label(node)}的表单没有人填。请删除。")
        for id_, times in Counter(field.id for field in node.form).items():
            if times > 1:
                yield Finding(node.id, "duplicate-field", f"表单项 {id_[:60]} 出现了 {times} 次。请改名或删除。")
        words = subject.vocabulary.acts.get(node.act or "")
        own = words.sets if words else frozenset[str]()
        for field in node.form:
            yield from (Finding(node.id, rule, message) for rule, message in _field(subject, field, own))


def _field(subject: Subject, field: FormField, own: frozenset[str]) -> Iterator[tuple[str, str]]:
    shown = f"表单项 {field.id[:60] or '（空）'}"
    if not FIELD_ID.fullmatch(field.id):
        yield "field-id", f"{shown} 的编号写法不对：用小写字母开头，只含小写字母、数字和下划线。"
    if field.id in subject.vocabulary.timer_functions:
        yield "reserved-name", f"{shown} 与已登记的功能同名，会让期限算不出来。请改名。"
    if field.id in subject.vocabulary.written - own:
        yield "reserved-name", f"{shown} 与系统自己写的变量同名，填表会改动它。请改名。"
    if field.type not in FIELD_TYPES:
        yield "field-type", f"{shown} 的类型 {field.type[:40]} 不认识。可用：{'、'.join(FIELD_TYPES)}。"
    if field.type == "enum" and (not field.choices or "" in field.choices):
        yield "enum-without-choices", f"{shown} 是选择题，却没有可选的值（或有空值），填不了表。请补上选项。"
    if not field.label.strip():
        yield "field-label", f"{shown} 没有中文名称，填表的人看不懂。请补上。"


def check_form_xml(subject: Subject) -> Iterator[Finding]:
    """Find form constraints that do nothing here, choices that stand twice, and properties that stand twice."""
    for element in subject.root.iter(f"{{{NS['camunda']}}}constraint"):
        if element.get("name") != "required" or element.get("config", "true") not in FLAG:
            shown = f"{element.get('name', '')}={element.get('config', '')}"[:60]
            yield Finding(owner(element), "form-constraint", f"表单限制 {shown} 不会生效：只支持 required=true。请删除。")
    for group, item in (("formField", "value"), ("properties", "property")):
        key = "id" if item == "value" else "name"
        for element in subject.root.iter(f"{{{NS['camunda']}}}{group}"):
            names = Counter(str(each.get(key)) for each in element.findall(f"camunda:{item}", NS))
            for name in (name for name, times in names.items() if times > 1):
                yield Finding(owner(element), "duplicate-property", f"{name[:60]} 写了两次，只有一次生效。请删去一个。")


def _is_limit(text: str) -> bool:
    try:
        return Limit.parse(text).n > 0
    except AppError:
        return False


def _on_task(node: Node) -> bool:
    return node.kind == "userTask"


def _on_message(node: Node) -> bool:
    return node.event == "message"


def _anywhere(_node: Node) -> bool:
    return True


def _is_text(text: str) -> bool:
    return bool(text.strip())


def _is_flag(text: str) -> bool:
    return text in FLAG


# Each property: on which elements it is read, which values it may have.
PROPERTIES: Mapping[str, tuple[Callable[[Node], bool], Callable[[str], bool]]] = {
    "clause": (_anywhere, _is_text),
    "reading": (_anywhere, _is_text),
    "row": (_anywhere, _is_text),
    "act": (_on_task, _is_text),
    "sign_off": (lambda node: _on_task(node) or _on_message(node), lambda text: text == "head"),
    "second_person": (_on_task, _is_flag),
    "judge": (_on_task, _is_flag),
    "outcome": (lambda node: node.kind == "endEvent", _is_text),
    "window": (_on_message, _is_text),
    "largest": (lambda node: _on_message(node) and node.reference == "extension", _is_limit),
}


def check_properties(subject: Subject) -> Iterator[Finding]:
    """Find properties that nobody reads where they stand: a misspelt `sign_off` would silently ask no signature."""
    for node in subject.nodes.values():
        for name, value in node.properties.items():
            if name not in PROPERTIES:
                yield Finding(
                    node.id,
                    "unknown-property",
                    f"不认识的属性 {name[:60] or '（空）'}，写了不起作用。可用：{'、'.join(PROPERTIES)}。",
                )
                continue
            placed, valid = PROPERTIES[name]
            if not placed(node):
                yield Finding(
                    node.id, "misplaced-property", f"属性 {name} 写在{label(node)}上不起作用。请移到该写的元素上，或删除。"
                )
            elif not valid(value):
                yield Finding(
                    node.id, "property-value", f"属性 {name} 的值 {value[:60] or '（空）'} 不对。请对照其他方案的写法。"
                )


def check_clauses(subject: Subject) -> Iterator[Finding]:
    """Find elements that bind people without saying where in the notice it stands, or why we read it so."""
    for node in subject.nodes.values():
        binding = node.kind == "userTask" or node.outcome or _on_message(node) or "timer" in node.events
        if binding and not (node.clause or "").strip() and not node.properties.get("reading", "").strip():
            yield Finding(node.id, "no-clause", f"{label(node)}没有写依据条款（clause），也没有写解读（reading）。请写明其一。")


def check_outcomes(subject: Subject) -> Iterator[Finding]:
    """Find main ends that do not say what the case came to, and others that do."""
    known = "、".join(OUTCOMES)
    for node in subject.definition.of_kind("endEvent"):
        is_main = node.scope == subject.definition.process and node.id in subject.main and not node.events
        if is_main and not node.outcome:
            yield Finding(node.id, "end-without-outcome", f"主流程的结束{label(node)}没有写结局（属性 outcome）。可用：{known}。")
        if node.outcome and node.outcome not in OUTCOMES:
            yield Finding(node.id, "unknown-outcome", f"没有名为 {node.outcome[:40]} 的结局。可用：{known}。")
        if node.outcome and not is_main:
            yield Finding(
                node.id, "side-outcome", f"{label(node)}不是主流程的结束，不能带结局：一件差评只有一个结局。请删除属性 outcome。"
            )
