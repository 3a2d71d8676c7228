"""A diagram as an SVG picture, drawn from its BPMN DI: frames, shapes and flows; the signs inside them are in signs.py."""

from html import escape

from lxml import etree

from app.programmes.drawing import BPMN, LINE, Box, Drawing, Edge, Shape, label_box, read_drawing, wrapped
from app.programmes.signs import event_sign, task_sign

INK, TEXT, PAPER, PALE = "#41505E", "#17212B", "#FFFFFF", "#A9B3BC"
FONT = "'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif"
MARGIN = 10
ARROW = (
    '<defs><marker id="arrow" viewBox="0 0 10 10" refX="10" refY="5" markerWidth="8" markerHeight="8" '
    f'orient="auto"><path d="M0 1 10 5 0 9z" fill="{INK}"/></marker></defs>'
)


def render(bpmn: bytes) -> str:
    """Return the diagram as one SVG document: no script, no outside reference, every text escaped.

    The same bytes always give the same picture, so that a committed picture can be compared.

    Raises:
        lxml.etree.XMLSyntaxError: the bytes are not well-formed XML.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(bpmn, parser)
    drawing = read_drawing(root)
    parts = [_head(drawing, _title(root)), ARROW, *_frames(drawing), *_nodes(drawing)]
    parts += [part for edge in drawing.edges for part in _flow(edge)]
    parts += [part for shape in drawing.shapes.values() for part in _label(shape)]
    return "\n".join([*parts, "</svg>", ""])


def _title(root: etree._Element) -> str:
    pool = root.find(f".//{BPMN}participant")
    return (pool.get("name") or "") if pool is not None else ""


def _head(drawing: Drawing, title: str) -> str:
    around = drawing.extent.grown(MARGIN)
    view = " ".join(f"{side:g}" for side in around)
    size = f'width="{around.width:g}" height="{around.height:g}"'
    style = f'font-family="{FONT}" font-size="12" fill="{TEXT}" stroke="none"'
    paper = f'<rect x="{around.x:g}" y="{around.y:g}" {size} fill="{PAPER}"/>'
    named = f'role="img" aria-label="{escape(title)}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}" {size} {named} {style}>\n{paper}'


def _frames(drawing: Drawing) -> list[str]:
    frames = [shape for shape in drawing.shapes.values() if shape.kind in ("participant", "lane")]
    return [part for shape in frames for part in (_rect(shape.box, ink=PALE), *_upright(shape))]


def _upright(frame: Shape) -> list[str]:
    """Draw a frame's name in the band at its left, turned as in every BPMN tool."""
    x, y = frame.box.x + 15, frame.box.middle[1]
    turned = f'transform="rotate(-90 {x:g} {y:g})"'
    name = f'<text x="{x:g}" y="{y + 5:g}" {turned} text-anchor="middle" font-size="14">{escape(frame.name)}</text>'
    if frame.kind == "lane":
        return [name]
    line = f'<path d="M{frame.box.x + 30:g} {frame.box.y:g}V{frame.box.bottom:g}" stroke="{PALE}"/>'
    return [line, name]


def _nodes(drawing: Drawing) -> list[str]:
    shapes = list(drawing.shapes.values())
    boxes = [part for shape in shapes if shape.kind == "subProcess" for part in _subprocess(shape)]
    inside = [s for s in shapes if s.kind.lower().endswith(("task", "gateway", "event"))]
    inside.sort(key=lambda shape: shape.kind == "boundaryEvent")  # drawn last, over the border they sit on
    return boxes + [part for shape in inside for part in _node(shape)]


def _subprocess(shape: Shape) -> list[str]:
    x, y = shape.box.middle[0], shape.box.y + 18
    return [_rect(shape.box, 10, paper="none"), _line(shape.name, x, y, 14)]


def _node(shape: Shape) -> list[str]:
    if shape.kind.endswith("Gateway"):
        return _gateway(shape.box)
    if shape.kind.lower().endswith("event"):
        return [*_rings(shape), event_sign(shape, INK, PAPER)]
    return [_rect(shape.box, 8), task_sign(shape, INK), *_wrapped(shape)]


def _gateway(box: Box) -> list[str]:
    x, y = box.middle
    rhomb = f"M{x:g} {box.y:g} {box.right:g} {y:g} {x:g} {box.bottom:g} {box.x:g} {y:g}z"
    cross = f"M{x - 7:g} {y - 7:g}l14 14m0 -14l-14 14"
    return [
        f'<path d="{rhomb}" fill="{PAPER}" stroke="{INK}" stroke-width="1.5"/>',
        f'<path d="{cross}" fill="none" stroke="{INK}" stroke-width="3"/>',
    ]


def _rings(shape: Shape) -> list[str]:
    (x, y), radius = shape.box.middle, shape.box.width / 2
    width = 3 if shape.kind == "endEvent" else 1.2
    dash = "" if shape.interrupting else ' stroke-dasharray="5 3"'
    radii = [radius] if shape.kind in ("startEvent", "endEvent") else [radius, radius - 3]
    line = f'fill="{PAPER}" stroke="{INK}" stroke-width="{width:g}"{dash}'
    return [f'<circle cx="{x:g}" cy="{y:g}" r="{r:g}" {line}/>' for r in radii]


def _wrapped(shape: Shape) -> list[str]:
    lines = wrapped(shape.name, shape.box.width - 14)
    x, y = shape.box.middle
    top = y + 5 - LINE * (len(lines) - 1) / 2
    return [_line(line, x, top + LINE * number) for number, line in enumerate(lines)]


def _flow(edge: Edge) -> list[str]:
    way = " ".join(f"{x:g},{y:g}" for x, y in edge.points)
    line = f'fill="none" stroke="{INK}" stroke-width="1.5" stroke-linejoin="round" marker-end="url(#arrow)"'
    return [f'<polyline points="{way}" {line}/>', *_outside(edge.name, edge.label)]


def _label(shape: Shape) -> list[str]:
    return _outside(shape.name, shape.label) if shape.kind.endswith(("Event", "Gateway")) else []


def _outside(name: str, bounds: Box | None) -> list[str]:
    if not name or bounds is None:
        return []
    box = label_box(name, bounds)
    lines = enumerate(wrapped(name, 90))
    return [_line(line, box.middle[0], box.y + 12 + LINE * number) for number, line in lines]


def _line(text: str, x: float, y: float, size: int = 12) -> str:
    larger = "" if size == 12 else f' font-size="{size}"'
    return f'<text x="{x:g}" y="{y:g}" text-anchor="middle"{larger}>{escape(text)}</text>'


def _rect(box: Box, radius: int = 0, ink: str = INK, paper: str = PAPER) -> str:
    corner = f' rx="{radius}"' if radius else ""
    place = f'x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}"'
    return f'<rect {place}{corner} fill="{paper}" stroke="{ink}" stroke-width="1.2"/>'
