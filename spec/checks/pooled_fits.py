"""Rules about what a fit takes together: conditions of one law of several, sizes that grow together or hardly."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..diagnostics.collect import Fault
from ..diagnostics.suggest import listing
from ..errors import Diagnostic, Edit, Fix
from ..expressions.canonical_tree import text
from ..plan.panel_axes import value_of
from ..plan.study_plan import StudyPlan
from ..plan.survey import Cell
from ..requests.request_types import LocatedFit, Requests, free_parameters
from ..source import Source, Span
from ..syntax import ast
from ..syntax.numbers import number
from ..syntax.visit import children, conjuncts, free_names
from ..vocabulary.quantities import canonical, sizes
from .fit_rules import cells_where, panels_of, sizing
from .lines_of_cells import at_one_compute, more_amounts, on_a_line
from .told_apart import FLOOR, falls_in

#: The factor over which a size has to vary for a law in it to be told.
NARROW = 2.0
#: How many times one entropy rate another is that is surely not the same, by the bounds that are known of both.
APART = 1.25
#: The sizes of a run that grow apart, and what both go into.
BOTH, COMPUTE = ("N", "D"), ("C", "compute", "flops")


def conditions_of_one(
    items: Sequence[ast.Item], requests: Requests, sources: Mapping[str, Source]
) -> Iterator[Diagnostic]:
    """`fit power(N), power(D) where tokens > 1M`: the condition is of the last law alone, where both might be meant."""
    bare = [fit.span for fit in requests.fits.values() if fit.where is None]
    for i, last in enumerate(items):
        if last.where is None or not _orders(last.where) or _chosen(last, requests):
            continue
        before: list[ast.Item] = []
        for item in reversed(items[:i]):
            after = before[0] if before else last
            if not _joined(item.span, after.span, sources) or not any(span in item.span for span in bare):
                break
            before.insert(0, item)
        goes_on = i + 1 < len(items) and _joined(last.span, items[i + 1].span, sources)
        if not before or goes_on or _once_more(before, last, requests):
            continue
        laws = [text(item.value) for item in (*before, last)]
        condition = text(last.where)
        message = f"`where {condition}` is of `{laws[-1]}` alone: {listing(laws[:-1])} {_takes(laws)} every cell"
        helps = (
            f"write `fit {', '.join(f'{law} where {condition}' for law in laws)}` where it is meant of each",
            f"or put it first where it is not: `fit {laws[-1]} where {condition}, {', '.join(laws[:-1])}`",
        )
        yield Diagnostic("SCL446", message, last.where.span, "warning", helps=helps, fixes=_of_each(before, last))


def _chosen(item: ast.Item, requests: Requests) -> bool:
    """True for a law in one size with a condition on the other, which says at which of these it is fitted."""
    for fit in requests.fits.values():
        if fit.span in item.span and len(fit.request.quantities) == 1 and fit.request.quantities[0] in BOTH:
            other = BOTH[1 - BOTH.index(fit.request.quantities[0])]
            return {*free_names(item.where)} <= {other, *sizing(other)}
    return False


def _once_more(before: Sequence[ast.Item], last: ast.Item, requests: Requests) -> bool:
    """True where the last law is one of those before it, fitted to fewer cells."""
    laws = [
        {(fit.request.law, fit.request.quantities) for fit in requests.fits.values() if fit.span in item.span}
        for item in (*before, last)
    ]
    return any(laws[-1] & others for others in laws[:-1])


def _takes(laws: Sequence[str]) -> str:
    return "takes" if len(laws) == 2 else "take"


def _of_each(before: Sequence[ast.Item], last: ast.Item) -> tuple[Fix, ...]:
    assert last.where is not None
    places = [Span(item.value.span.end, item.value.span.end, item.span.file) for item in before]
    return (Fix(tuple(Edit(place, f" where {text(last.where)}") for place in places), "maybe-incorrect"),)


def _joined(one: Span, two: Span, sources: Mapping[str, Source]) -> bool:
    """True for items of one statement: nothing but a comma and comments stand between."""
    if one.file != two.file or one.file not in sources:
        return False
    return re.fullmatch(r"\s*,\s*(?:#[^\n]*\s*)*", sources[one.file].text[one.end : two.start]) is not None


def _orders(test: object) -> bool:
    """True for a condition that keeps the larger or the smaller of something."""
    if isinstance(test, ast.Chain):
        signs = [sign for sign, _ in test.rest]
        if signs in ([">"], [">="]) and test.rest[0][1] == ast.Number("0"):
            return False  # what every size is
        return any(sign in ("<", "<=", ">", ">=") for sign in signs)
    return isinstance(test, ast.Node) and any(_orders(part) for part in children(test))


def best_left_out(requests: Requests, rows: ast.Test | None, asked: Sequence[str]) -> Iterator[Diagnostic]:
    """`fit chinchilla where rank(loss) > 5`: the first ranks are the lowest losses, and those left out are the highest
    mostly; `rows` is the condition of the data, and `asked` are fits whose errors on what they leave out are claimed.
    """
    kept = [fit.where for name, fit in requests.fits.items() if name not in asked and not fit.implied]
    for test in dict.fromkeys([rows, *kept]):
        for part in conjuncts(test) if test is not None else ():
            match part:
                case ast.Chain(ast.Call("rank", (ast.Name(loss),)), ((">" | ">=" as sign, ast.Number(least)),)):
                    few = int(number(least).value) - (sign == ">=")
                case _:
                    continue
            if ("loss" in loss.lower() or loss == "excess") and few > 0:
                message = f"`{text(part)}` leaves the {few} lowest losses out, for ranks begin at the lowest"
                helps = (f"to leave the highest out write `rank(-{loss}) {sign} {least}`",)
                yield Diagnostic("SCL440", message, part.span, "warning", helps=helps)


def pooled(plan: StudyPlan, requests: Requests, cells: tuple[Cell, ...]) -> Iterator[Diagnostic]:
    """Laws in one size whose cells differ in another besides, and laws in a size that hardly varies."""
    for fit in requests.fits.values():
        if fit.implied or not free_parameters(fit.request) or fit.request.loss not in ("loss", "excess"):
            continue
        try:
            there = cells_where(fit.where, cells)
        except Fault:
            continue
        known = tuple(c for c in there if all(_number(c, q) for q in fit.request.quantities))
        panels = [panel.cells for panel in panels_of(plan, fit.request, known)]
        if len(panels) == 1:
            yield from shared_by_none(fit)
        if panels:
            yield from _one_floor(fit, panels)
            yield from _narrow(fit, panels)
            yield from _confounded(
                plan, fit, panels, any(set(f.request.quantities) & {*COMPUTE} for f in requests.fits.values())
            )


def shared_in_table(requests: Requests) -> Iterator[Diagnostic]:
    """Laws in N and D of a table without panels that would share parameters; a law in one size has a panel a slice."""
    for fit in requests.fits.values():
        if {*BOTH} <= {canonical(quantity) for quantity in fit.request.quantities}:
            yield from shared_by_none(fit)


def shared_by_none(fit: LocatedFit) -> Iterator[Diagnostic]:
    """`chinchilla(share=(E, alpha))` of one panel, which shares nothing with another."""
    if not fit.request.shared or fit.request.group is not None or fit.call is None:
        return
    left = [text(a).replace(" = ", "=") for a in fit.call.args if not (isinstance(a, ast.Define) and a.name == "share")]
    plain = f"{fit.call.name}({', '.join(left)})".removesuffix("()")
    message = f"{listing(fit.request.shared)} would be shared by panels, and this law has one alone"
    helps = (
        f"write `{plain}`",
        "or make panels: of alternatives or labels, such as `param={SP, muP}`, or by `panel` before an axis",
    )
    yield Diagnostic("SCL403", message, fit.call.span, "warning", helps=helps)


def _number(cell: Cell, quantity: str) -> float:
    value = value_of(cell, quantity)
    return float(value) if isinstance(value, int | float) and value > 0 else 0.0


def _one_floor(fit: LocatedFit, panels: Sequence[Sequence[Cell]]) -> Iterator[Diagnostic]:
    """One floor for panels of sources of one kind whose entropy rates, the least losses there can be, differ."""
    sources = {id(c.source): c.source for cells in panels for c in cells}.values()
    kinds = {(s.word, type(getattr(s, "graph", None))) for s in sources}
    rates = [s.least_entropy for s in sources]
    if FLOOR not in fit.request.shared or fit.request.loss != "loss" or len(kinds) > 1 or not min(rates):
        return
    if max(rates) > APART * min(rates):
        rest = [name for name in fit.request.shared if name != FLOOR]
        left = f"write `share=({', '.join(rest)})`" if rest else "leave `share=E` out"
        message = (
            f"`{fit.request.name}` has one floor for all its panels, and their entropy rates go from "
            f"some {min(rates):.3g} to {max(rates):.3g} nats"
        )
        held = f"`share=({', '.join(rest)}), E=entropy_rate`" if rest else "`E=entropy_rate` in place of `share=E`"
        helps = (f"give each a floor of its own: {left}", f"or hold each at its own: write {held}")
        yield Diagnostic("SCL439", message, fit.span, "warning", helps=helps)


def _narrow(fit: LocatedFit, panels: Sequence[Sequence[Cell]]) -> Iterator[Diagnostic]:
    for quantity in fit.request.quantities:
        if quantity not in sizes():
            continue
        values = [[_number(c, quantity) for c in cells] for cells in panels]
        factor = max(max(some) / min(some) for some in values)
        if 1 < factor < NARROW:
            message = f"{quantity} spans a factor of {factor:.2g}, from which no exponent is told"
            notes = ("a power law bends little over so short a way, and an exponential or a line fits as well",)
            helps = (f"let {quantity} span a factor of 10 or more",)
            yield Diagnostic("SCL447", message, fit.span, "warning", notes=notes, helps=helps)


def _confounded(
    plan: StudyPlan, fit: LocatedFit, panels: Sequence[Sequence[Cell]], in_compute: bool
) -> Iterator[Diagnostic]:
    """A law in C of cells that differ in N and in D, and one in N or D where the other grows with it.

    `in_compute` tells that the study has a law in C besides, and so knows what its line of cells is.
    """
    if len(fit.request.quantities) != 1 or fit.request.group is not None:
        return
    (quantity,) = fit.request.quantities
    pairs = [cells for cells in panels if all(_number(c, q) for c in cells for q in BOTH)]
    if not pairs or len(pairs) < len(panels):
        return
    if quantity in COMPUTE and not any(on_a_line(tuple(cells), BOTH) for cells in pairs):
        message = f"`{fit.request.name}` takes cells of one compute and different sizes for one"
        notes = ("the law in C of the papers is of the best size at each compute",)
        ways = ("ask an optimum for it: `optimum envelope`, whose exponent in C is `gamma(envelope)`",)
        yield Diagnostic("SCL448", message, fit.span, "warning", notes=notes, helps=ways)
    elif quantity in BOTH and not in_compute:
        other = BOTH[1 - BOTH.index(quantity)]
        if falls_in(fit, quantity) and all(_moves(cells, other) and on_a_line(tuple(cells), BOTH) for cells in pairs):
            message = f"{other} changes with {quantity} in every cell of `{fit.request.name}`"
            notes = (f"its exponent is of both, not that of {quantity} at one {other}",)
            helps: tuple[str, ...] = (f"write `power(C)`, which says so, or sweep {other} apart from {quantity}",)
            if at_one_compute([c for cells in pairs for c in cells]):
                best = f"at one compute the best {quantity} is what is found: write `optimum isoflop`"
                helps = more_amounts(plan, pairs[0]) or (best,)
            yield Diagnostic("SCL448", message, fit.span, "warning", notes=notes, helps=helps)


def _moves(cells: Iterable[Cell], quantity: str) -> bool:
    values = [math.log(_number(c, quantity)) for c in cells]
    return max(values) - min(values) > math.log(NARROW)
