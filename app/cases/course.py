"""Which steps follow one another in one pair of hands, so that they can be filled in together."""

from __future__ import annotations

from collections.abc import Iterator

from app.cases.acting import needs_signature
from app.engine.definition import Definition, Node
from app.identity.actor import Actor

# Passed by themselves: nothing is decided there, and nobody is waited for.
PASSED = ("serviceTask", "intermediateThrowEvent", "exclusiveGateway")


def steps_in_a_row(definition: Definition, element: str, actor: Actor) -> list[Node]:
    """Return a user task and those that follow it for certain in the same lane, up to one that waits for a signature.

    It ends where the diagram decides, forks, joins, waits, or leaves the lane.
    """
    node = definition.nodes[element]
    row = [node]
    while not needs_signature(node, actor):
        following = next(_following(definition, node), None)
        if following is None or following.lane != node.lane or following in row:
            break
        row.append(following)
        node = following
    return row


def _following(definition: Definition, node: Node) -> Iterator[Node]:
    """Yield the user task that the token comes to next, if that is certain."""
    while len(flows := definition.outgoing[node.id]) == 1:
        node = definition.nodes[flows[0].target]
        if node.kind == "userTask":
            yield node
            return
        if node.kind not in PASSED:
            return
