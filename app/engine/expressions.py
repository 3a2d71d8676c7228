"""The only language a diagram may compute in.

Names, literals, comparisons, and/or/not, + and −, and calls of registered functions with
plain arguments. No attributes, no indexing, no loops: cost is bounded by the length of the
text. Compiled once, cached by text.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from app.engine.errors import ExpressionFailed, ExpressionRefused

MAX_LENGTH = 200
MAX_TEXT = 500

Names = Mapping[str, Any]
Functions = Mapping[str, Callable[..., Any]]
Code = Callable[[Names, Functions], Any]

COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {ast.Add: operator.add, ast.Sub: operator.sub}


@dataclass(frozen=True)
class Call:
    """One call as written: the function, and the argument texts by position and keyword."""

    function: str
    positional: tuple[str, ...]
    keywords: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Expression:
    """A compiled expression and what it mentions, for the linter."""

    text: str
    names: frozenset[str]
    calls: tuple[Call, ...]
    code: Code

    def evaluate(self, names: Names, functions: Functions) -> Any:
        """Return its value.

        Raises:
            ExpressionFailed: an unknown name, or values that do not fit the operation.
        """
        try:
            return self.code(names, functions)
        except (TypeError, KeyError, ValueError, OverflowError) as error:
            raise ExpressionFailed(f"表达式无法计算：{self.text}") from error


@lru_cache(maxsize=4096)
def compile_expression(text: str) -> Expression:
    """Compile a text of our small language.

    Raises:
        ExpressionRefused: it is too long or uses anything else.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionRefused(f"表达式超过 {MAX_LENGTH} 个字符。")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise ExpressionRefused(f"表达式写法不对：{text[:60]}") from error
    calls = tuple(_call(node) for node in ast.walk(tree) if isinstance(node, ast.Call))
    functions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in functions}
    return Expression(text, frozenset(names), calls, _compile(tree.body))


def _call(node: ast.Call) -> Call:
    if not isinstance(node.func, ast.Name) or any(word.arg is None for word in node.keywords):
        raise _refused(node)
    keywords = tuple((str(word.arg), ast.unparse(word.value)) for word in node.keywords)
    return Call(node.func.id, tuple(ast.unparse(argument) for argument in node.args), keywords)


def _refused(node: ast.AST) -> ExpressionRefused:
    return ExpressionRefused(
        f"表达式里不能用“{ast.unparse(node)[:60]}”：只允许名称、常量、比较、and/or/not、加减和已登记的函数。"
    )


def _compile(node: ast.AST) -> Code:
    compiler = COMPILERS.get(type(node))
    if compiler is None:
        raise _refused(node)
    return compiler(node)


def _constant(node: ast.Constant) -> Code:
    value = node.value
    if not isinstance(value, str | int | bool | None) or (isinstance(value, int) and abs(value) > 10**6):
        raise _refused(node)
    return lambda names, functions: value


def _name(node: ast.Name) -> Code:
    name = node.id
    if name.startswith("_"):
        raise _refused(node)
    return lambda names, functions: names[name]


def _boolean(node: ast.BoolOp) -> Code:
    parts = [_compile(value) for value in node.values]
    if isinstance(node.op, ast.And):
        return lambda names, functions: all(part(names, functions) for part in parts)
    return lambda names, functions: any(part(names, functions) for part in parts)


def _unary(node: ast.UnaryOp) -> Code:
    operand = _compile(node.operand)
    if isinstance(node.op, ast.Not):
        return lambda names, functions: not operand(names, functions)
    if isinstance(node.op, ast.USub):
        return lambda names, functions: -operand(names, functions)
    raise _refused(node)


def _comparison(node: ast.Compare) -> Code:
    if len(node.ops) != 1 or type(node.ops[0]) not in COMPARE:
        raise _refused(node)
    compare, left, right = COMPARE[type(node.ops[0])], _compile(node.left), _compile(node.comparators[0])
    return lambda names, functions: compare(left(names, functions), right(names, functions))


def _arithmetic(node: ast.BinOp) -> Code:
    if type(node.op) not in ARITHMETIC:
        raise _refused(node)
    combine, left, right = ARITHMETIC[type(node.op)], _compile(node.left), _compile(node.right)

    def code(names: Names, functions: Functions) -> Any:
        value = combine(left(names, functions), right(names, functions))
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise ValueError("text too long")
        return value

    return code


def _function_call(node: ast.Call) -> Code:
    name = _call(node).function
    positional = [_compile(argument) for argument in node.args]
    keywords = [(str(word.arg), _compile(word.value)) for word in node.keywords]

    def code(names: Names, functions: Functions) -> Any:
        return functions[name](
            *(argument(names, functions) for argument in positional),
            **{key: value(names, functions) for key, value in keywords},
        )

    return code


COMPILERS: dict[type[ast.AST], Callable[[Any], Code]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.BoolOp: _boolean,
    ast.UnaryOp: _unary,
    ast.Compare: _comparison,
    ast.BinOp: _arithmetic,
    ast.Call: _function_call,
}
