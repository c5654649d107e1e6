"""Expressions and conditions as functions of the point: worked out once, asked for at every point of a grid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from ..diagnostics.collect import Fault
from ..expressions.canonical_tree import text
from ..expressions.evaluate import ARITHMETIC, COMPARISON, is_percentage
from ..source import Span
from ..syntax import ast
from ..syntax.numbers import canonical_number, number
from ..vocabulary.functions import FUNCTIONS
from .point_values import Point, Value, kept


class Names(Protocol):
    """What the names of an expression stand for."""

    def knows(self, name: str) -> bool:
        """Whether a name has a value."""

    def value(self, name: str, span: Span) -> Value:
        """What a name stands for; `Fault` where it stands for nothing, or for itself."""


def compiled(node: Any, names: Names) -> Value:
    """An expression or condition as a function of the point."""
    match node:
        case ast.Number(digits):
            value = number(digits).value
            return Value(frozenset(), lambda p: value)
        case ast.String(content):
            return Value(frozenset(), lambda p: content)
        case ast.Name(id):
            return names.value(id, node.span)
        case ast.Binary(op, left, right):
            return _applied(ARITHMETIC[op], compiled(left, names), compiled(right, names))
        case ast.Negate(operand):
            inner = compiled(operand, names)
            return Value(inner.axes, lambda p: -inner.at(p))
        case ast.Group(items) if len(items) == 1:
            return compiled(items[0], names)
        case ast.Call():
            return _function(node, names)
        case ast.And(left, right):
            one, two = compiled(left, names), compiled(right, names)
            return Value(one.axes | two.axes, lambda p: one.at(p) and two.at(p))
        case ast.Or(left, right):
            one, two = compiled(left, names), compiled(right, names)
            return Value(one.axes | two.axes, lambda p: one.at(p) or two.at(p))
        case ast.Not(operand):
            inner = compiled(operand, names)
            return Value(inner.axes, lambda p: not inner.at(p))
        case ast.Chain(first, rest):
            return _chain(first, rest, names)
        case ast.Inside(value, where):
            return _inside(value, where, names)
        case ast.Near(value, tolerance, target):
            return _near(value, tolerance, target, names)
    raise Fault("SCL203", f"`{text(node)}` is no value here", node.span)


def condition(node: Any, names: Names) -> Value:
    """A condition as a function of the point, kept like any other value."""
    inner = compiled(node, names)
    return kept(inner.axes, lambda p: bool(inner.at(p)), node.span, f"`{text(node)}`")


def _function(node: ast.Call, names: Names) -> Value:
    if node.name not in FUNCTIONS:
        raise Fault("SCL105", f"`{node.name}` is no function of numbers", node.name_span)
    function, fewest, most = FUNCTIONS[node.name]
    if any(isinstance(a, ast.Define | ast.Axis | ast.Path) for a in node.args) or not fewest <= len(node.args) <= most:
        count = str(fewest) if fewest == most else f"{fewest} or more"
        raise Fault("SCL205", f"`{node.name}` takes {count} value{'s' * (count != '1')}", node.span)
    args = [compiled(a, names) for a in node.args]
    return Value(
        frozenset().union(*(a.axes for a in args)), lambda p: canonical_number(function(*(a.at(p) for a in args)))
    )


def _operand(node: Any, names: Names) -> Value:
    """A side of `==`: a name that stands for nothing is a label."""
    if isinstance(node, ast.Name) and not names.knows(node.id):
        return Value(frozenset(), lambda p: node.id)
    return compiled(node, names)


def _chain(first: Any, rest: tuple[tuple[ast.Comparison, Any], ...], names: Names) -> Value:
    equal = any(op in ("==", "!=") for op, _ in rest)
    side = _operand if equal else compiled
    sides = [side(n, names) for n in (first, *(n for _, n in rest))]
    tests = [COMPARISON[op] for op, _ in rest]

    def at(p: Point) -> bool:
        values = [s.at(p) for s in sides]
        return all(test(a, b) for test, a, b in zip(tests, values, values[1:], strict=False))

    return Value(frozenset().union(*(s.axes for s in sides)), at)


def _inside(value: Any, where: Any, names: Names) -> Value:
    if isinstance(where, ast.Range):
        return _chain(where.start, (("<=", value), ("<=", where.stop)), names)
    if isinstance(where, ast.Set):
        inner, members = compiled(value, names), [_operand(e.value, names) for e in where.entries]
        axes = inner.axes.union(*(m.axes for m in members))
        return Value(axes, lambda p: inner.at(p) in [m.at(p) for m in members])
    raise Fault("SCL303", "after `in` stands an interval or a list", where.span)


def _near(value: Any, tolerance: Any, target: Any, names: Names) -> Value:
    a, t, b = compiled(value, names), compiled(tolerance, names), compiled(target, names)
    relative = is_percentage(tolerance)
    return Value(
        a.axes | t.axes | b.axes,
        lambda p: abs(a.at(p) - b.at(p)) <= t.at(p) * (abs(b.at(p)) if relative else 1),
    )


def _applied(op: Callable[[Any, Any], Any], left: Value, right: Value) -> Value:
    one, two = left.at, right.at
    return Value(left.axes | right.axes, lambda p: op(one(p), two(p)))
