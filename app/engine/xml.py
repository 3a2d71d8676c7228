"""Reading a diagram's XML without trusting it."""

from __future__ import annotations

from lxml import etree

from app.engine.errors import DiagramUnreadable

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 64

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
NS = {
    "bpmn": BPMN,
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
    "camunda": CAMUNDA,
}


def tag(name: str) -> str:
    """Return the full name of a BPMN element."""
    return f"{{{BPMN}}}{name}"


def read_xml(data: bytes) -> etree._Element:
    """Parse a diagram; no entities, no network, no DOCTYPE, at most 1 MiB and 64 levels.

    Raises:
        DiagramUnreadable: with a sentence that says which of these it is.
    """
    if len(data) > MAX_BYTES:
        raise DiagramUnreadable("文件超过 1 MiB。流程图请控制在 1 MiB 以内。", code="diagram_too_large")
    try:
        root = etree.fromstring(data, _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DiagramUnreadable("不是完整的 XML，无法读取。请用流程编辑器重新导出。") from error
    _refuse_hostile(root)
    return root


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )


def _refuse_hostile(root: etree._Element) -> None:
    info = root.getroottree().docinfo
    if info.internalDTD is not None or info.externalDTD is not None:
        raise DiagramUnreadable("文件带有 DOCTYPE 声明，不予读取。请去掉后重新上传。", code="diagram_doctype")
    if root.tag != tag("definitions"):
        raise DiagramUnreadable("不是 BPMN 2.0 文件：根元素应为 bpmn:definitions。", code="diagram_not_bpmn")
    if _depth(root) > MAX_DEPTH:
        raise DiagramUnreadable(f"元素嵌套超过 {MAX_DEPTH} 层。", code="diagram_too_deep")


def _depth(root: etree._Element) -> int:
    deepest, level = 0, 0
    for event, _element in etree.iterwalk(root, events=("start", "end")):
        level += 1 if event == "start" else -1
        deepest = max(deepest, level)
    return deepest
