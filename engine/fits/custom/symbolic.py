"""Expressions of the language as functions: their derivatives, and their values on arrays. Nothing is evaluated as
Python.

Trees are those of the parser; derivatives are trees again, lightly simplified so that a law linear in a parameter is
seen to be so. Functions of one argument that can be differentiated: log, exp, sqrt.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scalingdsl.spec.errors import FitError
from scalingdsl.spec.syntax import ast
from scalingdsl.spec.syntax.printer import to_text

from ..core.array_algebra import Arrays
from ..core.fit_result import Array

ZERO, ONE = ast.Number("0"), ast.Number("1")


def names_of(node: ast.Expr) -> tuple[str, ...]:
    """Names in an expression, in the order of their first appearance."""
    match node:
        case ast.Name(name):
            return (name,)
        case ast.Binary(_, left, right):
            return tuple(dict.fromkeys((*names_of(left), *names_of(right))))
        case ast.Negate(inside) | ast.Group((inside,)) | ast.Call(_, (inside,)):
            return names_of(_expression(inside))
        case ast.Number():
            return ()
    raise _misplaced(node)


def value_of(node: ast.Expr, names: Mapping[str, Array]) -> Array:
    """The value of an expression, elementwise."""
    return np.asarray(_Law(lambda name: names[name.id], _misplaced).value(node))


class _Law(Arrays):
    """Arrays throughout, constants too: what has no value is NaN or infinite."""

    def constant(self, value: Any) -> Any:
        return np.float64(value)


def _misplaced(node: ast.Node) -> FitError:
    return FitError(f"`{to_text(node)}` has no place in a law: use numbers, names, + - * / ^, log, exp and sqrt")


def derivative(node: ast.Expr, by: str) -> ast.Expr:
    """The derivative of an expression by a name."""
    match node:
        case ast.Number():
            return ZERO
        case ast.Name(name):
            return ONE if name == by else ZERO
        case ast.Negate(operand):
            return minus(ZERO, derivative(operand, by))
        case ast.Group(items):
            return derivative(_expression(items[0]), by)
        case ast.Binary("+" | "-" as sign, left, right):
            return (plus if sign == "+" else minus)(derivative(left, by), derivative(right, by))
        case ast.Binary("*", left, right):
            return plus(times(derivative(left, by), right), times(left, derivative(right, by)))
        case ast.Binary("/", left, right):
            top = minus(times(derivative(left, by), right), times(left, derivative(right, by)))
            return over(top, times(right, right))
        case ast.Binary("^", left, right):
            # (u^v)' = v u^(v-1) u' + u^v log(u) v'
            lowered = ast.Binary("^", left, minus(right, ONE))
            first = times(times(right, lowered), derivative(left, by))
            return plus(first, times(times(node, ast.Call("log", (left,))), derivative(right, by)))
        case ast.Call(name, args) if len(args) == 1:
            inside = _expression(args[0])
            outer = {"log": over(ONE, inside), "exp": node, "sqrt": over(ONE, times(ast.Number("2"), node))}
            if name in outer:
                return times(outer[name], derivative(inside, by))
    raise FitError(f"`{to_text(node)}` cannot be differentiated: use numbers, names, + - * / ^, log, exp and sqrt")


def plus(left: ast.Expr, right: ast.Expr) -> ast.Expr:
    """left + right."""
    if ZERO in (left, right):
        return right if left == ZERO else left
    return ast.Binary("+", left, right)


def minus(left: ast.Expr, right: ast.Expr) -> ast.Expr:
    """left - right."""
    if right == ZERO:
        return left
    return ast.Negate(right) if left == ZERO else ast.Binary("-", left, right)


def times(left: ast.Expr, right: ast.Expr) -> ast.Expr:
    """left * right."""
    if ZERO in (left, right):
        return ZERO
    if ONE in (left, right):
        return right if left == ONE else left
    return ast.Binary("*", left, right)


def over(left: ast.Expr, right: ast.Expr) -> ast.Expr:
    """left / right."""
    return left if left == ZERO or right == ONE else ast.Binary("/", left, right)


def _expression(node: object) -> ast.Expr:
    if isinstance(node, ast.Number | ast.Name | ast.Binary | ast.Negate | ast.Group | ast.Call):
        return node
    raise FitError("a law is an expression of numbers and names: no comparisons, sets, ranges or texts")
