"""Checks of the file itself: only elements and attributes that we understand, whole references, honest sizes."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

from lxml import etree

from app.engine.definition import FLOW_NODES
from app.engine.xml import NS, tag
from app.programmes.dialect import ALLOWED, COLOURS, REFUSED_ATTRIBUTES, REFUSED_ELEMENTS, REFUSED_FAMILIES
from app.programmes.findings import Finding
from app.programmes.subject import Subject

MAX_NODES = 400
MAX_SHAPES = 4000
LONGEST_NAME = 200
LONGEST_TEXT = 2000
LONGEST_NUMBER = 100_000
ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,99}")
# Names that SpiffWorkflow gives its own inner elements.
TAKEN = frozenset({"Start", "End", "Root"})
# Everything below U+0020 but tab and line ends, the C1 block, and marks that turn or hide text.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]")
LONG = {"documentation", "text", "property"}
# Parts of an event or flow: people know it by its own id, not by theirs.
DETAILS = ("EventDefinition", "Expression", "timeCycle", "timeDate", "timeDuration", "documentation")
JUEL = re.compile(r"[$#]\{")
REFERENCES = {
    "messageRef": "message", "signalRef": "signal", "escalationRef": "escalation", "processRef": "process",
    "default": "sequenceFlow",
}  # fmt: skip


def prefixed(name: str) -> str:
    """Return a full name with our prefix, such as `bpmn:task`; unknown namespaces stay as they are."""
    if not name.startswith("{"):
        return name
    uri, local = name[1:].split("}", 1)
    prefix = next((key for key, value in NS.items() if value == uri), None)
    return f"{prefix}:{local}" if prefix else name


def owner(element: etree._Element | None) -> str:
    """Return the id of the step, event, flow or lane that an element lies in, itself included."""
    while element is not None:
        name = prefixed(str(element.tag))
        if element.get("id") and name.startswith(("bpmn:", "bpmndi:")) and not name.endswith(DETAILS):
            return str(element.get("id"))
        element = element.getparent()
    return ""


def check_elements(root: etree._Element) -> Iterator[Finding]:
    """Find every element that we do not read, once at its top, and every attribute."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        name = prefixed(str(element.tag))
        refused = _refusal(name, element)
        if refused:
            yield Finding(owner(element), *refused)
            continue
        yield from _attributes(element, name)
        waiting += list(element)[::-1]


def _refusal(name: str, element: etree._Element) -> tuple[str, str] | None:
    if name == "bpmn:subProcess" and element.get("triggeredByEvent", "false") != "false":
        return "event-subprocess", "不支持事件子流程：它会让所在阶段结束不了。请改用子流程边界上的消息事件。"
    if name in ALLOWED:
        return None
    if name in REFUSED_ELEMENTS:
        return REFUSED_ELEMENTS[name]
    local = name.rpartition(":")[2].rpartition("}")[2]
    family = next((refusal for part, refusal in REFUSED_FAMILIES.items() if part in local), None)
    return family or ("unknown-element", f"不认识的元素 {_short(name)}：流程引擎会悄悄忽略它。请删除。")


def _attributes(element: etree._Element, name: str) -> Iterator[Finding]:
    for key, value in element.attrib.items():
        attribute = prefixed(str(key))
        if attribute in ALLOWED[name] or (str(key).startswith(COLOURS) and name.startswith("bpmndi:")):
            continue
        refused = REFUSED_ATTRIBUTES.get(attribute)
        if refused is None and JUEL.search(str(value)):
            refused = "juel-expression", "不能写 ${…} 或 #{…}：这里不运行 Camunda 的表达式。请删除。"
        rule, message = refused or ("unknown-attribute", "流程引擎会悄悄忽略它。请删除。")
        yield Finding(owner(element), rule, f"属性 {_short(attribute)}：{message}")


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:80]}…"


def check_ids(root: etree._Element) -> Iterator[Finding]:
    """Find ids that are missing, doubled, ill-formed or the engine's own."""
    seen = Counter(str(element.get("id")) for element in root.iter() if element.get("id") and _is_element(element))
    for id_, times in seen.items():
        if times > 1:
            yield Finding(id_, "duplicate-id", f"编号 {_short(id_)} 用了 {times} 次。每个元素的编号只能用一次，请改名。")
        if not ID.fullmatch(id_):
            yield Finding(
                id_, "bad-id", f"编号 {_short(id_)} 写法不对：用字母开头，只含字母、数字、下划线和连字符，最多 100 个字符。"
            )
        if id_ in TAKEN:
            yield Finding(id_, "bad-id", f"编号 {id_} 由流程引擎自己使用，请换一个。")
    needing = [*FLOW_NODES, *map(tag, ("sequenceFlow", "lane", "process", "message", "signal", "escalation"))]
    for element in root.iter(*needing):
        if not element.get("id"):
            yield Finding(owner(element), "missing-id", f"元素 {prefixed(str(element.tag))} 没有编号（id），无法引用。请补上。")


def _is_element(element: etree._Element) -> bool:
    """Whether its id names it in the whole file: those of form fields and choices are only their own."""
    return not str(element.tag).startswith(f"{{{NS['camunda']}}}")


def check_references(root: etree._Element) -> Iterator[Finding]:
    """Find references to what is not there, or is of another kind."""
    kinds: dict[str, set[str]] = {}
    for element in root.iter(etree.Element):
        if element.get("id") and _is_element(element):
            kinds.setdefault(str(element.get("id")), set()).add(etree.QName(element).localname)
    for element in root.iter(etree.Element):
        for attribute, kind in REFERENCES.items():
            id_ = element.get(attribute)
            if id_ is not None and kind not in kinds.get(id_, set()):
                yield Finding(
                    owner(element), "dangling-ref", f"{attribute} 指向的 {_short(id_)} 不存在，或不是 {kind}。请改正或删除。"
                )
        drawn = element.get("bpmnElement")
        if drawn is not None and drawn not in kinds:
            yield Finding(owner(element), "dangling-ref", f"图形指向的元素 {_short(drawn)} 不存在。请删除这个图形。")
    yield from _paired_flows(root)


def _paired_flows(root: etree._Element) -> Iterator[Finding]:
    """Hold `incoming` and `outgoing` of a node to the flows themselves; the engine reads only the flows."""
    ends = {flow.get("id"): (flow.get("sourceRef"), flow.get("targetRef")) for flow in root.iter(tag("sequenceFlow"))}
    for side, index in (("outgoing", 0), ("incoming", 1)):
        for mark in root.iter(tag(side)):
            node = mark.getparent()
            id_ = (mark.text or "").strip()
            if node is None or id_ not in ends or ends[id_][index] != node.get("id"):
                yield Finding(
                    owner(mark),
                    "dangling-ref",
                    f"{side} 写的连线 {_short(id_)} 不存在，或并不连在这个元素上。请用流程编辑器重新连线。",
                )


def check_texts(root: etree._Element) -> Iterator[Finding]:
    """Find names that are too long for people, and characters that nobody sees."""
    for element in root.iter(etree.Element):
        local = etree.QName(element).localname
        longest = LONGEST_TEXT if local in LONG else LONGEST_NAME
        for text in [*map(str, element.attrib.values()), element.text or "", element.tail or ""]:
            if CONTROL.search(text):
                yield Finding(owner(element), "control-character", "文字里有看不见的控制字符。请删除后重新输入。")
            if len(text) > longest and text.strip():
                yield Finding(owner(element), "text-too-long", f"文字长 {len(text)} 个字，最多 {longest} 个。请缩短。")


def check_size(root: etree._Element) -> Iterator[Finding]:
    """Find diagrams that are too large for the engine or for a screen."""
    nodes = sum(1 for _ in root.iter(*FLOW_NODES))
    if nodes > MAX_NODES:
        yield Finding("", "too-many-nodes", f"图上有 {nodes} 个步骤和事件，最多 {MAX_NODES} 个。请拆成几个方案或删减。")
    shapes = sum(1 for _ in root.iter(f"{{{NS['bpmndi']}}}BPMNShape", f"{{{NS['bpmndi']}}}BPMNEdge"))
    if shapes > MAX_SHAPES:
        yield Finding("", "too-many-shapes", f"图上有 {shapes} 个图形和连线，最多 {MAX_SHAPES} 个。请删去多余的图形。")


def check_drawing(root: etree._Element) -> Iterator[Finding]:
    """Find coordinates that cannot be drawn, and steps that a reader would not see."""
    for element in root.iter(f"{{{NS['dc']}}}Bounds", f"{{{NS['di']}}}waypoint"):
        sizes = ("x", "y", "width", "height") if etree.QName(element).localname == "Bounds" else ("x", "y")
        if not all(_drawable(element.get(size)) for size in sizes):
            yield Finding(
                _drawn(element),
                "bad-coordinate",
                f"坐标或大小画不出来：须是 ±{LONGEST_NUMBER} 以内的数。请在流程编辑器里重新摆放。",
            )
    shown = {shape.get("bpmnElement") for shape in root.iter(f"{{{NS['bpmndi']}}}BPMNShape")}
    for node in root.iter(*FLOW_NODES):
        if shown and node.get("id") and node.get("id") not in shown:
            yield Finding(
                str(node.get("id")), "not-drawn", "这个元素没有画在图上，看图的人看不到它。请在流程编辑器里画出来，或删除。"
            )


def _drawn(element: etree._Element) -> str:
    around: etree._Element | None = element
    while around is not None and not around.get("bpmnElement"):
        around = around.getparent()
    return owner(element) if around is None else str(around.get("bpmnElement"))


def _drawable(text: str | None) -> bool:
    try:
        number = float(text or "")
    except ValueError:
        return False
    return math.isfinite(number) and abs(number) <= LONGEST_NUMBER


def check_process(subject: Subject) -> Iterator[Finding]:
    """Find files with no process or several, and processes that would not start."""
    root = subject.root
    processes = list(root.iter(tag("process")))
    if not processes:
        yield Finding("", "no-process", "文件里没有流程（process）。请画一个流程再检查。")
    for extra in processes[1:]:
        yield Finding(owner(extra), "two-processes", "一个文件只能有一个流程，其余的会被悄悄忽略。请删除。")
    for extra in list(root.iter(tag("participant")))[1:]:
        yield Finding(owner(extra), "two-pools", "一个文件只能有一个泳池，其余的会被悄悄忽略。请删除，或改成泳道。")
    for process in processes[:1]:
        if process.get("isExecutable") != "true":
            yield Finding(owner(process), "not-executable", "流程没有标为可执行（isExecutable）。请在流程编辑器里勾选“可执行”。")
