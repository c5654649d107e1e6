"""Rules about claims: none that the bounds of its quantity settle before anything is trained."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from ..claims.claim_conditions import Claim
from ..diagnostics.collect import Fault
from ..errors import Diagnostic
from ..expressions.canonical_tree import text
from ..expressions.sweeps import constant
from ..syntax import ast
from ..syntax.visit import calls_in, names_in
from ..vocabulary.functions import REDUCTIONS
from ..vocabulary.words.laws import EXPONENT_BOUND

#: Bounds that fitted quantities cannot leave: (least, greatest, whether the least itself is left out).
EXPONENTS = ("alpha", "beta", "gamma", "rate")
POSITIVE = (
    "A",
    "B",
    "K",
    "E",
    "mse",
    "rmse",
    "rmse_log",
    "holdout",
    "n",
    "excess",
    "loss",
    "entropy_rate",
    "N",
    "D",
    "C",
)
SHARES = ("a", "b")


def settled_claims(claims: Iterable[Claim]) -> Iterator[Diagnostic]:
    """A claim that is true or false whatever is found tests nothing: a warning."""
    for claim in claims:
        verdict = settled(claim.test)
        if verdict is not None:
            word = "holds" if verdict else "fails"
            message = f"`{text(claim.test)}` {word} whatever is found"
            yield Diagnostic("SCL430", message, claim.span, severity="warning", helps=_open(claim.test))


def _open(test: Any) -> tuple[str, ...]:
    """Between which numbers the first quantity of a settled claim lies, so that one of them leaves the claim open."""
    for node in (*calls_in(test), *names_in(test)):
        low, high = bounds(node)
        if low < high:
            between = "above 0" if high == math.inf else f"between {round(low):g} and {high:g}"
            return (f"compare `{text(node)}` with a number {between}, which the results could miss",)
    return ()


def settled(test: Any) -> bool | None:
    """Whether a condition is already true or false by the bounds of its quantities; None where it is open."""
    match test:
        case ast.And(left, right):
            one, two = settled(left), settled(right)
            if one is False or two is False:
                return False
            return True if one and two else None
        case ast.Or(left, right):
            one, two = settled(left), settled(right)
            if one or two:
                return True
            return False if one is False and two is False else None
        case ast.Not(operand):
            inner = settled(operand)
            return None if inner is None else not inner
        case ast.Group(items) if len(items) == 1:
            return settled(items[0])
        case ast.Inside(value, ast.Range(start, stop)):
            low, high = settled_order("<=", start, value), settled_order("<=", value, stop)
            if low is False or high is False:
                return False
            return True if low and high else None
        case ast.Chain(first, rest):
            verdicts = []
            left = first
            for op, right in rest:
                verdicts.append(settled_order(op, left, right))
                left = right
            if False in verdicts:
                return False
            return True if all(verdicts) else None
    return None


def settled_order(op: str, left: Any, right: Any) -> bool | None:
    """Whether one comparison follows from the bounds of its sides."""
    if op in (">", ">="):
        return settled_order({">": "<", ">=": "<="}[op], right, left)
    if op not in ("<", "<="):
        return None
    (a_low, a_high), (b_low, b_high) = bounds(left), bounds(right)
    if a_high < b_low or (op == "<=" and a_high == b_low):
        return True
    if a_low > b_high or (op == "<" and a_low == b_high):
        return False
    return None


def bounds(node: Any) -> tuple[float, float]:
    """The least and greatest value a side can have."""
    try:
        value = float(constant(node))
        return value, value
    except Fault:
        pass
    name = node.name if isinstance(node, ast.Call) else node.id if isinstance(node, ast.Name) else ""
    if name in REDUCTIONS and isinstance(node, ast.Call) and node.args:
        low, high = bounds(node.args[0])
        return (0.0, math.inf) if name == "spread" else (low, high)
    if name in EXPONENTS:
        return sys.float_info.min, EXPONENT_BOUND  # above 0; a denormal would be 0 where training flushes them
    if name in SHARES:
        return 0.0, 1.0
    return (0.0, math.inf) if name in POSITIVE else (-math.inf, math.inf)
