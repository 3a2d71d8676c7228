"""A diagram as we read it ourselves: what SpiffWorkflow's parser loses or never looks at.

Clauses, readings, outcomes, forms, limits and lanes of every element come from here; the
linter, the case pages and the engine read the same object.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from lxml import etree

from app.engine.xml import NS, tag

FLOW_NODES = {
    tag(name): name
    for name in (
        "startEvent",
        "endEvent",
        "userTask",
        "task",
        "manualTask",
        "scriptTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "businessRuleTask",
        "subProcess",
        "transaction",
        "adHocSubProcess",
        "callActivity",
        "exclusiveGateway",
        "parallelGateway",
        "inclusiveGateway",
        "eventBasedGateway",
        "complexGateway",
        "intermediateCatchEvent",
        "intermediateThrowEvent",
        "boundaryEvent",
    )
}
EVENT_DEFINITIONS = {
    tag(f"{kind}EventDefinition"): kind
    for kind in ("timer", "message", "signal", "escalation", "error", "cancel", "compensate", "conditional", "link", "terminate")
}


@dataclass(frozen=True)
class FormField:
    """One field of a task's form: `type` is string, long, boolean, date or enum."""

    id: str
    label: str
    type: str
    required: bool
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Flow:
    """A sequence flow; `condition` is the text of our small language, or None."""

    id: str
    name: str
    source: str
    target: str
    condition: str | None


@dataclass(frozen=True)
class Node:
    """A flow node with all that is written on it.

    `scope` is the id of the process or subprocess it lies in, `event` the kind of its event
    definition, `reference` the name of its message or signal, `timer` the kind and text of
    its timer, `function` what a service task calls.
    """

    id: str
    kind: str
    name: str
    scope: str
    lane: str | None
    properties: Mapping[str, str]
    form: tuple[FormField, ...] = ()
    events: tuple[str, ...] = ()
    reference: str | None = None
    timer: tuple[str, str] | None = None
    function: str | None = None
    attached_to: str | None = None
    interrupting: bool = True
    default: str | None = None

    @property
    def event(self) -> str | None:
        """The kind of its one event definition, or None."""
        return self.events[0] if self.events else None

    @property
    def act(self) -> str | None:
        """Which act of ours completes this user task."""
        return self.properties.get("act")

    @property
    def clause(self) -> str | None:
        """Where in the notice it stands."""
        return self.properties.get("clause")

    @property
    def outcome(self) -> str | None:
        """What a case that ends here came to."""
        return self.properties.get("outcome")


@dataclass(frozen=True)
class Definition:
    """One process with all its nodes and flows, in the order of the file."""

    process: str
    name: str
    lanes: Mapping[str, str]
    nodes: Mapping[str, Node]
    flows: tuple[Flow, ...]

    @cached_property
    def outgoing(self) -> Mapping[str, tuple[Flow, ...]]:
        """The flows that leave each node."""
        return {id_: tuple(flow for flow in self.flows if flow.source == id_) for id_ in self.nodes}

    @cached_property
    def incoming(self) -> Mapping[str, tuple[Flow, ...]]:
        """The flows that enter each node."""
        return {id_: tuple(flow for flow in self.flows if flow.target == id_) for id_ in self.nodes}

    @cached_property
    def limits(self) -> Mapping[str, Node]:
        """The limit (boundary timer) of each user task, by the task's id."""
        return {
            node.attached_to: node
            for node in self.nodes.values()
            if node.kind == "boundaryEvent" and node.event == "timer" and node.attached_to
        }

    def of_kind(self, *kinds: str) -> Iterator[Node]:
        """Yield the nodes of these kinds, in the order of the file."""
        return (node for node in self.nodes.values() if node.kind in kinds)

    def with_act(self, act: str) -> list[Node]:
        """Return the user tasks that this act completes."""
        return [node for node in self.of_kind("userTask") if node.act == act]


def read_definition(root: etree._Element) -> Definition:
    """Read the first process of a diagram. Never judges: that is the linter's work."""
    process = next(iter(root.iter(tag("process"))), None)
    if process is None:
        return Definition("", "", {}, {}, ())
    names = _names(root)
    owners = _lane_of_node(process)
    nodes: dict[str, Node] = {}
    for element in process.iter(*FLOW_NODES):
        node = _node(element, names, owners)
        nodes.setdefault(node.id, node)
    lanes = {lane.get("id", ""): lane.get("name", "") for lane in process.iter(tag("lane"))}
    flows = tuple(_flow(element) for element in process.iter(tag("sequenceFlow")))
    return Definition(process.get("id", ""), process.get("name") or _pool_name(root), lanes, _inherit_lanes(nodes), flows)


def _pool_name(root: etree._Element) -> str:
    participant = next(iter(root.iter(tag("participant"))), None)
    return "" if participant is None else participant.get("name", "")


def _names(root: etree._Element) -> dict[str, str]:
    """Return the names of messages, signals and escalations by id."""
    kinds = (tag("message"), tag("signal"), tag("escalation"))
    return {element.get("id", ""): element.get("name", "") for element in root.iter(*kinds)}


def _lane_of_node(process: etree._Element) -> dict[str, str]:
    return {
        (reference.text or "").strip(): lane.get("id", "")
        for lane in process.iter(tag("lane"))
        for reference in lane.iterchildren(tag("flowNodeRef"))
    }


def _inherit_lanes(nodes: dict[str, Node]) -> dict[str, Node]:
    """Give a boundary event the lane of its host when the drawing does not say one."""
    result = {}
    for node in nodes.values():
        host = nodes.get(node.attached_to or "")
        lane = node.lane or (host.lane if host else None)
        result[node.id] = node if lane == node.lane else Node(**{**node.__dict__, "lane": lane})
    return result


def _node(element: etree._Element, names: Mapping[str, str], owners: Mapping[str, str]) -> Node:
    id_ = element.get("id", "")
    parent = element.getparent()
    events = [child for child in element if child.tag in EVENT_DEFINITIONS]
    return Node(
        id=id_,
        kind=FLOW_NODES[element.tag],
        name=element.get("name", ""),
        scope="" if parent is None else parent.get("id", ""),
        lane=owners.get(id_),
        properties=_properties(element),
        form=tuple(_form_field(item) for item in _own(element, "camunda:formData/camunda:formField")),
        events=tuple(EVENT_DEFINITIONS[event.tag] for event in events),
        reference=_reference(events, names),
        timer=_timer(events),
        function=element.get(f"{{{NS['camunda']}}}expression"),
        attached_to=element.get("attachedToRef"),
        interrupting=element.get("cancelActivity", "true") != "false",
        default=element.get("default"),
    )


def _own(element: etree._Element, path: str) -> list[etree._Element]:
    """Return extension elements of this element only, not of what is nested in it."""
    found = element.findall(f"bpmn:extensionElements/{path}", NS)
    return list(found)


def _properties(element: etree._Element) -> dict[str, str]:
    items = _own(element, "camunda:properties/camunda:property")
    return {item.get("name", ""): item.get("value", "") for item in items}


def _form_field(item: etree._Element) -> FormField:
    constraints = item.findall("camunda:validation/camunda:constraint", NS)
    return FormField(
        id=item.get("id", ""),
        label=item.get("label", ""),
        type=item.get("type", "string"),
        required=any(each.get("name") == "required" and each.get("config", "true") == "true" for each in constraints),
        choices={value.get("id", ""): value.get("name", "") for value in item.findall("camunda:value", NS)},
    )


def _reference(events: list[etree._Element], names: Mapping[str, str]) -> str | None:
    for event in events:
        for attribute in ("messageRef", "signalRef", "escalationRef"):
            if event.get(attribute):
                return names.get(event.get(attribute, ""), "")
    return None


def _timer(events: list[etree._Element]) -> tuple[str, str] | None:
    for event in events:
        for kind in ("timeCycle", "timeDate", "timeDuration"):
            text = event.findtext(f"bpmn:{kind}", None, NS)
            if text is not None:
                return kind, text.strip()
    return None


def _flow(element: etree._Element) -> Flow:
    condition = element.findtext("bpmn:conditionExpression", None, NS)
    return Flow(
        id=element.get("id", ""),
        name=element.get("name", ""),
        source=element.get("sourceRef", ""),
        target=element.get("targetRef", ""),
        condition=condition.strip() if condition else None,
    )
