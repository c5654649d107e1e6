"""Rules about numbers that a table's column leaves no room for: levels that laws hold beyond its rows, and shares where
it is in per cent, or the other way round.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Any, TypeGuard

from ...claims.claim_conditions import Claim
from ...claims.claimed_ranges import claimed, comparisons
from ...claims.references import QuantityRef, references
from ...errors import Diagnostic
from ...expressions.canonical_tree import text
from ...plan.study_plan import FitRequest
from ...requests.request_types import LocatedFit, Requests, law_of
from ...resolve.columns import Column
from ...resolve.components import Component
from ...resolve.table_quantities import TableColumns
from ...source import Span
from ...syntax import ast
from ...syntax.numbers import number, short, text_of
from ...syntax.visit import conjuncts, map_children
from ...vocabulary.base import REGISTRY
from ..told_apart import levels_off_at_one
from .conditions_of_rows import rows_of

#: A quantity and its column.
Named = tuple[str, Column | None]

#: The largest value from which a column is no share, noise included, and from which one is rather in per cent than a
#: loss; a number that is rather in per cent than of a column of shares.
ABOVE_ONE, ABOVE_LOSSES, PER_CENT = 1.5, 20, 10
#: The least share that is a chance level and not a small number of per cent, and how near it the lowest rows lie.
LEAST_CHANCE, NEAR_CHANCE = 0.15, (0.7, 1.25)
#: How far beyond a level rows lie by noise: a factor, that of scores being larger.
NOISE, NOISE_OF_SCORES = 1.1, 1.5
#: Rows that tell whether a score rises.
FEWEST = 4
#: Reductions that lie among what they reduce, and quantities of fits that lie among their losses.
AMONG, PREDICTED = ("mean", "median", "min", "max"), ("L", "loss")


def levels_of_rows(
    requests: Requests, claims: Iterable[Claim], component: Component, table: TableColumns, base: Path
) -> Iterator[Diagnostic]:
    """Levels that laws hold, and numbers that conditions compare with, where the column has none of the kind."""
    for fit in requests.fits.values():
        yield from _squashed(fit, component, table)
        if fit.request.law in REGISTRY and not fit.implied:
            yield from _held(fit, component, table, base)
    for test in (component.where, *(fit.where for fit in requests.fits.values() if not fit.implied)):
        yield from _compared(test, lambda name: (name, table.columns.get(name)))
    for claim in claims:
        of_rows = {text(ref.written): _of_rows(ref, table) for ref in references(claim.tree)}
        yield from _compared(claim.test, partial(_among, of_rows), claim.span)


def _among(of_rows: Mapping[str, Named], name: str) -> Named:
    return of_rows.get(name, (name, None))


def _of_rows(ref: QuantityRef, table: TableColumns) -> Named:
    """The column in whose unit a quantity of a claim is."""
    name = ref.name
    if ref.kind == "fit" and isinstance(ref.request, FitRequest):
        scores = ref.request.law in REGISTRY and law_of(ref.request).score
        name = ref.request.loss if scores and name in (*PREDICTED, "floor", "top") else ""
    elif ref.kind != "measured":
        name = ""
    return name, table.column(name)


def _squashed(fit: LocatedFit, component: Component, table: TableColumns) -> Iterator[Diagnostic]:
    """A law that levels off at 1, whatever its parameters, of a column that goes on to 65: it is in per cent."""
    column, arg = table.column(fit.request.loss), _argument(component, fit.request.loss)
    written = _written(component, fit.request.loss)
    if column is None or column.high is None or not ABOVE_ONE < column.high <= 100 or not levels_off_at_one(fit):
        return
    message = f"`{fit.request.name}` lies between 0 and 1, and `{fit.request.loss}` goes up to {short(column.high)}"
    put = f'`{fit.request.loss}="{written}/100"`' if written else "the column over 100"
    helps = (f"write {put}, if it is in per cent",)
    yield Diagnostic("SCL455", message, fit.span if arg is None else arg.span, "warning", helps=helps)


def _argument(component: Component, quantity: str) -> ast.Define | None:
    return next((a for b in component.alternatives for a in b.call.named if a.name == quantity), None)


def _written(component: Component, quantity: str) -> str:
    """The column of a quantity as it is written; empty where it is not, or is worked out."""
    arg = _argument(component, quantity)
    return arg.value.value if arg is not None and isinstance(arg.value, ast.String) else ""


def _held(fit: LocatedFit, component: Component, table: TableColumns, base: Path) -> Iterator[Diagnostic]:
    """`sigmoid(x, floor=.25)` of accuracies in per cent, `power(D, E=2.5)` of losses that go down to 1.9."""
    column, law = table.column(fit.request.loss), law_of(fit.request)
    if fit.call is None or column is None or column.low is None or column.high is None or column.low < 0:
        return
    levels = {p.name: p.kind for p in law.params if p.kind in ("level", "ceiling") or (law.score and p.name == "top")}
    held = [a for a in fit.call.named if a.name in levels and isinstance(a.value, ast.Number)]
    ends = _ends_of_score(fit, component, table, base) if law.score and held else {}
    rows = f"`{fit.request.loss}` goes from {short(column.low)} to {short(column.high)} in the table"
    for arg in held:
        upper = ends.get(arg.name, "") == "upper" if law.score else levels[arg.name] == "ceiling"
        lower = ends.get(arg.name, "") == "lower" if law.score else not upper
        value = float(number(text(arg.value)).value)
        factor = _factor((value,), column)
        meant, share = value * factor, value if factor > 1 else value * factor
        chance = law.score and share >= LEAST_CHANCE and _near(meant, column.low)
        if factor and (chance or (upper and meant * NOISE >= column.high)):
            message = f"`{arg.name}={text(arg.value)}` is {'a share' if factor > 1 else 'in per cent'}, and {rows}"
            helps: tuple[str, ...] = (f"write `{arg.name}={text_of(meant)}`",)
            if factor > 1 and (written := _written(component, fit.request.loss)):
                named = ", and wherever the fit is named" if law.score else ""
                helps = (
                    f'write `{fit.request.loss}="{written}/100"`',
                    f"or hold `{arg.name}` at {text_of(meant)}{named}",
                )
        elif (
            component.where is None
            and fit.where is None
            and (
                (lower and value > (NOISE_OF_SCORES if law.score else NOISE) * column.low)
                or (upper and value * NOISE < column.high)
            )
        ):
            message = f"rows lie {'below' if lower else 'above'} the `{arg.name}` that this law holds: {rows}"
            free = text(replace(fit.call, args=tuple(a for a in fit.call.args if a is not arg)))
            helps = (f"leave it out, to find it: write `{free.removesuffix('()')}`",)
        else:
            continue
        yield Diagnostic("SCL455", message, arg.span, "warning", helps=helps)


def _finite(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and math.isfinite(value)


def _ends_of_score(fit: LocatedFit, component: Component, table: TableColumns, base: Path) -> dict[str, str]:
    """Which of a score's two levels is the upper one, as its rows fall with its variable or rise; nothing where they
    do not tell.
    """
    alone, quantity = len(component.alternatives) == 1, fit.request.quantities[0]
    rows = rows_of(component.alternatives[0], table, base) if alone else []
    points = [(row.get(quantity), row.get(fit.request.loss)) for row in rows]
    numbers = sorted((float(x), float(y)) for x, y in points if _finite(x) and _finite(y))
    half = len(numbers) // 2
    if half < FEWEST // 2:
        return {}
    first, last = (mean(y for _, y in part) for part in (numbers[:half], numbers[-half:]))
    at_small, at_large = ("upper", "lower") if first > last else ("lower", "upper")
    return {"top": at_small, "floor": at_large}


def _compared(
    test: ast.Test | None, of_rows: Callable[[str], Named], whole: Span | None = None
) -> Iterator[Diagnostic]:
    """`where accuracy > .3`, `expect max(accuracy) > .7` of a column in per cent, and 70 of one of shares."""
    for part in (one for each in conjuncts(test) for one in comparisons(each)) if test is not None else ():
        range_ = claimed(part)
        if range_ is None or range_.base is not None or not isinstance(part, ast.Chain | ast.Inside | ast.Near):
            continue
        node = part.first if isinstance(part, ast.Chain) else part.value
        inner = node.args[0] if isinstance(node, ast.Call) and node.name in AMONG and node.args else node
        name, column = of_rows(text(inner))
        factor = _factor([end for end in (range_.low, range_.high) if math.isfinite(end)], column)
        if whole is None and (factor < 1 or not LEAST_CHANCE <= max(range_.low, 0) < 1):
            continue  # what keeps rows may keep all of them, so that none that is missing or diverged comes in
        if column is not None and factor:
            kind = "shares" if factor > 1 else "per cent"
            rows = f"`{name}` goes from {short(column.low or 0)} to {short(column.high or 0)} in the table"
            message = f"`{text(part)}` is in {kind}, and {rows}"
            place = part.span if whole is None or part.span in whole else whole
            helps = (f"write `{text(_scaled(part, factor))}`",)
            yield Diagnostic("SCL455", message, place, "warning", helps=helps)


def _factor(values: Sequence[float], column: Column | None) -> float:
    """What turns shares into the unit of a column in per cent, or the other way round; 0 where they are of its unit."""
    if column is None or column.low is None or column.high is None:
        return 0.0
    if column.low >= 1 and ABOVE_LOSSES < column.high <= 100 and all(0 <= v <= NOISE for v in values) and any(values):
        return 100.0
    return 0.01 if column.low >= 0 and column.high <= 1 and all(PER_CENT <= v <= 100 for v in values) else 0.0


def _near(value: float, low: float) -> bool:
    return NEAR_CHANCE[0] * low <= value <= NEAR_CHANCE[1] * low


def _scaled(node: Any, factor: float) -> Any:
    """A condition with its numbers in another unit; those of its quantity, and tolerances in per cent, as they are."""
    match node:
        case ast.Number(digits):
            return ast.Number(text_of(float(number(digits).value) * factor))
        case ast.Near(_, ast.Number(width), target) if width.endswith("%"):
            return replace(node, target=_scaled(target, factor))
        case ast.Chain(_, rest):
            return replace(node, rest=tuple((op, _scaled(end, factor)) for op, end in rest))
        case ast.Near(_, tolerance, target):
            return replace(node, tolerance=_scaled(tolerance, factor), target=_scaled(target, factor))
        case ast.Inside(_, where):
            return replace(node, where=_scaled(where, factor))
        case ast.Name() | ast.Call():
            return node
    return map_children(node, lambda part: _scaled(part, factor))
