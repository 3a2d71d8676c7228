"""Ways to spoil a shipped diagram, for the tests of the linter."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from app.config import ROOT
from app.engine.xml import NS, tag
from app.programmes.bundle import Bundle, read_bundle
from app.programmes.lint import lint
from app.wiring import vocabulary

Mutation = Callable[[etree._Element], None]
WORDS = vocabulary()
HEAD = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NS.items())


def bundle(code: str) -> Bundle:
    return read_bundle(ROOT / "bpmn" / code)


def rules(source: Bundle | bytes) -> set[str]:
    return {finding.rule for finding in lint(source, WORDS)}


def found(source: Bundle | bytes, rule: str) -> set[str]:
    """The elements on which a rule was found."""
    return {finding.element for finding in lint(source, WORDS) if finding.rule == rule}


def spoilt(code: str, *mutations: Mutation) -> bytes:
    root = etree.fromstring(bundle(code).diagram)
    for mutation in mutations:
        mutation(root)
    return etree.tostring(root)


def rewritten(code: str, old: str, new: str) -> Bundle:
    """A bundle whose rules say something else."""
    good = bundle(code)
    text = good.rules_file.decode()
    assert old in text
    return Bundle(good.diagram, text.replace(old, new, 1).encode())


def at(root: etree._Element, id_: str) -> etree._Element:
    return next(
        element for element in root.iter() if element.get("id") == id_ and not str(element.tag).startswith("{http://camunda")
    )


def snippet(xml: str) -> etree._Element:
    return etree.fromstring(f"<x {HEAD}>{xml}</x>")[0]


def put(id_: str, xml: str) -> Mutation:
    """Add an element inside another."""
    return lambda root: at(root, id_).append(snippet(xml))


def attribute(id_: str, name: str, value: str | None) -> Mutation:
    def change(root: etree._Element) -> None:
        if value is None:
            del at(root, id_).attrib[name]
        else:
            at(root, id_).set(name, value)

    return change


def camunda(id_: str, name: str, value: str) -> Mutation:
    return attribute(id_, f"{{{NS['camunda']}}}{name}", value)


def kind(id_: str, name: str) -> Mutation:
    """Turn an element into another kind, with all it holds."""

    def change(root: etree._Element) -> None:
        at(root, id_).tag = tag(name)

    return change


def without(id_: str) -> Mutation:
    def change(root: etree._Element) -> None:
        element = at(root, id_)
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)

    return change


def definition(id_: str, name: str) -> Mutation:
    """Give an event another event definition, or none."""

    def change(root: etree._Element) -> None:
        event = at(root, id_)
        for old in [child for child in event if str(child.tag).endswith("EventDefinition")]:
            event.remove(old)
        if name:
            etree.SubElement(event, tag(f"{name}EventDefinition"))

    return change


def text(id_: str, name: str, value: str) -> Mutation:
    """Set the text of a nested element, such as a timer or a condition."""

    def change(root: etree._Element) -> None:
        next(at(root, id_).iter(tag(name))).text = value

    return change


def timer(id_: str, value: str) -> Mutation:
    return text(id_, "timeCycle", value)


def condition(flow: str, value: str) -> Mutation:
    return text(flow, "conditionExpression", value)


def prop(id_: str, name: str, value: str | None) -> Mutation:
    """Set, add or (None) remove a property."""

    def change(root: etree._Element) -> None:
        holder = at(root, id_).find("bpmn:extensionElements/camunda:properties", NS)
        assert holder is not None
        for old in [each for each in holder if each.get("name") == name]:
            holder.remove(old)
        if value is not None:
            holder.append(snippet(f'<camunda:property name="{name}" value="{value}"/>'))

    return change


def form(id_: str, field: str, **values: str | None) -> Mutation:
    """Change the attributes of a form field; `gone=""` removes it."""

    def change(root: etree._Element) -> None:
        item = next(each for each in at(root, id_).iter(f"{{{NS['camunda']}}}formField") if each.get("id") == field)
        parent = item.getparent()
        if "gone" in values and parent is not None:
            parent.remove(item)
        for name, value in values.items():
            item.set(name, value or "")

    return change


def retarget(flow: str, target: str) -> Mutation:
    def change(root: etree._Element) -> None:
        element = at(root, flow)
        for node in root.iter():
            for mark in node.findall("bpmn:incoming", NS):
                if mark.text == flow:
                    node.remove(mark)
        element.set("targetRef", target)
        if target in {each.get("id") for each in root.iter()}:
            etree.SubElement(at(root, target), tag("incoming")).text = flow

    return change


def flow(id_: str, source: str, target: str, within: str, test: str = "") -> Mutation:
    """Draw a new flow."""
    inner = f"<bpmn:conditionExpression>{test}</bpmn:conditionExpression>" if test else ""
    return put(within, f'<bpmn:sequenceFlow id="{id_}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>')
