"""The linter: everything that would make a diagram run otherwise than it reads, or not at all."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain, islice

from lxml import etree

from app.engine.definition import read_definition
from app.engine.xml import read_xml
from app.programmes import checks_events, checks_expressions, checks_flow, checks_rules, checks_tasks, checks_xml
from app.programmes.bundle import Bundle
from app.programmes.errors import RulesInvalid
from app.programmes.findings import Finding
from app.programmes.subject import Subject
from app.programmes.vocabulary import Vocabulary
from app.programmes.walk import check_paths

__all__ = ["MOST_FINDINGS", "Finding", "lint"]

MOST_FINDINGS = 500
LONGEST_ID = 120

FILE: tuple[Callable[[etree._Element], Iterator[Finding]], ...] = (
    checks_xml.check_elements,
    checks_xml.check_ids,
    checks_xml.check_references,
    checks_xml.check_texts,
    checks_xml.check_drawing,
)
DIAGRAM: tuple[Callable[[Subject], Iterator[Finding]], ...] = (
    checks_xml.check_process,
    checks_flow.check_flows,
    checks_flow.check_exits,
    checks_flow.check_starts,
    checks_flow.check_reached,
    checks_flow.check_gateways,
    checks_flow.check_joins,
    checks_flow.check_sides,
    checks_flow.check_circles,
    checks_flow.check_length,
    checks_flow.check_service_tasks,
    checks_events.check_kinds,
    checks_events.check_boundaries,
    checks_events.check_limits,
    checks_events.check_escalations,
    checks_events.check_messages,
    checks_events.check_signals,
    checks_tasks.check_lanes,
    checks_tasks.check_owners,
    checks_tasks.check_acts,
    checks_tasks.check_judges,
    checks_tasks.check_forms,
    checks_tasks.check_form_xml,
    checks_tasks.check_properties,
    checks_tasks.check_clauses,
    checks_tasks.check_outcomes,
    checks_expressions.check_texts_of_expressions,
    checks_expressions.check_shapes,
    checks_expressions.check_empty,
    check_paths,
)
RULES: tuple[Callable[[Subject], Iterator[Finding]], ...] = (
    checks_rules.check_doubles,
    checks_rules.check_lane_rules,
    checks_rules.check_cited,
    checks_rules.check_draw,
    checks_rules.check_ladder,
    checks_rules.check_rest,
)


def lint(source: Bundle | bytes, vocabulary: Vocabulary) -> list[Finding]:
    """Return what is wrong with a bundle, or with a diagram alone; empty means clean. At most 500, and one that says so.

    A diagram that is too large is not looked at further.

    Raises:
        DiagramUnreadable: the file is no diagram that we read at all.
        BundleUnreadable: `programme.toml` is not TOML.
    """
    root = read_xml(source if isinstance(source, bytes) else source.diagram)
    every = (replace(one, element=one.element[:LONGEST_ID]) for one in _findings(root, source, vocabulary))
    found = list(dict.fromkeys(islice(every, MOST_FINDINGS + 1)))
    if len(found) > MOST_FINDINGS:
        found[MOST_FINDINGS:] = [Finding("", "more-findings", f"问题超过 {MOST_FINDINGS} 个，其余未列出。请先改正以上问题。")]
    return found


def _findings(root: etree._Element, source: Bundle | bytes, vocabulary: Vocabulary) -> Iterator[Finding]:
    too_large = list(checks_xml.check_size(root))
    yield from too_large
    if too_large:
        return
    yield from chain.from_iterable(check(root) for check in FILE)
    subject = Subject(root, read_definition(root), vocabulary)
    if not isinstance(source, bytes):
        try:
            subject = replace(subject, raw=source.rules.raw)
        except RulesInvalid as error:
            yield Finding("programme.toml", "toml-invalid", error.message)
            subject = replace(subject, raw=tomllib.loads(source.rules_file.decode()))
    yield from chain.from_iterable(check(subject) for check in DIAGRAM)
    if subject.raw is not None:
        yield from chain.from_iterable(check(subject) for check in RULES)
