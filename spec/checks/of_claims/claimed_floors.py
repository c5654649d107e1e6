"""Claims about the floor of a law that the entropy rate, which is known, leaves no room for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ...claims.claim_conditions import Claim
from ...claims.claimed_ranges import claimed
from ...claims.references import references, selected, written
from ...errors import Diagnostic
from ...expressions.canonical_tree import text
from ...plan.study_plan import FitRequest
from ...plan.survey import Cell
from ...syntax import ast
from ...syntax.numbers import number
from ...syntax.visit import children, conjuncts
from ..fit_rules import NEARLY
from ..told_apart import FLOOR
from .claim_bounds import PLACES

#: How far apart entropy rates are one.
ONE_RATE = 0.01
#: How many times the entropy rate a floor that is claimed is taken for a mistake.
FAR_ABOVE = 1.5
#: What is measured above the least loss, and that loss.
EXCESS, FLOOR_OF_DATA = "excess", "entropy_rate"
#: Nats in a bit.
BIT = math.log(2)


def claimed_floors(claims: Iterable[Claim], cells: Sequence[Cell]) -> Iterator[Diagnostic]:
    """A floor of a law in N and D that is claimed to lie below the entropy rate, or at what it is in bits; and one of
    what lies above the entropy rate that is claimed to lie at it.
    """
    claims = tuple(claims)
    yield from _taken_off(claims)
    rates = [cell.source.least_entropy for cell in cells if cell.source.exact]
    if len(rates) < len(cells) or not rates or not 0 < min(rates) <= max(rates) <= (1 + ONE_RATE) * min(rates):
        return
    rate = min(rates)
    most = math.log(max(getattr(cell.source, "vocab", 2) or math.inf for cell in cells))
    for claim in claims:
        refs = [ref for ref in selected(claim.tree) if ref.asks]
        floors = [ref for ref in refs if (ref.kind == "fit" and ref.name == FLOOR) or ref.name == FLOOR_OF_DATA]
        if not floors or len(floors) < len([*references(claim.tree)]):
            continue
        requests = [ref.request for ref in floors if isinstance(ref.request, FitRequest)]
        if any(r.loss != "loss" or r.quantities[1:] != ("D",) or FLOOR in dict(r.fixed) for r in requests):
            continue
        named = [text(ref.written) for ref in floors]
        alone = {*named, *(f"{word}({name})" for name in named for word in PLACES)}
        for part in conjuncts(claim.test):
            one = claimed(part)
            if one is None or one.base is not None or one.quantity.removesuffix(" / ") not in alone:
                continue
            bits, closed = rate / BIT, -math.inf < one.low and one.high < math.inf
            below, in_bits = 0 < one.high < NEARLY * rate, NEARLY * bits <= one.low <= bits <= one.high <= bits / NEARLY
            # a fit of a short range may find one that is somewhat above
            above = one.low > (FAR_ABOVE * rate if closed and floors[0].name != FLOOR_OF_DATA else most)
            if below or in_bits or above:
                own = text(floors[0].written)
                message = f"`{text(part)}`: the loss of unlimited size and data is the entropy rate, {rate:.4g} nats"
                notes = (f"in bits that is {bits:.4g}, and losses are in nats",) if in_bits else ()
                helps: tuple[str, ...] = (f"write `{own} within 2% of entropy_rate`",)
                if floors[0].name == FLOOR_OF_DATA:
                    message = f"`{text(part)}` fails: the entropy rate of this source is some {rate:.4g} nats"
                    helps = (f"write `{own} within 5% of {rate:.3g}`",)
                place = part.span if part.span in claim.span else claim.span
                yield Diagnostic("SCL439", message, place, severity="warning", notes=notes, helps=helps)


def _taken_off(claims: Iterable[Claim]) -> Iterator[Diagnostic]:
    """`E(power(D, loss=excess)) within 2% of entropy_rate`: what is left above it is near 0, and not near it."""
    for claim in claims:
        for part in _conditions(claim.tree):
            left, right = [*references(part.value)], [*references(part.target)]
            if (
                len(left) != 1
                or text(written(part.target)) != FLOOR_OF_DATA
                or [ref.name for ref in right] != [FLOOR_OF_DATA]
                or not isinstance(part.tolerance, ast.Number)
            ):
                continue
            of_fit = isinstance(left[0].request, FitRequest) and left[0].request.loss == EXCESS
            if not (of_fit and left[0].name == FLOOR) and left[0].name != EXCESS:
                continue
            own, width = text(written(part.value)), part.tolerance.text
            most = f"{width}*{FLOOR_OF_DATA}" if number(width).unit == "%" else width
            message = f"`{own}` is what is left above the entropy rate, which `excess` has taken off already"
            place = part.span if part.span in claim.span else claim.span
            yield Diagnostic("SCL439", message, place, severity="warning", helps=(f"write `{own} < {most}`",))


def _conditions(tree: Any) -> Iterator[ast.Near]:
    """The conditions of a claim that say how near two numbers are."""
    if isinstance(tree, ast.Near):
        yield tree
    elif isinstance(tree, ast.Node):
        for part in children(tree):
            yield from _conditions(part)
