"""What a diagram looks like: its shapes, flows and labels with their places, read from BPMN DI. No judgement here."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from lxml import etree

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DI = "{http://www.omg.org/spec/DD/20100524/DI}"

LABEL_WIDTH = 90.0  # bpmn-js wraps the label of an event, gateway or flow at this width
LINE = 15.0
WIDE, NARROW = 12.0, 7.0  # px of a Chinese and of a Latin character at 12 px
FRAMES = frozenset({"participant", "lane"})

Point: TypeAlias = tuple[float, float]


class Box(NamedTuple):
    """A rectangle in the diagram's own px, y downwards."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The x of the right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The y of the lower edge."""
        return self.y + self.height

    @property
    def middle(self) -> Point:
        """The centre."""
        return (self.x + self.width / 2, self.y + self.height / 2)

    def grown(self, by: float) -> "Box":
        """Return the box moved out by `by` px on each side; a negative number shrinks it."""
        return Box(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def meets(self, other: "Box") -> bool:
        """Tell whether the two share an area; touching edges do not count."""
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def holds(self, other: "Box") -> bool:
        """Tell whether the other lies wholly inside, edges included."""
        return self.x <= other.x and self.y <= other.y and self.right >= other.right and self.bottom >= other.bottom


@dataclass(frozen=True)
class Shape:
    """One drawn element. `parents` are the ids of the subprocesses around it, `host` the task a boundary event sits on."""

    id: str
    kind: str
    name: str
    box: Box
    label: Box | None
    host: str | None
    parents: frozenset[str]
    trigger: str  # timer, message, signal, escalation or empty
    interrupting: bool


@dataclass(frozen=True)
class Edge:
    """One drawn sequence flow."""

    id: str
    name: str
    points: tuple[Point, ...]
    label: Box | None
    source: str
    target: str

    @property
    def segments(self) -> list[tuple[Point, Point]]:
        """The straight pieces, in the direction of the flow."""
        return list(zip(self.points, self.points[1:], strict=False))


@dataclass(frozen=True)
class Drawing:
    """All that is drawn of one diagram; `lanes` lists the flow nodes each lane owns."""

    shapes: dict[str, Shape]
    edges: list[Edge]
    lanes: dict[str, frozenset[str]]

    @property
    def extent(self) -> Box:
        """The smallest box around every shape and flow."""
        xs = [x for shape in self.shapes.values() for x in (shape.box.x, shape.box.right)]
        ys = [y for shape in self.shapes.values() for y in (shape.box.y, shape.box.bottom)]
        xs += [x for edge in self.edges for x, _ in edge.points]
        ys += [y for edge in self.edges for _, y in edge.points]
        if not xs:
            return Box(0, 0, 0, 0)
        return Box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))


def read_drawing(root: etree._Element) -> Drawing:
    """Read what is drawn; an element without a place in the DI is left out, as viewers do.

    Raises:
        ValueError: a coordinate is not a number.
    """
    elements = {str(e.get("id")): e for e in root.iter(f"{BPMN}*") if e.get("id")}
    shapes, edges = {}, []
    for drawn in root.iter(f"{BPMNDI}BPMNShape", f"{BPMNDI}BPMNEdge"):
        element = elements.get(drawn.get("bpmnElement") or "")
        if element is None:
            continue
        if drawn.tag == f"{BPMNDI}BPMNEdge":
            edges.append(_edge(element, drawn))
        elif (box := _bounds(drawn.find(f"{DC}Bounds"))) is not None:
            shapes[str(element.get("id"))] = _shape(element, drawn, box)
    return Drawing(shapes, edges, dict(_lanes(root)))


def text_width(text: str) -> float:
    """Estimate how wide a text is at 12 px; browsers differ by a pixel or two."""
    return sum(NARROW if character.isascii() else WIDE for character in text)


def wrapped(text: str, width: float) -> list[str]:
    """Break a text into lines no wider than `width`, between any two characters as Chinese does."""
    lines = [""]
    for character in text:
        if lines[-1] and text_width(lines[-1] + character) > width:
            lines.append("")
        lines[-1] += character
    return lines


def label_box(name: str, bounds: Box) -> Box:
    """Return where a label's text really falls: centred on its bounds, wrapped as bpmn-js wraps it."""
    lines = wrapped(name, LABEL_WIDTH)
    width = max(text_width(line) for line in lines)
    return Box(bounds.middle[0] - width / 2, bounds.y, width, LINE * len(lines))


def _shape(element: etree._Element, drawn: etree._Element, box: Box) -> Shape:
    return Shape(
        id=str(element.get("id")),
        kind=_local(element),
        name=element.get("name") or "",
        box=box,
        label=_bounds(drawn.find(f"{BPMNDI}BPMNLabel/{DC}Bounds")),
        host=element.get("attachedToRef"),
        parents=frozenset(str(parent.get("id")) for parent in element.iterancestors(f"{BPMN}subProcess")),
        trigger=_trigger(element),
        interrupting=element.get("cancelActivity") != "false",
    )


def _edge(element: etree._Element, drawn: etree._Element) -> Edge:
    return Edge(
        id=str(element.get("id")),
        name=element.get("name") or "",
        points=tuple((float(p.get("x", "0")), float(p.get("y", "0"))) for p in drawn.iter(f"{DI}waypoint")),
        label=_bounds(drawn.find(f"{BPMNDI}BPMNLabel/{DC}Bounds")),
        source=element.get("sourceRef") or "",
        target=element.get("targetRef") or "",
    )


def _bounds(found: etree._Element | None) -> Box | None:
    if found is None:
        return None
    return Box(*(float(found.get(side, "0")) for side in ("x", "y", "width", "height")))


def _trigger(element: etree._Element) -> str:
    if not _local(element).endswith("Event"):
        return ""
    found = (_local(child) for child in element if isinstance(child.tag, str))
    return next((name.removesuffix("EventDefinition") for name in found if name.endswith("EventDefinition")), "")


def _lanes(root: etree._Element) -> Iterator[tuple[str, frozenset[str]]]:
    for lane in root.iter(f"{BPMN}lane"):
        refs = (ref.text or "" for ref in lane.iter(f"{BPMN}flowNodeRef"))
        yield str(lane.get("id")), frozenset(ref.strip() for ref in refs)


def _local(element: etree._Element) -> str:
    return str(etree.QName(element).localname)
