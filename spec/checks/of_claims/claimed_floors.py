"""Claims about the floor of a law that the entropy rate, which is known, leaves no room for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from ...claims.claim_conditions import Claim
from ...claims.claimed_ranges import claimed
from ...claims.references import references, selected
from ...errors import Diagnostic
from ...expressions.canonical_tree import text
from ...plan.study_plan import FitRequest
from ...plan.survey import Cell
from ...syntax.visit import conjuncts
from ..fit_rules import NEARLY
from ..told_apart import FLOOR

#: How far apart entropy rates are one.
ONE_RATE = 0.01
#: Nats in a bit.
BIT = math.log(2)


def claimed_floors(claims: Iterable[Claim], cells: Sequence[Cell]) -> Iterator[Diagnostic]:
    """A floor of a law in N and D that is claimed to lie below the entropy rate, or at what it is in bits."""
    rates = [cell.source.least_entropy for cell in cells if cell.source.exact]
    if len(rates) < len(cells) or not rates or not 0 < min(rates) <= max(rates) <= (1 + ONE_RATE) * min(rates):
        return
    rate = min(rates)
    for claim in claims:
        refs = [ref for ref in selected(claim.tree) if ref.asks]
        floors = [ref for ref in refs if ref.kind == "fit" and ref.name == FLOOR]
        if not floors or len(floors) < len([*references(claim.tree)]):
            continue
        requests = [ref.request for ref in floors if isinstance(ref.request, FitRequest)]
        if any(r.loss != "loss" or r.quantities[1:] != ("D",) or FLOOR in dict(r.fixed) for r in requests):
            continue
        for part in conjuncts(claim.test):
            one = claimed(part)
            if one is None or one.base is not None or one.low == -math.inf or one.high == math.inf:
                continue
            bits = rate / BIT
            below, in_bits = 0 < one.high < NEARLY * rate, NEARLY * bits <= one.low <= bits <= one.high <= bits / NEARLY
            if below or in_bits:
                message = f"`{text(part)}`: the loss of unlimited size and data is the entropy rate, {rate:.4g} nats"
                notes = (f"in bits that is {bits:.4g}, and losses are in nats",) if in_bits else ()
                helps = (f"write `{text(floors[0].written)} within 2% of entropy_rate`",)
                place = part.span if part.span in claim.span else claim.span
                yield Diagnostic("SCL439", message, place, severity="warning", notes=notes, helps=helps)
