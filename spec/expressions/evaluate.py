"""Values of expressions and conditions, with Python's operators only, so that arrays work as well as numbers."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from ..syntax import ast
from ..syntax.numbers import number

Lookup = Callable[[ast.Name | ast.Call], Any]

#: Whole numbers are exact up to here; powers beyond are worked out as floats, which overflow at once.
EXACT_BITS = 1024


def power(base: Any, exponent: Any) -> Any:
    """`base ^ exponent`, never a complex number, and never minutes of exact arithmetic: `10k^10k^10k` overflows."""
    if isinstance(base, int) and isinstance(exponent, int) and base.bit_length() * abs(exponent) > EXACT_BITS:
        return float(base) ** exponent
    result = operator.pow(base, exponent)
    if isinstance(result, complex):
        raise ArithmeticError("a broken power of a negative number")
    return result


ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": power,
}
COMPARISON: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


def evaluate(node: ast.Test | ast.Value, lookup: Lookup) -> Any:
    """The value of `node`; names and calls are what `lookup` says they are.

    Numbers lose their unit, a percentage is a fraction; `x in [a..b]` is the closed interval; `and`, `or`, `not` act
    elementwise on arrays and on plain truth values. A group of several items is a tuple.
    """
    match node:
        case ast.Number(text):
            return number(text).value
        case ast.String(value):
            return value
        case ast.Name() | ast.Call():
            return lookup(node)
        case ast.Binary(op, left, right):
            return ARITHMETIC[op](evaluate(left, lookup), evaluate(right, lookup))
        case ast.Negate(operand):
            return -evaluate(operand, lookup)
        case ast.Group(items):
            values = tuple(evaluate(i, lookup) for i in items)
            return values[0] if len(values) == 1 else values
        case ast.Or(left, right):
            return evaluate(left, lookup) | evaluate(right, lookup)
        case ast.And(left, right):
            return evaluate(left, lookup) & evaluate(right, lookup)
        case ast.Not(operand):
            return negation(evaluate(operand, lookup))
        case ast.Chain(first, rest):
            return _chain(first, rest, lookup)
        case ast.Inside(value, where):
            return inside(evaluate(value, lookup), where, lookup)
        case ast.Near(value, tolerance, target):
            return near(evaluate(value, lookup), tolerance, evaluate(target, lookup), lookup)
    raise TypeError(f"{type(node).__name__} has no value here")


def negation(value: Any) -> Any:
    """Not, for truth values and arrays of them (`~True` would be -2)."""
    return (not value) if isinstance(value, bool) else ~value


def _chain(first: ast.Expr, rest: tuple[tuple[ast.Comparison, ast.Expr], ...], lookup: Lookup) -> Any:
    left, held = evaluate(first, lookup), None
    for op, node in rest:
        right = evaluate(node, lookup)
        step = COMPARISON[op](left, right)
        held = step if held is None else held & step
        left = right
    return held


def inside(value: Any, where: ast.Value, lookup: Lookup) -> Any:
    """Whether a value lies in a closed interval `[a..b]` or is one of `{a, b}`."""
    if isinstance(where, ast.Range):
        return (evaluate(where.start, lookup) <= value) & (value <= evaluate(where.stop, lookup))
    if isinstance(where, ast.Set):
        held: Any = False
        for entry in where.entries:
            held = (value == evaluate(entry.value, lookup)) | held
        return held
    raise TypeError("after `in` stands an interval or a set")


def near(value: Any, tolerance: ast.Expr, target: Any, lookup: Lookup) -> Any:
    """Whether `value` is within `tolerance` of `target`; a percentage is relative to the target."""
    width = evaluate(tolerance, lookup)
    if is_percentage(tolerance):
        width = width * abs(target)
    return abs(value - target) <= width


def is_percentage(node: ast.Expr) -> bool:
    """Whether an expression is a number written with `%`."""
    while isinstance(node, ast.Group) and len(node.items) == 1 and not isinstance(node.items[0], ast.Or | ast.And):
        node = node.items[0]  # type: ignore[assignment]
    return isinstance(node, ast.Number) and number(node.text).unit == "%"
