"""A condition of a claim as a range: between what numbers it wants a quantity, or its ratio to another."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from ..diagnostics.collect import Fault
from ..expressions.canonical_tree import text
from ..expressions.evaluate import is_percentage
from ..expressions.sweeps import constant
from ..syntax import ast
from ..syntax.visit import conjuncts
from .references import written

_BELOW, _ABOVE = ("<", "<="), (">", ">=")
#: The same comparison, read from the right.
_TURNED: dict[str, ast.Comparison] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
#: What is true where a comparison is not.
_OPPOSITE: dict[str, ast.Comparison] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


class Claimed(NamedTuple):
    """One condition: a quantity, or its ratio to another, between two numbers."""

    quantity: str
    low: float
    high: float
    node: Any
    #: Whether its ends themselves do not satisfy it.
    strict: bool = False
    #: What the ratio is to, which has to be above 0 for it to say what the condition does; None for a quantity alone.
    base: Any = None


def claimed(node: Any) -> Claimed | None:
    """A condition as a range; None where it is none."""
    match node:
        case ast.Group((inner,)):
            return claimed(inner)
        case ast.Not(ast.Group((ast.Chain(value, ((op, end),)),)) | ast.Chain(value, ((op, end),))) if op in _OPPOSITE:
            return claimed(ast.Chain(value, ((_OPPOSITE[op], end),), span=node.span))
        case ast.Chain(value, ((op, end),)) if op in (*_BELOW, *_ABOVE):
            base, at = multiple(end)
            if at is None:
                return None
            low, high = (-math.inf, at) if op in _BELOW else (at, math.inf)
            if base is not None and at > 0 and text(base) < text(value):  # the same ratio, whichever way it is typed
                value, base, low, high = base, value, *((1 / at, math.inf) if op in _BELOW else (-math.inf, 1 / at))
            return Claimed(f"{text(value)} / {_said(base)}", low, high, node, op in ("<", ">"), base)
        case ast.Inside(value, ast.Range(start, stop)):
            (base, at), (other, to) = multiple(start), multiple(stop)
            if at is None or to is None or _said(base) != _said(other):
                return None
            low, high = at, to
        case ast.Near(value, width, target):
            base, at = multiple(target)
            by = number_of(width)
            if at is None or by is None or (base is not None and not is_percentage(width)):
                return None
            by = by * abs(at) if is_percentage(width) else by
            low, high = at - by, at + by
        case _:
            return None
    return Claimed(f"{text(value)} / {_said(base)}", low, high, node, base=base)


def comparisons(test: Any) -> tuple[Any, ...]:
    """The comparisons of a chain such as `0.3 < x < 0.5`, numbers on their right; any other condition itself."""
    if not isinstance(test, ast.Chain):
        return (test,)
    sides, found = (test.first, *(side for _, side in test.rest)), []
    for left, (op, right) in zip(sides, test.rest, strict=False):
        base, at = multiple(left)
        if op in _TURNED and at is not None and (base is None or at != 1) and number_of(right) is None:
            left, op, right = right, _TURNED[op], left
        found.append(ast.Chain(left, ((op, right),), span=test.span))
    return tuple(found)


def exchanged(test: Any) -> str:
    """What was meant by a condition whose two ends are exchanged, `x > 1M and x < 500k`; empty for any other."""
    parts = [part for one in conjuncts(test) for part in comparisons(one)] if test is not None else []
    ranges = [one for part in parts if (one := claimed(part)) is not None]
    return between(*ranges) if len(ranges) == len(parts) == 2 and excluded(*ranges) else ""


def between(one: Claimed, two: Claimed) -> str:
    """The condition that lies between the ends of two that exclude each other; empty where there is none."""
    below, above = sorted((one.node, two.node), key=lambda node: not _limits(node, _BELOW))
    if not (_limits(below, _BELOW) and _limits(above, _ABOVE)) or {one.low, two.low} & {one.high, two.high}:
        return ""
    low, high = (text(node.rest[0][1]) for node in (below, above))
    ops = ["<" if "=" not in node.rest[0][0] else "<=" for node in (below, above)]
    return f"{low} {ops[0]} {text(below.first)} {ops[1]} {high}" if below.first == above.first else ""


def _limits(node: Any, ops: tuple[str, ...]) -> bool:
    return isinstance(node, ast.Chain) and node.rest[0][0] in ops


def excluded(one: Claimed, two: Claimed, *, noisy: bool = False) -> bool:
    """True where no number satisfies both; one estimated with noise is never where they meet."""
    first, second = (one, two) if one.low <= two.low else (two, one)
    meets = first.high == second.low and (noisy or one.strict or two.strict)
    return one.quantity == two.quantity and (first.high < second.low or meets)


def _said(base: Any) -> str:
    return "" if base is None else text(base)


def multiple(node: Any) -> tuple[Any, float | None]:
    """A side as a number times a quantity, which is None for a number alone; the number is None for anything else."""
    if (alone := number_of(node)) is not None:
        return None, alone
    match node:
        case ast.Call() | ast.Name():
            return node, 1.0
        case ast.Group((inner,)):
            return multiple(inner)
        case ast.Binary("/", inner, by):
            share = number_of(by)
            one, factor = multiple(inner)
            return (one, factor / share) if share and factor is not None else (None, None)
        case ast.Binary("*", first, second):
            for by, inner in ((first, second), (second, first)):
                if (times := number_of(by)) is not None:
                    one, factor = multiple(inner)
                    return (one, factor * times) if factor is not None else (None, None)
    return None, None


def number_of(node: Any) -> float | None:
    """The value of an expression of numbers alone; None for another."""
    try:
        return float(constant(written(node)))
    except (Fault, ValueError, TypeError):
        return None
