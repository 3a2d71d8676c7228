"""Whether a diagram can be read: findings about crossing flows, covered labels, crowded shapes. Nothing about meaning."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from lxml import etree

from app.programmes.drawing import (
    FRAMES,
    LINE,
    Box,
    Drawing,
    Edge,
    Point,
    Shape,
    label_box,
    read_drawing,
    wrapped,
)

WIDEST = 2057  # px: at 1440 px of canvas it still shows at 70 %
SLACK = 1.0

FLOWS_CROSS = "flows cross"
FLOWS_COVER = "flows cover each other"
FLOW_THROUGH_SHAPE = "flow passes through a shape"
FLOW_LEAVES_SUBPROCESS = "flow leaves its subprocess"
FLOW_LOOSE = "flow does not end at its shape"
SHAPES_OVERLAP = "shapes overlap"
OFF_BORDER = "boundary event is not on its host's border"
OUTSIDE_LANE = "shape is outside its lane"
LABEL_MISSING = "name has no label"
LABEL_COVERED = "label lies on something"
TEXT_TOO_LONG = "text does not fit its box"
TOO_WIDE = "diagram is too wide"

LABELLED = ("Event", "Gateway")
BOXED = ("Task", "task")


@dataclass(frozen=True)
class LayoutFinding:
    """One thing that makes a diagram hard to read: the element, what it collides with (or empty), the rule."""

    element: str
    other: str
    rule: str


def layout_findings(root: etree._Element) -> list[LayoutFinding]:
    """Return every fault of the drawing, in a stable order; an empty list means it can be read."""
    drawing = read_drawing(root)
    found: list[LayoutFinding] = []
    for rule in (_flows, _flow_ends, _flow_paths, _overlaps, _borders, _lanes, _labels, _texts, _width):
        found.extend(rule(drawing))
    return found


def _flows(drawing: Drawing) -> Iterator[LayoutFinding]:
    for one, two in combinations(drawing.edges, 2):
        together = one.source == two.source or one.target == two.target
        pairs = [(a, b) for a in one.segments for b in two.segments]
        if any(_cross(a, b) for a, b in pairs):
            yield LayoutFinding(one.id, two.id, FLOWS_CROSS)
        elif not together and any(_touch(a, b) for a, b in pairs):
            yield LayoutFinding(one.id, two.id, FLOWS_COVER)


def _flow_ends(drawing: Drawing) -> Iterator[LayoutFinding]:
    for edge in drawing.edges:
        for node, point in ((edge.source, edge.points[0]), (edge.target, edge.points[-1])):
            shape = drawing.shapes.get(node)
            if shape is None or not _on_border(shape.box, point):
                yield LayoutFinding(edge.id, node, FLOW_LOOSE)


def _flow_paths(drawing: Drawing) -> Iterator[LayoutFinding]:
    for edge in drawing.edges:
        inside = _shared_parents(drawing, edge)
        for shape in drawing.shapes.values():
            if shape.kind in FRAMES:
                continue
            if shape.id in inside:
                if not all(_contains(shape.box, point) for point in edge.points):
                    yield LayoutFinding(edge.id, shape.id, FLOW_LEAVES_SUBPROCESS)
            elif _runs_through(edge, shape.box.grown(-SLACK)):
                yield LayoutFinding(edge.id, shape.id, FLOW_THROUGH_SHAPE)


def _overlaps(drawing: Drawing) -> Iterator[LayoutFinding]:
    nodes = [shape for shape in drawing.shapes.values() if shape.kind not in FRAMES]
    for one, two in combinations(nodes, 2):
        if one.host == two.id or two.host == one.id:
            continue
        inner, outer = (one, two) if two.id in one.parents else (two, one)
        if outer.id in inner.parents:
            if not outer.box.holds(inner.box):
                yield LayoutFinding(inner.id, outer.id, SHAPES_OVERLAP)
        elif one.box.meets(two.box):
            yield LayoutFinding(one.id, two.id, SHAPES_OVERLAP)


def _borders(drawing: Drawing) -> Iterator[LayoutFinding]:
    for shape in drawing.shapes.values():
        host = drawing.shapes.get(shape.host or "")
        if shape.host and (host is None or not _on_border(host.box, shape.box.middle)):
            yield LayoutFinding(shape.id, shape.host, OFF_BORDER)


def _lanes(drawing: Drawing) -> Iterator[LayoutFinding]:
    for lane, refs in drawing.lanes.items():
        band = drawing.shapes.get(lane)
        for shape in (drawing.shapes[ref] for ref in sorted(refs) if ref in drawing.shapes):
            if shape.kind == "subProcess":
                continue  # spans the lanes of those who work in it
            if band is None or not band.box.holds(shape.box):
                yield LayoutFinding(shape.id, lane, OUTSIDE_LANE)


def _labels(drawing: Drawing) -> Iterator[LayoutFinding]:
    texts = dict(_label_boxes(drawing))
    for owner in _named(drawing):
        if owner not in texts:
            yield LayoutFinding(owner, "", LABEL_MISSING)
    for (one, first), (two, second) in combinations(texts.items(), 2):
        if first.meets(second):
            yield LayoutFinding(one, two, LABEL_COVERED)
    for owner, box in texts.items():
        for other in _under(drawing, box):
            yield LayoutFinding(owner, other, LABEL_COVERED)


def _under(drawing: Drawing, label: Box) -> Iterator[str]:
    """Name what a label lies on; inside a pool, lane or subprocess it is fine, across its edge it is not."""
    for shape in drawing.shapes.values():
        hollow = shape.kind in FRAMES or shape.kind == "subProcess"
        if label.meets(shape.box) and not (hollow and shape.box.holds(label)):
            yield shape.id
    for edge in drawing.edges:
        if _runs_through(edge, label):
            yield edge.id


def _named(drawing: Drawing) -> Iterator[str]:
    for shape in drawing.shapes.values():
        if shape.name and shape.kind.endswith(LABELLED):
            yield shape.id
    yield from (edge.id for edge in drawing.edges if edge.name)


def _label_boxes(drawing: Drawing) -> Iterator[tuple[str, Box]]:
    drawn: list[Shape | Edge] = [*drawing.shapes.values(), *drawing.edges]
    for owner in drawn:
        boxed = isinstance(owner, Shape) and not owner.kind.endswith(LABELLED)
        if owner.name and owner.label is not None and not boxed:
            yield owner.id, label_box(owner.name, owner.label)


def _texts(drawing: Drawing) -> Iterator[LayoutFinding]:
    for shape in drawing.shapes.values():
        if shape.kind.endswith(BOXED):
            lines = wrapped(shape.name, shape.box.width - 14)
            if LINE * len(lines) > shape.box.height - 32:  # the marker in the corner takes the rest
                yield LayoutFinding(shape.id, "", TEXT_TOO_LONG)
        elif shape.kind in FRAMES and LINE * len(shape.name) > shape.box.height:
            yield LayoutFinding(shape.id, "", TEXT_TOO_LONG)


def _width(drawing: Drawing) -> Iterator[LayoutFinding]:
    if drawing.extent.width > WIDEST:
        yield LayoutFinding("", "", TOO_WIDE)


def _shared_parents(drawing: Drawing, edge: Edge) -> frozenset[str]:
    ends = [drawing.shapes[end].parents for end in (edge.source, edge.target) if end in drawing.shapes]
    return frozenset.intersection(*ends) if ends else frozenset()


def _contains(box: Box, point: Point) -> bool:
    return box.x < point[0] < box.right and box.y < point[1] < box.bottom


def _on_border(box: Box, point: Point) -> bool:
    return _contains(box.grown(SLACK), point) and not _contains(box.grown(-SLACK), point)


def _runs_through(edge: Edge, box: Box) -> bool:
    return any(_enters(a, b, box) for a, b in edge.segments)


def _enters(a: Point, b: Point, box: Box) -> bool:
    """Tell whether the line from a to b has a point inside the box (Liang and Barsky)."""
    low, high = 0.0, 1.0
    for start, step, near, far in (
        (a[0], b[0] - a[0], box.x, box.right),
        (a[1], b[1] - a[1], box.y, box.bottom),
    ):
        if step == 0:
            if not near < start < far:
                return False
            continue
        enter, leave = sorted(((near - start) / step, (far - start) / step))
        low, high = max(low, enter), min(high, leave)
    return low < high


def _cross(one: tuple[Point, Point], two: tuple[Point, Point]) -> bool:
    """Tell whether each line passes from one side of the other to its other side."""
    (a, b), (c, d) = one, two
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _touch(one: tuple[Point, Point], two: tuple[Point, Point]) -> bool:
    ends = [(two, point) for point in one] + [(one, point) for point in two]
    return any(_side(*line, point) == 0 and _between(line, point) for line, point in ends)


def _side(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _between(line: tuple[Point, Point], point: Point) -> bool:
    (x1, y1), (x2, y2) = line
    return min(x1, x2) <= point[0] <= max(x1, x2) and min(y1, y2) <= point[1] <= max(y1, y2)
