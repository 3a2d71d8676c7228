"""What the checks look at: one diagram with its words and, for a bundle, its rules; and its graph."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from lxml import etree

from app.engine.definition import Definition, Flow, Node
from app.engine.expressions import Expression, compile_expression
from app.errors import AppError
from app.programmes.vocabulary import Vocabulary

TASKS = ("userTask", "serviceTask")
EVENTS = ("startEvent", "endEvent", "boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent")


@dataclass(frozen=True)
class Subject:
    """One diagram under the linter.

    `raw` is the parsed `programme.toml`, None when a diagram is checked alone. `targets` is
    the graph over all scopes: a subprocess leads to its start, its main ends lead on to what
    follows the subprocess; boundary events hang on their hosts, thrown signals lead to their
    catchers.
    """

    root: etree._Element
    definition: Definition
    vocabulary: Vocabulary
    raw: Mapping[str, Any] | None = None

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        """All flow nodes by id."""
        return self.definition.nodes

    @cached_property
    def boundary(self) -> Mapping[str, tuple[Node, ...]]:
        """The boundary events of each host."""
        found: dict[str, list[Node]] = defaultdict(list)
        for node in self.definition.of_kind("boundaryEvent"):
            found[node.attached_to or ""].append(node)
        return {host: tuple(events) for host, events in found.items()}

    def start_of(self, scope: str) -> Node | None:
        """The start event of the process or of a subprocess."""
        return next((node for node in self.definition.of_kind("startEvent") if node.scope == scope), None)

    def following(self, id_: str) -> tuple[str, ...]:
        """Return the nodes that the drawn flows lead to."""
        return tuple(flow.target for flow in self.definition.outgoing.get(id_, ()) if flow.target in self.nodes)

    def catchers(self, signal: str | None) -> tuple[Node, ...]:
        """Return the boundary events that catch a signal."""
        return tuple(
            node for node in self.definition.of_kind("boundaryEvent") if node.event == "signal" and node.reference == signal
        )

    @cached_property
    def side(self) -> frozenset[str]:
        """Nodes that only a branch beside the main path reaches: what follows a non-interrupting event."""
        return self.closure(*(node.id for node in self.definition.of_kind("boundaryEvent") if not node.interrupting))

    @cached_property
    def main(self) -> frozenset[str]:
        """Nodes on the main path: from a start event or an interrupting event."""
        starts = [node.id for node in self.definition.of_kind("startEvent")]
        events = [node.id for node in self.definition.of_kind("boundaryEvent") if node.interrupting and node.event != "timer"]
        hosts = [id_ for id_ in events if self.nodes[id_].attached_to not in self.side]
        return self.closure(*starts, *hosts)

    def closure(self, *ids: str) -> frozenset[str]:
        """Return these nodes and all that the drawn flows reach from them, in their own scope."""
        reached: set[str] = set()
        waiting = list(ids)
        while waiting:
            id_ = waiting.pop()
            if id_ not in reached:
                reached.add(id_)
                waiting += self.following(id_)
        return frozenset(reached)

    @cached_property
    def targets(self) -> Mapping[str, tuple[str, ...]]:
        """Where a token, or the case, may go next from each node."""
        return {id_: tuple(dict.fromkeys(self._targets(node))) for id_, node in self.nodes.items()}

    def _targets(self, node: Node) -> Iterator[str]:
        if node.kind == "subProcess":
            start = self.start_of(node.id)
            if start is not None:
                yield start.id
        else:
            yield from self.following(node.id)
        yield from (event.id for event in self.boundary.get(node.id, ()) if event.event != "signal")
        if node.kind == "intermediateThrowEvent":
            yield from (event.id for event in self.catchers(node.reference))
        if self.leaves_subprocess(node):
            yield from self.following(node.scope)

    def leaves_subprocess(self, node: Node) -> bool:
        """Whether this end ends its subprocess: a plain end on the main path."""
        return node.kind == "endEvent" and node.scope in self.nodes and not node.events and node.id in self.main

    @cached_property
    def conditions(self) -> tuple[tuple[Flow, str], ...]:
        """All conditions, by flow."""
        return tuple((flow, flow.condition) for flow in self.definition.flows if flow.condition)

    @cached_property
    def read_names(self) -> frozenset[str]:
        """Every variable that a condition, timer or window reads: only these are kept as variables."""
        texts = [text for _flow, text in self.conditions]
        texts += [node.timer[1] for node in self.nodes.values() if node.timer]
        texts += [node.properties["window"] for node in self.nodes.values() if "window" in node.properties]
        return frozenset(name for text in texts for name in names_of(text))


def compiled(text: str) -> Expression | None:
    """Return the expression, or None when our language does not have it."""
    try:
        return compile_expression(text)
    except AppError:
        return None


def names_of(text: str) -> frozenset[str]:
    """Return the variables an expression reads; none when it is refused."""
    expression = compiled(text)
    return expression.names if expression else frozenset()


@lru_cache(maxsize=4096)
def tree_of(text: str) -> ast.expr | None:
    """Return the syntax of an expression of ours, or None when it is refused."""
    return ast.parse(text.strip(), mode="eval").body if compiled(text) else None


def reachable(targets: Mapping[str, tuple[str, ...]], start: str, closed: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return what can be reached from a node without going on through the closed ones."""
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        id_ = waiting.pop()
        if id_ not in reached:
            reached.add(id_)
            if id_ not in closed:
                waiting += targets.get(id_, ())
    return frozenset(reached)


def label(node: Node) -> str:
    """Return how a message calls an element: its name, else its id; cut where it is absurdly long."""
    return f"“{(node.name or node.id)[:60]}”"
