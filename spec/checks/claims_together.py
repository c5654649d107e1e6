"""Rules about claims together: none is made twice or rules another out, and a reduction is of several values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from ..claims.claim_conditions import Claim
from ..claims.references import QuantityRef, Reduction
from ..diagnostics.collect import Fault
from ..errors import Diagnostic, Label
from ..expressions.canonical_tree import text
from ..expressions.evaluate import is_percentage
from ..expressions.sweeps import constant
from ..plan.study_plan import FitRequest
from ..source import Span
from ..syntax import ast
from ..syntax.visit import children, conjuncts

#: The reduction that is 0 of one value.
APART = "spread"


class _Part(NamedTuple):
    """One condition of a claim: a quantity between two numbers."""

    quantity: str
    low: float
    high: float
    span: Span
    written: str


def repeated_claims(claims: Sequence[Claim]) -> Iterator[Diagnostic]:
    """Claims that say what another says, or what rules another out."""
    seen: dict[tuple[str, str], Claim] = {}
    parts: list[_Part] = []
    for claim in claims:
        where = "" if claim.where is None else text(claim.where)
        first = seen.setdefault((text(claim.test), where), claim)
        if first is not claim:
            message = f"`{text(claim.test)}` is claimed twice, and counts twice among what held"
            labels = (Label(first.span, "first here"),)
            yield Diagnostic("SCL444", message, claim.span, "warning", labels, helps=("leave one of them out",))
            continue
        for node in conjuncts(claim.test):
            part = _part(node, where, claim.span)
            other = None if part is None else next((p for p in parts if _exclude(p, part)), None)
            if part is not None and other is not None:
                message = f"`{part.written}` and `{other.written}` cannot both hold"
                labels = (Label(other.span, "the other claim"),)
                helps = ("claim the one that is expected: each claim fails the study where it fails",)
                yield Diagnostic("SCL444", message, part.span, "warning", labels, helps=helps)
            elif part is not None:
                parts.append(part)


def _exclude(one: _Part, two: _Part) -> bool:
    return one.quantity == two.quantity and (one.high < two.low or two.high < one.low)


def _part(node: Any, where: str, span: Span) -> _Part | None:
    """A condition as a quantity between two numbers; None where it is none."""
    low, high = -math.inf, math.inf
    match node:
        case ast.Group((inner,)):
            return _part(inner, where, span)
        case ast.Chain(value, ((("<" | "<="), end),)) if (at := _number(end)) is not None:
            high = at
        case ast.Chain(value, (((">" | ">="), end),)) if (at := _number(end)) is not None:
            low = at
        case ast.Inside(value, ast.Range(start, stop)) if (at := _number(start)) is not None:
            low, high = at, _number(stop) or math.inf
        case ast.Near(value, width, target) if (at := _number(target)) is not None and (
            by := _number(width)
        ) is not None:
            by = by * abs(at) if is_percentage(width) else by
            low, high = at - by, at + by
        case _:
            return None
    place = node.span if node.span in span else span
    return _Part(f"{text(value)} {where}", low, high, place, text(node))


def _number(node: Any) -> float | None:
    try:
        return float(constant(node))
    except (Fault, ValueError, TypeError):
        return None


def reductions_of_one(claims: Iterable[Claim], panels: Callable[[Any], int]) -> Iterator[Diagnostic]:
    """A spread of the numbers of one fit is 0, whatever is found; `panels` counts the values of a quantity."""
    for claim in claims:
        for found in _reductions(claim.tree):
            if found.word == APART and panels(found.quantity) == 1:
                inner = text(found.written.args[0])
                message = f"`{text(found.written)}` is 0 whatever is found: `{inner}` is one number here"
                notes = ("values of an axis that the law sees are fitted together, and make one fit",)
                helps = ("give each value a fit of its own with `panel`, as in `panel layers in {1, 2, 4}`",)
                span = found.span if found.span in claim.span else claim.span
                yield Diagnostic("SCL443", message, span, "warning", notes=notes, helps=helps)


def of_table(quantity: Any) -> int:
    """The values that a quantity of a fit to a table without panels has: one, unless its slices are fits."""
    if not isinstance(quantity, QuantityRef) or quantity.request is None or quantity.selectors:
        return 0
    request = quantity.request
    return int(not isinstance(request, FitRequest) or (request.group is None and len(request.variables) > 1))


def _reductions(tree: Any) -> Iterator[Reduction]:
    if isinstance(tree, Reduction):
        yield tree
    elif isinstance(tree, ast.Node):
        for part in children(tree):
            yield from _reductions(part)
