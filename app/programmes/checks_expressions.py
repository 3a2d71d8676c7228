"""Checks of the three places where a diagram computes: limits, windows, conditions."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from app.engine.expressions import compile_expression
from app.engine.xml import tag
from app.errors import AppError
from app.programmes.checks_xml import JUEL, owner
from app.programmes.findings import Finding
from app.programmes.subject import Subject, tree_of

XSI = "http://www.w3.org/2001/XMLSchema-instance"
LONGEST_LIMIT = 366
COUNTED = ("working_days", "natural_days")
SHAPE = "escalate(working_days(2, since=round_at))"


def check_texts_of_expressions(subject: Subject) -> Iterator[Finding]:
    """Find expressions that our small language does not have, or that name what nobody sets."""
    known = _known_names(subject)
    for element, _kind, text in expressions(subject):
        if JUEL.search(text):
            yield Finding(
                element, "juel-expression", f"不能写 {text[:40]}：这里不运行 Camunda 的表达式。请只写变量、比较和已登记的功能。"
            )
            continue
        try:
            expression = compile_expression(text)
        except AppError as error:
            yield Finding(element, "expression-refused", f"{error.message}请改写。")
            continue
        for name in sorted(expression.names - known):
            yield Finding(element, "unknown-name", f"没有名为 {name[:60]} 的变量：它不是表单项，也不是系统写的变量。请检查拼写。")
        for call in expression.calls:
            if call.function not in subject.vocabulary.timer_functions:
                yield Finding(element, "unknown-function", f"没有名为 {call.function[:60]} 的功能。可用：{_functions(subject)}。")


def _functions(subject: Subject) -> str:
    return "、".join(sorted(subject.vocabulary.timer_functions))


def _known_names(subject: Subject) -> frozenset[str]:
    fields = {field.id for node in subject.nodes.values() for field in node.form}
    return subject.vocabulary.written | fields


def expressions(subject: Subject) -> Iterator[tuple[str, str, str]]:
    """Yield every expression with its element and kind: limit, window or condition."""
    for node in subject.nodes.values():
        if node.timer:
            yield node.id, "limit", node.timer[1]
        if node.event == "message" and "window" in node.properties:
            yield node.id, "window", node.properties["window"]
    for flow, text in subject.conditions:
        yield flow.id, "condition", text


def check_shapes(subject: Subject) -> Iterator[Finding]:
    """Find limits that are not `escalate(…)`, calls with wrong arguments, and calls in conditions."""
    for element, kind, text in expressions(subject):
        tree = tree_of(text)
        if tree is None:
            continue
        if kind == "condition":
            if any(isinstance(part, ast.Call) for part in ast.walk(tree)):
                yield Finding(element, "call-in-condition", "条件里不能调用功能，只能比较变量。请改写。")
        elif kind == "limit" and _callee(tree) != "escalate":
            yield Finding(element, "timer-expression", f"期限须写成 escalate(…)，如 {SHAPE}。不能写日期、时长或 R3/P1D。")
        else:
            inner = _escalated(tree) if kind == "limit" else tree
            problems = ["escalate 只带一个期限"] if inner is None else list(_limit(inner))
            yield from (Finding(element, *_arguments(problem)) for problem in problems)


def _arguments(problem: str) -> tuple[str, str]:
    rule = "limit-size" if problem.startswith("天数") else "bad-arguments"
    return rule, f"期限的写法不对：{problem}。如 {SHAPE}。"


def _callee(tree: ast.expr) -> str | None:
    return tree.func.id if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) else None


def _escalated(tree: ast.expr) -> ast.expr | None:
    if isinstance(tree, ast.Call) and len(tree.args) == 1 and not tree.keywords:
        return tree.args[0]
    return None


def _limit(tree: ast.expr) -> Iterator[str]:
    """Yield what is wrong with one limit, as the rest of a sentence."""
    name = _callee(tree)
    if not isinstance(tree, ast.Call) or name is None:
        yield "期限要由 working_days、natural_days、end_of 或 later_of 算出"
    elif name in COUNTED:
        yield from _counted(name, tree)
    elif name == "end_of":
        yield from _end_of(tree)
    elif name == "later_of":
        yield from _later_of(tree)
    elif name == "escalate":
        yield "escalate 只能写一次，在最外面，且不用于提出的期限"


def _end_of(tree: ast.Call) -> Iterator[str]:
    if len(tree.args) != 1 or tree.keywords or not isinstance(tree.args[0], ast.Name):
        yield "end_of 只带一个日期变量"


def _later_of(tree: ast.Call) -> Iterator[str]:
    if len(tree.args) < 2 or tree.keywords:
        yield "later_of 至少带两个期限"
    for part in tree.args:
        yield from _limit(part)


def _counted(name: str, tree: ast.Call) -> Iterator[str]:
    given = {word.arg: word.value for word in tree.keywords}
    if len(tree.args) != 1 or set(given) != {"since"} or not isinstance(given["since"], ast.Name):
        yield f"{name} 要带一个天数和起算时刻 since=变量"
        return
    days = tree.args[0]
    if not isinstance(days, ast.Constant) or type(days.value) is not int:
        yield f"{name} 的天数须是写明的整数"
    elif not 0 <= days.value <= LONGEST_LIMIT:
        yield f"天数须在 0 到 {LONGEST_LIMIT} 之间"


def check_empty(subject: Subject) -> Iterator[Finding]:
    """Find conditions and limits that are drawn but empty."""
    for name in ("conditionExpression", "timeCycle"):
        for element in subject.root.iter(tag(name)):
            if not (element.text or "").strip():
                yield Finding(owner(element), "empty-expression", "这里有空的条件或期限。请写明，或删除。")
            kind = element.get(f"{{{XSI}}}type", "tFormalExpression")
            if not kind.endswith("tFormalExpression"):
                yield Finding(
                    owner(element), "unknown-attribute", f"条件和期限的类型 {kind[:60]} 不认识。请用 tFormalExpression。"
                )
