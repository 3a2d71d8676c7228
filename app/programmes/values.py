"""What a variable may hold at a point of a diagram, and what a condition or a limit makes of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from enum import Enum
from itertools import product
from math import prod

from app.engine.errors import ExpressionFailed
from app.engine.expressions import Expression

MOST_COMBINATIONS = 256


class Mark(Enum):
    """Values that are not spelt out: some value or other, and none because nothing was ever set."""

    SOME = "some"
    UNDEFINED = "undefined"


Value = None | bool | str | Mark
Values = frozenset[Value]
Env = Mapping[str, Values]

SOME: Values = frozenset({Mark.SOME})
NULL: Values = frozenset({None})
UNDEFINED: Values = frozenset({Mark.UNDEFINED})


class Undecided(Exception):
    """Too many combinations to try them all."""


def split(expression: Expression, env: Env) -> tuple[dict[str, Values] | None, dict[str, Values] | None, set[str]]:
    """Return what the variables may be where the condition holds, where it does not, and what cannot be compared.

    None stands for “never”. What is not spelt out may go either way.
    """
    names = sorted(expression.names & env.keys())
    holding: list[tuple[Value, ...]] = []
    failing: list[tuple[Value, ...]] = []
    broken: set[str] = set()
    for combination in _combinations(names, env, expression):
        bound = dict(zip(names, combination, strict=True))
        decided = _decide(expression, bound, broken)
        if decided is not False:
            holding.append(combination)
        if decided is not True:
            failing.append(combination)
    return _project(names, holding), _project(names, failing), broken


def _combinations(names: list[str], env: Env, expression: Expression) -> Iterator[tuple[Value, ...]]:
    sets = [sorted(env[name] - UNDEFINED or SOME, key=repr) for name in names]
    if prod(map(len, sets)) > MOST_COMBINATIONS or expression.calls or expression.names - env.keys():
        raise Undecided
    return product(*sets)


def _decide(expression: Expression, bound: Mapping[str, Value], broken: set[str]) -> bool | None:
    if Mark.SOME in bound.values():
        return None
    try:
        return bool(expression.evaluate(bound, {}))
    except ExpressionFailed:
        broken |= {name for name, value in bound.items() if value is None} or set(bound)
        return None


def _project(names: list[str], combinations: list[tuple[Value, ...]]) -> dict[str, Values] | None:
    if not combinations:
        return None
    return {name: frozenset(column) for name, column in zip(names, zip(*combinations, strict=True), strict=True)}


def may_be_null(tree: ast.expr, env: Env) -> set[str]:
    """Return the anchors that may be empty where the limit needs one; empty when some limit surely runs."""
    if not isinstance(tree, ast.Call) or not isinstance(tree.func, ast.Name):
        return set()
    if tree.func.id == "later_of":
        parts = [may_be_null(part, env) for part in tree.args]
        return set() if not all(parts) else set().union(*parts)
    if tree.func.id == "escalate":
        return set().union(*(may_be_null(part, env) for part in tree.args))
    given = [*tree.args, *(word.value for word in tree.keywords)]
    return {part.id for part in given if isinstance(part, ast.Name) and None in env.get(part.id, SOME)}
