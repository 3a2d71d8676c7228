"""The five drawings can be read, and the checker sees when one cannot."""

from __future__ import annotations

import pytest
from lxml import etree

from app.config import ROOT
from app.programmes import layout
from app.programmes.drawing import DC, DI
from app.programmes.layout import LayoutFinding, layout_findings

CODES = ("gc", "zb", "sx", "xs", "hk")


def drawn(code: str) -> etree._Element:
    return etree.parse(str(ROOT / "bpmn" / code / "bad_review.bpmn")).getroot()


def part(root: etree._Element, element: str) -> etree._Element:
    return next(node for node in root.iter() if node.get("bpmnElement") == element)


def move(root: etree._Element, element: str, *, x: float = 0, y: float = 0) -> None:
    """Shift a shape alone; its label and flows stay behind."""
    bounds = part(root, element).find(f"{DC}Bounds")
    bounds.set("x", str(float(bounds.get("x")) + x))
    bounds.set("y", str(float(bounds.get("y")) + y))


def reroute(root: etree._Element, flow: str, *points: tuple[float, float]) -> None:
    """Drag a flow: its ends stay, the points between are new."""
    edge = part(root, flow)
    ends = edge.findall(f"{DI}waypoint")
    for bend in ends[1:-1]:
        edge.remove(bend)
    for number, (x, y) in enumerate(points, start=1):
        edge.insert(number, etree.Element(f"{DI}waypoint", x=str(x), y=str(y)))


def rules(findings: list[LayoutFinding], *elements: str) -> set[str]:
    return {found.rule for found in findings if {found.element, found.other} & set(elements)}


@pytest.mark.parametrize("code", CODES)
def test_the_drawing_of_a_programme_has_no_fault(code: str) -> None:
    assert layout_findings(drawn(code)) == []


def test_a_shape_moved_onto_another_is_found() -> None:
    root = drawn("xs")
    move(root, "answer", x=100)
    assert LayoutFinding("answer", "report", layout.SHAPES_OVERLAP) in layout_findings(root)


def test_a_flow_whose_shape_has_moved_away_is_found() -> None:
    root = drawn("xs")
    move(root, "verify", y=10)
    assert LayoutFinding("verify_limit_to_verify_escalate", "verify_limit", layout.FLOW_LOOSE) not in layout_findings(root)
    move(root, "verify_limit", y=10)
    assert LayoutFinding("verify_limit_to_verify_escalate", "verify_limit", layout.FLOW_LOOSE) in layout_findings(root)


def test_a_flow_dragged_across_another_is_found() -> None:
    root = drawn("xs")
    reroute(root, "rectify_clear_to_merge_handled", (1185, 510), (1185, 700), (1190, 700), (1190, 510))
    findings = layout_findings(root)
    assert LayoutFinding("rectify_clear_to_merge_handled", "explain_to_merge_handled", layout.FLOWS_CROSS) in findings


def test_flows_into_the_same_target_may_share_their_last_stretch() -> None:
    root = drawn("xs")
    last = [part(root, f"{task}_to_merge_handled").findall(f"{DI}waypoint")[-1].attrib for task in ("explain", "rectify_complex")]
    assert last[0] == last[1]
    assert layout_findings(root) == []


def test_flows_of_different_ends_may_not_share_a_stretch() -> None:
    root = drawn("xs")
    reroute(root, "extension_complex_to_rule_extension", (1146, 730), (1225, 730), (1225, 600), (1225, 310))
    assert layout.FLOWS_COVER in rules(layout_findings(root), "explain_to_merge_handled")


def test_a_flow_through_a_task_is_found() -> None:
    root = drawn("xs")
    reroute(root, "verify_to_class", (900, 670), (1120, 670), (1120, 510))
    assert LayoutFinding("verify_to_class", "explain", layout.FLOW_THROUGH_SHAPE) in layout_findings(root)


def test_a_flow_that_leaves_its_subprocess_is_found() -> None:
    root = drawn("xs")
    reroute(root, "extension_complex_to_rule_extension", (1146, 950), (640, 950), (640, 310))
    assert layout.FLOW_LEAVES_SUBPROCESS in rules(layout_findings(root), "extension_complex_to_rule_extension")


def test_a_boundary_event_off_its_task_is_found() -> None:
    root = drawn("xs")
    move(root, "verify_limit", x=60, y=60)
    assert LayoutFinding("verify_limit", "verify", layout.OFF_BORDER) in layout_findings(root)


def test_a_step_drawn_in_another_lane_is_found() -> None:
    root = drawn("xs")
    move(root, "revisit", y=-300)
    assert LayoutFinding("revisit", "centre", layout.OUTSIDE_LANE) in layout_findings(root)


def test_a_label_on_a_task_is_found() -> None:
    root = drawn("xs")
    label = part(root, "class").findall(f".//{DC}Bounds")[-1]
    label.set("x", "830")
    label.set("y", "500")
    assert LayoutFinding("class", "verify", layout.LABEL_COVERED) in layout_findings(root)


def test_a_name_without_a_place_is_found() -> None:
    root = drawn("xs")
    root.find(".//*[@id='merge_handled']").set("name", "汇合")
    assert LayoutFinding("merge_handled", "", layout.LABEL_MISSING) in layout_findings(root)


def test_a_name_too_long_for_its_task_is_found() -> None:
    root = drawn("xs")
    root.find(".//*[@id='answer']").set("name", "把核查情况、整改情况和依据一并反馈给投诉人并说明后续途径")
    assert LayoutFinding("answer", "", layout.TEXT_TOO_LONG) in layout_findings(root)


def test_a_diagram_wider_than_a_desk_screen_is_found() -> None:
    root = drawn("xs")
    part(root, "pool").find(f"{DC}Bounds").set("width", "2100")
    assert LayoutFinding("", "", layout.TOO_WIDE) in layout_findings(root)
