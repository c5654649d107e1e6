"""Rules about claims that need the cells: what they ask for is there, and not far outside of what is."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..claims.claim_conditions import Claim
from ..claims.selection import NEAR
from ..claims.selectors import LISTED
from ..diagnostics.collect import Fault
from ..diagnostics.suggest import listing
from ..errors import Diagnostic
from ..expressions.canonical_tree import text
from ..expressions.sweeps import constant
from ..expressions.units import unit_of
from ..plan.panel_axes import panel_axes, value_of
from ..plan.study_plan import FitRequest, StudyPlan
from ..plan.survey import Cell
from ..requests.provides import PREDICTED
from ..requests.request_types import Asked, Requests
from ..syntax import ast
from ..syntax.numbers import short, short_compute
from ..syntax.visit import calls_in, children
from ..vocabulary.functions import REDUCTIONS
from ..vocabulary.quantities import measured, sizes
from .fit_rules import cells_where, reach
from .identifiable import identifiable

if TYPE_CHECKING:
    from ..resolve.table_quantities import TableColumns

#: Optima that are found at budgets of compute, how near computes are one budget, and sizes that each needs.
BUDGETED, SAME_BUDGET, FEWEST = ("isoflop", "isoflop_curve"), 1.1, 3
#: Powers of ten outside the cells beyond which a prediction is a warning.
FAR = 1.0

#: Least and greatest value of a quantity in the cells of a fit, or of all where there is none; None where not known.
Range = Callable[[Asked | None, str], tuple[float, float] | None]


def claims_on_cells(
    plan: StudyPlan, requests: Requests, claims: Iterable[Claim], cells: tuple[Cell, ...]
) -> Iterator[Diagnostic]:
    """Every claim on the cells of a study."""
    rule = _OnCells(plan, requests, cells)
    for claim in claims:
        found = list(rule.of(claim))
        yield from found
        if not any(d.severity == "error" for d in found):
            yield from far_outside(claim, requests, rule.range)


def claims_on_table(requests: Requests, claims: Iterable[Claim], table: TableColumns) -> Iterator[Diagnostic]:
    """Every claim on the columns of a table."""

    def span(asked: Asked | None, quantity: str) -> tuple[float, float] | None:
        column = table.column(quantity)
        return None if column is None or column.low is None or column.high is None else (column.low, column.high)

    for claim in claims:
        yield from far_outside(claim, requests, span)


@dataclass
class _OnCells:
    """Claims against cells that are known before they are trained."""

    plan: StudyPlan
    requests: Requests
    cells: tuple[Cell, ...]

    def of(self, claim: Claim) -> Iterator[Diagnostic]:
        """Findings about what a claim asks for and no cell has."""
        there = self.cells
        if claim.where is not None:
            try:
                there = cells_where(claim.where, self.cells)
            except Fault as fault:
                # A loss is not known yet; a name that nothing answers to has been reported.
                if fault.diagnostic.code not in ("SCL103", "SCL105"):
                    yield fault.diagnostic
            if not there:
                message = "no cell satisfies the condition of this claim"
                yield Diagnostic("SCL411", message, claim.where.span, helps=reach(claim.where, self.cells))
                return
        for call in _quantities(claim.test):
            yield from self._asks(call, there)

    def _asks(self, call: ast.Call, there: tuple[Cell, ...]) -> Iterator[Diagnostic]:
        asked = fit_of(call, self.requests)
        optimum = None if asked or not call.args else self.requests.optima.get(text(call.args[0]))
        if asked is not None:
            if asked.request.group is None:
                variables = asked.request.quantities
                sizes = _sizes_of(asked.request) if call.name in PREDICTED else {}
                yield from self._panels(call, asked.request.name, self._cells(asked), variables, sizes)
            if call.name not in PREDICTED:
                yield from self._sizes(call, self._cells(asked))
            yield from identifiable(call, asked, self.plan, self._cells(asked), self.cells)
        elif optimum is not None:
            surface = self.requests.fits.get(optimum.request.fit or "")
            cells = self.cells if surface is None else self._cells(surface)
            variables = ("N", "D") if surface is None else surface.request.quantities
            yield from self._panels(call, optimum.request.name, cells, variables, {"C": "C"})
        elif call.name in measured():
            yield from self._sizes(call, there)
            if not _at(there, call.args, self._axes):
                helps = reach(call, there)
                yield Diagnostic("SCL411", f"no cell is left at `{text(call)}`", call.span, helps=helps)
        elif call.name == "asymmetry" and not self._exchanged(call, there):
            one, two = (text(arg) for arg in call.args[1:3])
            helps = (f"sweep `{one}` and `{two}` over the same values, so that each pair of them has its mirror image",)
            yield Diagnostic("SCL411", f"no two cells have `{one}` and `{two}` exchanged", call.span, helps=helps)

    @property
    def _axes(self) -> set[str]:
        return {name for axis in self.plan.axes for name in axis.names}

    def _exchanged(self, call: ast.Call, cells: tuple[Cell, ...]) -> bool:
        """True where two sizes are exchanged in some pair of cells."""
        one, two = (text(arg) for arg in call.args[1:3])
        pairs = {(value_of(c, one), value_of(c, two)) for c in cells}
        return any(x != y and (y, x) in pairs for x, y in pairs)

    def _panels(
        self, call: ast.Call, name: str, cells: tuple[Cell, ...], variables: tuple[str, ...], sizes: Mapping[str, str]
    ) -> Iterator[Diagnostic]:
        """A number of a fit or optimum is asked for at values of the axes that its panels are apart by."""
        apart = panel_axes(cells, self.plan, variables)
        chosen = [a for a in call.args[1:] if not (isinstance(a, ast.Define) and a.name in sizes)]
        for selector in chosen:
            if isinstance(selector, ast.Define) and selector.name in self._axes and selector.name not in apart:
                message = f"`{name}` is one fit over all `{selector.name}`, so it has no `{call.name}` at one of them"
                there = f"its fits are apart by {listing(apart)}" if apart else "it is the only fit of its law"
                yield Diagnostic("SCL428", message, selector.span, notes=(there,))
                return
        if not _at(cells, chosen, self._axes):
            message = f"`{name}` sees no cell at what `{text(call)}` selects"
            yield Diagnostic("SCL411", message, call.span, helps=reach(call, cells))

    def _sizes(self, call: ast.Call, cells: Sequence[Cell]) -> Iterator[Diagnostic]:
        """A size that is no axis picks the cells nearest to it, which are near."""
        axes = {name for axis in self.plan.axes for name in axis.names}
        for selector in call.args:
            if not isinstance(selector, ast.Define) or selector.name not in sizes() or selector.name in axes:
                continue
            values = sorted({v for c in cells if (v := value_of(c, selector.name)) is not None and v == v})
            wanted = constant(selector.value)
            if values and min(abs(v / wanted - 1) for v in values) > NEAR:
                shown = [short(v) for v in values]
                few = listing(shown if len(shown) <= LISTED else [*shown[:4], "...", shown[-1]])
                message = f"no cell has `{selector.name}` within {NEAR:.0%} of {short(wanted)}"
                yield Diagnostic("SCL429", message, selector.value.span, notes=(f"it takes {few}",))

    def _cells(self, asked: Asked) -> tuple[Cell, ...]:
        """The cells that a fit is made of, as far as its condition can be judged."""
        try:
            return cells_where(asked.where, self.cells) or self.cells
        except Fault:
            return self.cells

    def range(self, asked: Asked | None, quantity: str) -> tuple[float, float] | None:
        """Least and greatest value of a quantity in a fit's cells, or in all."""
        cells = self.cells if asked is None else self._cells(asked)
        values = [v for c in cells if isinstance(v := value_of(c, quantity), int | float) and v > 0]
        return (min(values), max(values)) if values else None


def _quantities(node: Any) -> Iterator[ast.Call]:
    """Every quantity of a claim; what a reduction selects, it selects of its quantity's panels."""
    inner = node.args[0] if isinstance(node, ast.Call) and node.name in REDUCTIONS and node.args else None
    if isinstance(inner, ast.Call):
        chosen = tuple(a for a in node.args[1:] if isinstance(a, ast.Name | ast.Define))
        whole = replace(inner, args=(*inner.args, *chosen), span=node.span if chosen else inner.span)
        yield whole
        for part in (*inner.args, *node.args[1:]):
            yield from _quantities(part)
        return
    if isinstance(node, ast.Call):
        yield node
    for child in children(node):
        yield from _quantities(child)


def _at(cells: Iterable[Cell], selectors: Iterable[Any], axes: Container[str]) -> bool:
    """True where some cell lies at all the values and labels selected."""
    wanted = [(s.name, _value(s.value)) for s in selectors if isinstance(s, ast.Define) and s.name in axes]
    labels = {s.id for s in selectors if isinstance(s, ast.Name)}
    for cell in cells:
        point = dict(cell.point)
        if all(point.get(name) == value for name, value in wanted) and labels <= set(point.values()):
            return True
    return False


def _value(node: Any) -> Any:
    """The value of an axis that a selector names."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.String):
        return node.value
    return text(node) if isinstance(node, ast.Call) else constant(node)


def budgets_without_sizes(plan: StudyPlan, requests: Requests, cells: tuple[Cell, ...]) -> Iterator[Diagnostic]:
    """An optimum by budgets of compute needs sizes at each budget."""
    for asked in requests.optima.values():
        if asked.request.method not in BUDGETED:
            continue
        apart = panel_axes(cells, plan, ("N", "D"))
        panels: dict[tuple[Any, ...], list[tuple[float, float]]] = {}
        for cell in cells:
            size, flops = value_of(cell, "N"), value_of(cell, "compute")
            if size and flops:
                panels.setdefault(tuple(v for k, v in cell.point if k in apart), []).append((flops, size))
        most = max((_budgets(points) for points in panels.values()), default=0)
        if most < 2:
            said = f"{most} of its budgets of compute {'has' if most == 1 else 'have'} three sizes, and two must"
            helps = ("sweep `compute`, such as `compute in [1TFLOP..100TFLOP times 10]`, beside the width",)
            yield Diagnostic("SCL418", f"`{asked.request.name}` finds nothing: {said}", asked.span, helps=helps)


def _budgets(points: list[tuple[float, float]]) -> int:
    """The number of budgets with three sizes or more; those of nearly one compute are one."""
    found: list[set[float]] = []
    before = 0.0
    for flops, size in sorted(points):
        if not found or flops > before * SAME_BUDGET:
            found.append(set())
        before = flops
        found[-1].add(size)
    return sum(len(sizes) >= FEWEST for sizes in found)


def fit_of(call: ast.Call, requests: Requests) -> Asked | None:
    """The fit that a resolved quantity is asked of."""
    first = call.args[0] if call.args else None
    return None if first is None or isinstance(first, ast.Define) else requests.fits.get(text(first))


def far_outside(claim: Claim, requests: Requests, reach: Range) -> Iterator[Diagnostic]:
    """Predictions more than a factor of ten outside the cells that the law or optimum is made of."""
    for call in calls_in(claim.test):
        asked = fit_of(call, requests)
        optimum = None if asked or not call.args else requests.optima.get(text(call.args[0]))
        if asked is not None and call.name in PREDICTED:
            read = _sizes_of(asked.request)
        elif optimum is not None:
            read, asked = {"C": "C"}, requests.fits.get(optimum.request.fit or "")
        else:
            continue
        said = [
            f"{arg.name} = {_told(arg.name)(value)} lies {_decades(value, span, _told(arg.name))}"
            for arg in call.args
            if isinstance(arg, ast.Define) and arg.name in read
            if (span := reach(asked, read[arg.name])) is not None
            if (value := constant(arg.value)) and _outside(value, span) > FAR
        ]
        if said:
            message = f"`{text(call)}` asks far outside the data: {' and '.join(said)}"
            helps = ("whether the law goes on so far, no cell can tell: ask nearer, or train nearer",)
            yield Diagnostic("SCL432", message, call.span, severity="warning", helps=helps)


def _sizes_of(request: FitRequest) -> dict[str, str]:
    """Names of a law's sizes, its own and the study's, to the quantity each stands for."""
    return {name: quantity for own, quantity in request.variables for name in (own, quantity)}


def _outside(value: float, span: tuple[float, float]) -> float:
    """Powers of ten between a value and the nearer end of a range; 0 inside."""
    low, high = span
    if value <= 0 or low <= 0:
        return 0.0
    return max(math.log10(value / high), math.log10(low / value), 0.0)


def _told(name: str) -> Callable[[float], str]:
    """The form of a quantity's numbers for people."""
    return short_compute if unit_of(name) == "FLOP" else short


def _decades(value: float, span: tuple[float, float], told: Callable[[float], str]) -> str:
    low, high = span
    end = f"above the largest, {told(high)}" if value > high else f"below the smallest, {told(low)}"
    return f"{_outside(value, span):.1f} decades {end}"
