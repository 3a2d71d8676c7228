"""Diagrams drawn to harm: nothing in them runs, nothing they point at is fetched (reliability B1–B6)."""

from __future__ import annotations

import gzip
import io
import json
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.config import ROOT
from app.engine.errors import DiagramUnreadable, EngineFault, ExpressionFailed, ExpressionRefused
from app.engine.expressions import MAX_LENGTH, compile_expression
from app.engine.machine import Machine
from app.engine.specs import build_program
from app.engine.xml import NS
from app.programmes.checking import Limits, check_paths
from app.programmes.lint import lint
from tests.programmes.hosts import Nobody
from tests.programmes.mutations import WORDS, at, bundle, found, put, retarget, rules, spoilt
from tests.programmes.sinks import CANARY, ESCAPES, PAYLOADS, SINKS, corpus

LIMITS = Limits(seconds=20, megabytes=512)


def verdict(path: Path) -> str:
    return next(check_paths([str(path)], WORDS, LIMITS)).verdict


def diagram(code: str = "xs") -> bytes:
    return bundle(code).diagram


def test_the_corpus_is_large_enough() -> None:
    assert len(list(corpus())) >= 200
    assert len(PAYLOADS) * len(SINKS) == len(list(corpus()))


@pytest.mark.parametrize("sink", sorted(SINKS))
def test_every_payload_is_refused_with_its_element_and_a_reason(sink: str) -> None:
    element, _ = SINKS[sink]
    for _, payload, data in (each for each in corpus() if each[0] == sink):
        findings = [finding for finding in lint(data, WORDS) if finding.element == element]
        assert findings, (sink, payload)
        assert all(finding.message for finding in findings)


def test_nothing_of_the_corpus_runs(tmp_path: Path) -> None:
    """Lint, build and a first step of every file, watched by an audit hook in a process of its own."""
    canary = tmp_path / CANARY
    done = subprocess.run(
        [sys.executable, "-m", "tests.programmes.watched"], cwd=ROOT, capture_output=True, text=True, timeout=300,
        env={"PATH": "/usr/bin:/bin", "CANARY": str(canary)}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    assert told["files"] >= 200
    assert told["events"] == []
    assert not canary.exists()


NAMES = {"a": 1, "b": None, "word": "x" * 400, "yes": True}
ATOMS = st.sampled_from(
    [
        *("a", "b", "word", "yes", "1", "10**9", "'x'", "not", "-", "...", "b'x'", "1j", "9" * 30, "é", "ａ", "\x00", "\n", "#"),
        *("__import__", "().__class__", "a.b", "a[0]", "{}", "f'{a}'", "'%s' % a", "'{0.__class__}'.format(a)", "'\\ud800'"),
        *("[a for a in b]", "lambda: a", "(a:=1)", "*a", "a if b else a", "await a", "yield", "(" * 60, "__builtins__"),
        *("later_of", "escalate(a)", "working_days(a, since=b)"),
    ]
)
JOINTS = st.sampled_from(
    [" + ", " - ", " * ", " ** ", " << ", " % ", " and ", " or ", " == ", " < ", " in ", " is ", ", ", ".", "(", ")", " "]
)
SENTENCES = st.lists(st.tuples(ATOMS, JOINTS), min_size=1, max_size=12).map(lambda parts: "".join(a + j for a, j in parts))


@given(st.one_of(SENTENCES, SENTENCES.map(lambda text: text.rstrip(" +-*<%.(,")), st.text(max_size=250)))
@settings(max_examples=600, deadline=500)
def test_an_expression_is_refused_fails_or_gives_a_small_plain_value(text: str) -> None:
    try:
        value = compile_expression(text).evaluate(NAMES, {"later_of": lambda *parts: parts[0], "escalate": lambda part: part})
    except (ExpressionRefused, ExpressionFailed):
        return
    assert value is None or isinstance(value, str | int | bool)
    assert len(str(value)) <= 1000


@given(st.text("+-a()~ not", min_size=1, max_size=MAX_LENGTH))
@settings(max_examples=200, deadline=500)
def test_nested_operators_do_not_exhaust_the_stack(text: str) -> None:
    try:
        compile_expression(text).evaluate({"a": 1, "t": 1, "n": 1, "o": 1}, {})
    except (ExpressionRefused, ExpressionFailed):
        return


@pytest.mark.parametrize(
    "text", ["1 + True", "'x' + 'x'", "(" * 50 + "a" + ")" * 50, "-" * 150 + "a", "~" * 190 + "a", "not " * 40 + "a"]
)
def test_long_chains_are_answered_at_once(text: str) -> None:
    try:
        compile_expression(text).evaluate(NAMES, {})
    except (ExpressionRefused, ExpressionFailed):
        return


@pytest.mark.parametrize("text", ESCAPES)
def test_no_way_out_of_the_evaluator(text: str) -> None:
    with pytest.raises((ExpressionRefused, ExpressionFailed)):
        compile_expression(text).evaluate({"linked": True, "yes": True}, {})


class Listener:
    """A loopback server that only counts who comes."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.hits = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.hits += 1
            connection.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(timeout=5)


@pytest.fixture
def listener() -> Iterator[Listener]:
    server = Listener()
    yield server
    server.close()


def outside_references(address: str, secret: str) -> dict[str, bytes]:
    """Documents that try to make the reader fetch something, or grow."""
    xs = diagram().decode().split("?>", 1)[1]
    renamed = xs.replace('name="西双版纳州差评办理"', 'name="&x;"', 1)
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    return {
        "file entity": f'<!DOCTYPE d [<!ENTITY x SYSTEM "file://{secret}">]>{renamed}'.encode(),
        "http entity": f'<!DOCTYPE d [<!ENTITY x SYSTEM "{address}/e">]>{renamed}'.encode(),
        "internal entity": f'<!DOCTYPE d [<!ENTITY x "harmless">]>{renamed}'.encode(),
        "parameter entity": f'<!DOCTYPE d [<!ENTITY % p SYSTEM "{address}/p"> %p;]>{xs}'.encode(),
        "outside dtd": f'<!DOCTYPE d SYSTEM "{address}/d.dtd">{xs}'.encode(),
        "public dtd": f'<!DOCTYPE d PUBLIC "-//X//Y" "{address}/d.dtd">{xs}'.encode(),
        "billion laughs": f'<!DOCTYPE d [<!ENTITY a0 "ha">{laughs}<!ENTITY x "&a11;">]>{renamed}'.encode(),
        "quadratic": f'<!DOCTYPE d [<!ENTITY x "{"y" * 50_000}">]>{renamed.replace("&x;", "&x;" * 5_000)}'.encode(),
        "utf-16 doctype": f'<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE d [<!ENTITY x "y">]>{renamed}'.encode("utf-16"),
        "utf-7": f'<?xml version="1.0" encoding="UTF-7"?>{xs}'.encode(),
        "unknown entity": renamed.encode(),
    }


@pytest.mark.parametrize("name", sorted(outside_references("", "")))
def test_a_document_type_is_never_followed(name: str, listener: Listener, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("THE-SECRET", encoding="utf-8")
    data = outside_references(f"http://127.0.0.1:{listener.port}", str(secret))[name]
    with pytest.raises(DiagramUnreadable) as refused:
        lint(data, WORDS)
    assert "THE-SECRET" not in str(refused.value.as_dict())
    with pytest.raises(DiagramUnreadable):
        build_program(data)
    assert listener.hits == 0


def test_inclusions_stylesheets_and_schemas_are_not_fetched(listener: Listener, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("<THE-SECRET/>", encoding="utf-8")
    address = f"http://127.0.0.1:{listener.port}"
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file://{secret}"/>'
    styled = diagram().replace(b"<bpmn:definitions", f'<?xml-stylesheet href="{address}/s.xsl"?><bpmn:definitions'.encode(), 1)
    schema = f'xsi:schemaLocation="http://www.omg.org/spec/BPMN/20100524/MODEL {address}/x.xsd"'
    located = diagram().replace(b"<bpmn:definitions", f"<bpmn:definitions {schema}".encode(), 1)
    imported = spoilt("xs", put("definitions_xs", f'<bpmn:import importType="x" location="{address}/i" namespace="x"/>'))
    assert "unknown-element" in rules(spoilt("xs", put("handling", include)))
    assert "import" in rules(imported)
    for data in (styled, located, imported, spoilt("xs", put("handling", include))):
        lint(data, WORDS)
        build_program(data)
    assert listener.hits == 0


def test_another_encoding_is_read_not_guessed() -> None:
    text = diagram().decode().replace('encoding="UTF-8"', 'encoding="UTF-16"')
    assert lint(text.encode("utf-16"), WORDS) == []


def archives() -> dict[str, bytes]:
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../bad_review.bpmn", diagram())
        archive.writestr("bomb", b"0" * 10**7)
    return {
        "zip": zipped.getvalue(),
        "gzip": gzip.compress(diagram()),
        "gzip bomb": gzip.compress(b"0" * 5 * 10**7),
        "zip behind a diagram": diagram() + zipped.getvalue(),
        "diagram behind a zip": zipped.getvalue() + diagram(),
        "html": b"<html><script>alert(1)</script></html>",
        "html before": b"<!doctype html><p>" + diagram(),
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "svg around": b'<svg xmlns="http://www.w3.org/2000/svg">' + diagram().split(b"?>", 1)[1] + b"</svg>",
        "pdf": b"%PDF-1.7\n" + diagram(),
        "nothing": b"",
        "nul": b"\x00" * 1000,
    }


@pytest.mark.parametrize("name", sorted(archives()))
def test_what_is_not_a_diagram_is_unreadable(name: str, tmp_path: Path) -> None:
    path = tmp_path / "x.bpmn"
    path.write_bytes(archives()[name])
    assert verdict(path) == "unreadable"


def test_a_script_inside_a_diagram_is_refused() -> None:
    html = '<script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script>'
    svg = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    assert found(spoilt("xs", put("verify", html), put("answer", svg)), "unknown-element") == {"verify", "answer"}


def test_a_hundred_thousand_shapes_are_refused_in_time(tmp_path: Path) -> None:
    shapes = '<s:BPMNShape b="1"/>' * 51_000
    body = f'<d:definitions xmlns:d="{NS["bpmn"]}" xmlns:s="{NS["bpmndi"]}">{shapes}</d:definitions>'
    path = tmp_path / "x.bpmn"
    path.write_bytes(body.encode())
    assert rules(body.encode()) == {"too-many-shapes"}
    path.write_bytes(body.replace(shapes, shapes * 2).encode())
    assert verdict(path) == "unreadable"


def test_a_deep_diagram_is_unreadable() -> None:
    inner = "<bpmn:subProcess>" * 70 + "</bpmn:subProcess>" * 70
    with pytest.raises(DiagramUnreadable, match="64"):
        lint(spoilt("xs", put("handling", inner)), WORDS)


@pytest.mark.parametrize("number", ["NaN", "1e308", "-1e308", "inf", "Infinity", "", "0x10", "1,5", "9" * 400])
def test_coordinates_that_cannot_be_drawn_are_refused(number: str) -> None:
    def move(root: object) -> None:
        shape = next(each for each in root.iter() if each.get("bpmnElement") == "verify")  # type: ignore[attr-defined]
        shape[0].set("x", number)

    assert found(spoilt("xs", move), "bad-coordinate") == {"verify"}


def test_everything_doubled_is_refused_by_the_linter_and_survived_by_the_engine(tmp_path: Path) -> None:
    text = diagram().decode()
    start, end = text.index("<bpmn:subProcess"), text.index("</bpmn:subProcess>") + len("</bpmn:subProcess>")
    doubled = text[:end] + text[start:end] + text[end:]
    path = tmp_path / "x.bpmn"
    path.write_text(doubled, encoding="utf-8")
    assert "duplicate-id" in rules(doubled.encode())
    assert verdict(path) == "findings"


def endless() -> bytes:
    """A diagram of gateways that lead to each other for ever."""
    return spoilt("xs", retarget("received_to_is_linked", "outcome"), retarget("outcome_to_end_rectified", "after_handling"))


@pytest.mark.clause("B6")
def test_an_endless_automatic_loop_is_found() -> None:
    assert rules(endless()) & {"automatic-loop"}


@pytest.mark.clause("B6")
def test_an_endless_automatic_loop_is_stopped_by_the_step_budget() -> None:
    variables = {"handling": None, "result": None, "linked": False}
    machine = Machine(build_program(endless()), Nobody(), variables)  # type: ignore[arg-type]  # a fake host
    with pytest.raises(EngineFault, match="兜圈子"):
        machine.run()


@pytest.mark.parametrize("name", ["verify", "answer", "handling"])
def test_a_flow_to_nowhere_breaks_nothing(name: str) -> None:
    data = spoilt("xs", lambda root: at(root, name).getparent().remove(at(root, name)))  # type: ignore[union-attr]
    assert "dangling-flow" in rules(data)
    with pytest.raises(DiagramUnreadable):
        build_program(data)
