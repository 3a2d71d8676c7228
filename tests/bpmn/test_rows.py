"""Every row of the five processes is an element, with the owner and the limit that were read from the notice."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from app.engine.definition import Definition, Node
from app.programmes.bundle import SHIPPED, read_bundle

ROWS: dict[str, Any] = tomllib.loads((Path(__file__).parent.parent / "rows.toml").read_text(encoding="utf-8"))


def facts(definition: Definition, node: Node) -> dict[str, str]:
    """What an official would argue about: who, how long, until when."""
    limit = definition.limits.get(node.id)
    found = {
        "lane": node.lane,
        "limit": limit.timer[1].removeprefix("escalate(").removesuffix(")") if limit and limit.timer else None,
        "window": node.properties.get("window"),
        "largest": node.properties.get("largest"),
        "act": node.act,
    }
    return {name: value for name, value in found.items() if value}


@pytest.mark.parametrize("row", [pytest.param(row, marks=pytest.mark.clause(row)) for row in ROWS])
def test_a_row_is_drawn_with_its_owner_and_its_limit(row: str) -> None:
    programme, number = row.split(" ", 1)
    definition = read_bundle(SHIPPED / programme.lower()).program.definition
    drawn = {node.id: facts(definition, node) for node in definition.nodes.values() if node.properties.get("row") == number}
    assert drawn == ROWS[row]["elements"]


@pytest.mark.parametrize("folder", sorted(SHIPPED.iterdir()), ids=lambda folder: folder.name)
def test_no_element_claims_a_row_that_the_list_does_not_have(folder: Path) -> None:
    definition = read_bundle(folder).program.definition
    rows = {f"{folder.name.upper()} {node.properties['row']}" for node in definition.nodes.values() if "row" in node.properties}
    assert rows <= ROWS.keys()


@pytest.mark.parametrize("folder", sorted(SHIPPED.iterdir()), ids=lambda folder: folder.name)
def test_every_clause_cited_is_in_the_rules_with_the_notices_own_sentence(folder: Path) -> None:
    bundle = read_bundle(folder)
    cited = {
        clause
        for node in bundle.program.definition.nodes.values()
        for clause in (node.clause or "").split("；")
        if clause and clause.split(" ")[0] == folder.name.upper()
    }
    assert cited <= bundle.rules.clauses.keys()
