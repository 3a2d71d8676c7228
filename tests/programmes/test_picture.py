"""The picture of a diagram: whole, faithful, and harmless whatever the diagram says."""

from __future__ import annotations

import pytest
from lxml import etree

from app.config import ROOT
from app.programmes.drawing import BPMN, wrapped
from app.programmes.picture import render

CODES = ("gc", "zb", "sx", "xs", "hk")
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<script>alert("1")</script>\'&'


def diagram(code: str) -> bytes:
    return (ROOT / "bpmn" / code / "bad_review.bpmn").read_bytes()


def written(svg: str) -> list[str]:
    return [text.text or "" for text in etree.fromstring(svg.encode()).iter(f"{SVG}text")]


@pytest.mark.parametrize("code", CODES)
def test_the_picture_names_every_step(code: str) -> None:
    texts = written(render(diagram(code)))
    root = etree.fromstring(diagram(code))
    steps = [*root.iter(f"{BPMN}userTask"), *root.iter(f"{BPMN}serviceTask")]
    lines = [line for step in steps for line in wrapped(step.get("name"), 86)]
    assert steps
    assert set(lines) <= set(texts)


@pytest.mark.parametrize("code", CODES)
def test_the_picture_names_every_lane_and_limit(code: str) -> None:
    texts = written(render(diagram(code)))
    root = etree.fromstring(diagram(code))
    named = [lane.get("name") for lane in root.iter(f"{BPMN}lane")]
    named += [event.get("name") for event in root.iter(f"{BPMN}boundaryEvent")]
    assert set(named) <= set(texts)


@pytest.mark.parametrize("code", CODES)
def test_the_picture_beside_a_diagram_is_the_diagrams_own(code: str) -> None:
    picture = (ROOT / "bpmn" / code / "bad_review.svg").read_text(encoding="utf-8")
    assert picture == render(diagram(code)), "redraw: .venv/bin/flask --app wsgi programmes picture"


def test_a_hostile_name_stays_text() -> None:
    root = etree.fromstring(diagram("xs"))
    for element in root.iter(f"{BPMN}participant", f"{BPMN}lane", f"{BPMN}userTask", f"{BPMN}exclusiveGateway"):
        element.set("name", HOSTILE)
    svg = render(etree.tostring(root))
    assert "<script" not in svg
    assert HOSTILE in written(svg)


def test_a_picture_runs_and_loads_nothing() -> None:
    tree = etree.fromstring(render(diagram("gc")).encode())
    names = {name for node in tree.iter() for name in node.attrib}
    assert not [name for name in names if name.startswith("on") or name.endswith("href")]
    assert not list(tree.iter(f"{SVG}script", f"{SVG}image", f"{SVG}foreignObject"))


def test_an_outside_entity_is_not_read() -> None:
    root = diagram("xs").replace(
        b"<bpmn:definitions", b'<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/hostname">]><bpmn:definitions', 1
    )
    assert render(root) == render(diagram("xs"))
