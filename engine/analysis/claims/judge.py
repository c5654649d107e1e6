"""Claims judged: each draw of the fits is one possible world; a claim is held where it is true in nearly all of them.

`truths` says what is held, failed and neither. A claim over several panels or cells must hold in each that could be
fitted: the worst counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from scalingdsl.spec.claims.plan_references import ClaimReference
from scalingdsl.spec.claims.references import written
from scalingdsl.spec.claims.selection import UnansweredError
from scalingdsl.spec.plan.run_grid import PlanAxis
from scalingdsl.spec.syntax import ast
from scalingdsl.spec.syntax.printer import to_text
from scalingdsl.spec.syntax.visit import conjuncts

from ...fits.core.fit_result import Interval
from ..analysis_result import (
    CellTable,
    Panel,
    PanelFit,
    PanelOptimum,
    PanelVerdict,
    Relation,
    Side,
    Status,
    Verdict,
)
from .claim_operands import Quantities
from .truths import Tests
from .uncertain import Drawn, drawn, join

#: Bounds of the interval shown beside an estimate.
BAND = (0.025, 0.975)
_WORST: tuple[Status, ...] = ("failed", "undecided", "held")


def judge(
    claim: ClaimReference,
    cells: CellTable,
    axes: Sequence[PlanAxis],
    fits: Sequence[PanelFit],
    optima: Sequence[PanelOptimum],
    *,
    late: bool = False,
) -> Verdict:
    """One claim, in every panel or cell that it speaks of."""
    try:
        quantities = Quantities(cells, axes, fits, optima, claim.where)
    except UnansweredError as reason:
        return Verdict(claim.text, "undecided", (), (str(reason),), late)
    tests = Tests(quantities)
    panels: list[PanelVerdict] = []
    open_parts = False
    for part in _apart(claim.tree, quantities):
        try:
            truth = tests.truth(part)
        except UnansweredError as reason:
            quantities.skipped.setdefault(str(reason))
            open_parts = True
            continue
        open_parts |= not truth.panels
        shares = truth.shares
        judged = [
            PanelVerdict(
                panel,
                "held" if truth.held[0, i] else "failed" if truth.failed[1, i] else "undecided",
                float(shares[i]) if np.isfinite(shares[i]) else None,
                _detail(part, panel, quantities),
                tuple(_relations(part, panel, quantities)),
            )
            for i, panel in enumerate(truth.panels)
        ]
        for i, panel in enumerate(judged):
            if panel.share is None:
                quantities.note(to_text(written(part)), panel.panel, _unknown(truth.value[i]))
        panels += judged
    found: set[Status] = {p.status for p in panels} | ({"undecided"} if open_parts else set())
    status: Status = next((s for s in _WORST if s in found), "undecided")
    return Verdict(claim.text, status, tuple(panels), tuple(quantities.skipped), late)


def _unknown(value: float) -> str:
    """The reason why nothing is decided."""
    if np.isfinite(value):
        return "fewer than half of the draws give it a value (a fit to as few cells as parameters has none)"
    return "a side has no value: an estimate that there is not, a division by zero, a logarithm of what has none"


def _apart(test: ast.Test, quantities: Quantities) -> Iterator[ast.Test]:
    """A conjunction taken apart where its parts speak of panels of different axes, or of none that meet, such as those
    of two labels: each is then judged in its own.

    Parts that share their panels stay together, so that a draw must satisfy all of them at once.
    """
    parts = list(conjuncts(test))
    try:
        panels = [drawn(quantities.answer(part)).panels for part in parts]
        axes = {frozenset(frozenset(dict(p)) for p in own) for own in panels}
        meet = bool(drawn(quantities.answer(test)).panels)
    except UnansweredError:
        yield from parts
        return
    if len(parts) > 1 and (len(axes) > 1 or (all(panels) and not meet)):
        yield from parts
    else:
        yield test


# --- the two sides in numbers and words -------------------------------------------------------------------------------


def _detail(test: ast.Test, panel: Panel, quantities: Quantities) -> str:
    """The sides of every relation of a claim, with estimates and intervals, at one panel."""
    match test:
        case ast.And(left, right):
            return f"{_detail(left, panel, quantities)}; {_detail(right, panel, quantities)}"
        case ast.Or(left, right):
            return f"{_detail(left, panel, quantities)}; or {_detail(right, panel, quantities)}"
        case ast.Not(operand):
            return f"not: {_detail(operand, panel, quantities)}"
        case ast.Group(items) if len(items) == 1:
            return _detail(items[0], panel, quantities)
        case ast.Chain(first, rest) if len(rest) > 1:
            sides = (f"{op} {_side(node, panel, quantities)}" for op, node in rest)
            return " ".join([str(_side(first, panel, quantities)), *sides])
    relation = _relation(test, panel, quantities)
    return str(_side(test, panel, quantities)) if relation is None else str(relation)


def _relations(test: ast.Test, panel: Panel, quantities: Quantities) -> Iterator[Relation]:
    """The relations of a claim that is nothing but relations joined by `and`; else none."""
    found = [_relation(part, panel, quantities) for part in conjuncts(test)]
    if all(found):
        yield from (relation for relation in found if relation is not None)


def _relation(test: ast.Test, panel: Panel, quantities: Quantities) -> Relation | None:
    """One side held against another, a range or a set; None for a test that is made otherwise."""
    match test:
        case ast.Chain(first, ((op, other),)):
            return Relation(_side(first, panel, quantities), op, _side(other, panel, quantities))
        case ast.Inside(value, where):
            return Relation(_side(value, panel, quantities), f"in {to_text(written(where))}")
        case ast.Near(value, tolerance, target):
            words = f"within {to_text(written(tolerance))} of"
            return Relation(_side(value, panel, quantities), words, _side(target, panel, quantities))
    return None


def _side(node: ast.Test, panel: Panel, quantities: Quantities) -> Side:
    text = to_text(written(node))
    if isinstance(node, ast.Number):
        return Side(text)
    value = quantities.answer(node)
    if not isinstance(value, Drawn):
        return Side("", float(value))
    joined = ((i, join(panel, own)) for i, own in enumerate(value.panels))
    place = next((i for i, both in joined if both is not None and len(both) == len(panel)), None)
    if place is None:
        return Side(text)
    own = quantities.interval(node, panel, float(value.value[place]))
    found = band(float(value.value[place]), value.draws[:, place], own)
    end = Tests(quantities).lower_end(node)
    if found is not None and end is not None:
        found = Interval(min(found.low, end), found.high)
    return Side(text, float(value.value[place]), found)


def band(value: float, draws: np.ndarray[Any, np.dtype[np.float64]], own: Interval | None = None) -> Interval | None:
    """The 95 % interval of an estimate: its `own` where a fit gives it one, None where it is exact.

    It holds the estimate: an error that came out smaller than noise alone would make it lies below all its draws.
    """
    known = draws[np.isfinite(draws)]
    if len(known) < 2 or np.all(known == known[0]):
        return None
    low, high = map(float, np.quantile(known, BAND))
    return Interval(min(low, value), max(high, value)) if own is None else own
