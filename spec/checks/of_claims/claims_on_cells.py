"""Rules about claims that need the cells: what they ask for is there, and not far outside of what is."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ...claims.claim_conditions import Claim
from ...claims.references import QuantityRef, Selector, references, selected
from ...claims.selection import NEAR, Entry, UnansweredError, nearest, select
from ...claims.selectors import left_out, sizes_of, taken
from ...constants import SPARE_CELLS
from ...diagnostics.collect import Fault
from ...diagnostics.suggest import listing
from ...errors import Diagnostic
from ...expressions.canonical_tree import text
from ...expressions.units import unit_of
from ...plan.panel_axes import cell_axis_names, moved_by, panel_axes, source_axes, value_of
from ...plan.study_plan import FitRequest, OptimumRequest, StudyPlan
from ...plan.survey import Cell
from ...requests.provides import Request
from ...requests.request_types import LocatedFit, Requests
from ...syntax import ast
from ...syntax.numbers import number, short, short_compute, text_of
from ...syntax.visit import free_names
from ...vocabulary.base import REGISTRY
from ...vocabulary.quantities import QUANTITIES, amounts, canonical, curves, known_exactly, names, sizes
from ..fit_rules import cells_where, reads_sequences
from ..identifiable import identifiable
from ..lines_of_cells import at_one_compute, more_amounts
from ..values_there import in_cells, values_there
from .claim_bounds import FLOOR as RATE
from .settled_claims import NOISE

if TYPE_CHECKING:
    from ...resolve.table_quantities import TableColumns

#: Optima that are found at budgets of compute, how near computes are one budget, its widest, and sizes that it needs.
BUDGETED, SAME_BUDGET, WIDEST_BUDGET, FEWEST = ("isoflop", "isoflop_curve"), 1.1, 1.25, 3
#: The share of cells that budgets hold where they were meant to.
HALF = 0.5
#: What is said of a prediction that nothing can judge.
FAR_OFF = "whether the law goes on so far, no cell can tell: ask nearer, or train nearer"
#: Powers of ten outside the cells beyond which a prediction is a warning.
FAR = 1.0

#: Least and greatest value of a quantity in the cells of a fit, or of all where there is none; None where not known.
Range = Callable[[LocatedFit | None, str], tuple[float, float] | None]


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


def numbers_of(plan: StudyPlan, requests: Requests, cells: tuple[Cell, ...]) -> Callable[[Any], int]:
    """Counts the values that a quantity of a fit or optimum has: one a panel; 0 where that is not known."""
    rule = _OnCells(plan, requests, cells)

    def count(quantity: Any) -> int:
        if isinstance(quantity, QuantityRef) and quantity.name == RATE and not quantity.selectors:
            return len({cell.source for cell in cells})
        if isinstance(quantity, QuantityRef) and quantity.kind == "measured" and quantity.selectors:
            on_axes = all(s.name is None or s.name in rule.axes for s in quantity.selectors)
            return rule.count_at(quantity.selectors) if on_axes else 0
        if not isinstance(quantity, QuantityRef) or quantity.request is None or quantity.selectors:
            return 0
        if isinstance(quantity.request, FitRequest) and quantity.name in quantity.request.shared:
            return 1
        name = quantity.request.name if isinstance(quantity.request, FitRequest) else quantity.request.fit or ""
        fit = requests.fits.get(name)
        if fit is not None and fit.request.group is not None:
            return 0
        there, apart = rule._seen(fit)
        return len({tuple(v for k, v in cell.point if k in apart) for cell in there})

    return count


def claims_on_table(requests: Requests, claims: Iterable[Claim], table: TableColumns) -> Iterator[Diagnostic]:
    """Every claim on the columns of a table."""

    def span(fit: LocatedFit | None, quantity: str) -> tuple[float, float] | None:
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
    _known: dict[str, tuple[tuple[Cell, ...], tuple[str, ...]]] = field(default_factory=dict)

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
                yield Diagnostic(
                    "SCL411", message, claim.where.span, helps=values_there(claim.where, in_cells(self.cells))
                )
                return
        for ref in selected(claim.tree):
            yield from self._asks(ref, there)
        if claim.where is not None:
            yield from self._of_one_fit(claim)

    def _of_one_fit(self, claim: Claim) -> Iterator[Diagnostic]:
        """A condition of a claim that asks for numbers of fits alone, none of which is apart by what it names."""
        refs = list(references(claim.tree))
        fits = [self.requests.fits.get(r.request.name) for r in refs if isinstance(r.request, FitRequest)]
        if claim.where is None or not fits or len(fits) < len(refs):
            return
        named = {a for name in free_names(claim.where) for a in moved_by(self.cells, self.plan, name) or {name}}
        named &= self._axes
        if not named or any(named & {*self._seen(fit)[1]} for fit in fits):
            return
        name, kept = refs[0].request.name if refs[0].request else "", text(claim.where)
        message = f"`{name}` is one fit over all {listing(sorted(named))}, so that this condition keeps nothing of it"
        helps = (f"fit it to these cells: `fit {name} where {kept}`",)
        yield Diagnostic("SCL440", message, claim.where.span, severity="warning", helps=helps)

    def _asks(self, ref: QuantityRef, there: tuple[Cell, ...]) -> Iterator[Diagnostic]:
        if ref.name in known_exactly() and there and not any(cell.source.exact for cell in there):
            yield _not_known(ref, there)
            return
        match ref.request:
            case FitRequest(group=group):
                fit = self.requests.fits[ref.request.name]
                cells, apart = self._seen(fit)
                if self.plan.of_curve(ref.request):
                    yield from self._panels(ref, ref.request, cells, apart)
                    return
                if group is None:
                    yield from self._panels(ref, ref.request, cells, apart)
                yield from self._sizes(ref, cells)
                yield from identifiable(ref, fit, self.plan, cells, self.cells, apart)
            case OptimumRequest(fit=name):
                yield from self._panels(ref, ref.request, *self._seen(self.requests.fits.get(name or "")))
            case _ if ref.kind == "asymmetry":
                yield from self._exchanged(ref, there)
            case _ if ref.selectors:
                yield from self._sizes(ref, there)
                if not self._at(there, ref.selectors):
                    helps = values_there(ref.written, in_cells(there))
                    yield Diagnostic("SCL411", f"no cell is left at `{text(ref.written)}`", ref.span, helps=helps)

    @cached_property
    def _axes(self) -> set[str]:
        return {name for axis in self.plan.axes for name in axis.names}

    def _exchanged(self, ref: QuantityRef, cells: tuple[Cell, ...]) -> Iterator[Diagnostic]:
        """Two sizes are exchanged in some pair of cells."""
        one, two = ref.exchanged
        pairs = {(value_of(c, one), value_of(c, two)) for c in cells}
        if not any(x != y and (y, x) in pairs for x, y in pairs):
            helps = (f"sweep `{one}` and `{two}` over the same values, so that each pair of them has its mirror image",)
            yield Diagnostic("SCL411", f"no two cells have `{one}` and `{two}` exchanged", ref.span, helps=helps)

    def _panels(
        self, ref: QuantityRef, request: Request, cells: tuple[Cell, ...], apart: tuple[str, ...]
    ) -> Iterator[Diagnostic]:
        """A number of a fit or optimum is fit for at values of the axes that its panels are apart by."""
        name = request.name
        for selector in ref.selectors:
            if selector.name in self._axes and selector.name not in apart:
                message = f"`{name}` is one fit over all `{selector.name}`, so it has no `{ref.name}` at one of them"
                there = f"its fits are apart by {listing(apart)}" if apart else "it is the only fit of its law"
                axis = next(a for a in self.plan.axes if selector.name in a.names)
                listed = ", ".join(text_of(p[0]) for p in axis.points if isinstance(p[0], int | float))
                values = f"{{{listed}}}" if len(axis.names) == 1 and listed else "..."
                own = f"make it an axis with laws of its own: `panel {selector.name} in {values}`"
                helps = (f"leave `{selector}` out, or {own}",)
                yield Diagnostic("SCL428", message, selector.span, notes=(there,), helps=helps)
                return
        if not self._at(cells, ref.selectors):
            message = f"`{name}` sees no cell at what `{text(ref.written)}` selects"
            ways = left_out(ref.selectors, self.plan.axes, [cell.point for cell in cells])
            yield Diagnostic("SCL411", message, ref.span, helps=ways or values_there(ref.written, in_cells(cells)))

    @property
    def axes(self) -> set[str]:
        """Names of the axes of the study."""
        return self._axes

    def count_at(self, selectors: Iterable[Selector]) -> int:
        """The number of cells at what is selected; 0 where that is not known."""
        try:
            return len(select([Entry(cell.point) for cell in self.cells], list(selectors)))
        except UnansweredError:
            return 0

    def _at(self, cells: Iterable[Cell], selectors: Iterable[Selector]) -> bool:
        """True where some cell lies at all the values and labels selected."""
        on_axes = [s for s in selectors if s.name is None or s.name in self._axes]
        try:
            return bool(select([Entry(cell.point) for cell in cells], on_axes))
        except UnansweredError:
            return False

    def _sizes(self, ref: QuantityRef, cells: Sequence[Cell]) -> Iterator[Diagnostic]:
        """A size that is no axis picks the cells nearest to it, which are near."""
        for selector in ref.selectors:
            name, wanted = selector.name, selector.value
            if name is None or name not in sizes() or name in self._axes or isinstance(wanted, str):
                continue
            values = sorted({v for c in cells if (v := value_of(c, name)) is not None and v == v})
            found = nearest(values, wanted)
            if found is not None and not found[1]:
                message = f"no cell has `{name}` within {NEAR:.0%} of {short(wanted)}"
                helps = self._predicted(ref) or (f"ask at one of them, such as `{name}={short(found[0])}`",)
                if ref.at and ref.request is not None:
                    one = f"`{ref.request.name}` has a fit of its own at each of them"
                    helps = (f"leave `{name}={short(wanted)}` out: {one}, and all are asked", *helps)
                yield Diagnostic("SCL429", message, selector.value_span, notes=(taken(values),), helps=helps)

    def _predicted(self, ref: QuantityRef) -> tuple[str, ...]:
        """The help that asks a law for a loss that was not measured, where all the sizes it is in are given."""
        given = {s.name: s for s in ref.selectors}
        for name, fit in self.requests.fits.items():
            quantities = fit.request.quantities
            if ref.request is None and ref.name == fit.request.loss and set(quantities) <= given.keys():
                sizes = ", ".join(f"{q}={short(v)}" for q in quantities if not isinstance(v := given[q].value, str))
                return (f"a law predicts it: `L({name}, {sizes})`",)
        return ()

    def _seen(self, fit: LocatedFit | None) -> tuple[tuple[Cell, ...], tuple[str, ...]]:
        """The cells that a fit is made of, as far as its condition can be judged, and the axes its panels are apart by;
        without a fit, those of an optimum over all cells.
        """
        name = "" if fit is None else fit.request.name
        if fit is not None and fit.request.loss in curves() and name not in self._known:
            having = tuple(cell for cell in self.cells if fit.request.loss in cell.source.curves)
            self._known[name] = having or self.cells, source_axes(having, self.plan)
        if fit is not None and self.plan.by_position(fit.request) and name not in self._known:
            having = tuple(filter(reads_sequences, self.cells))
            self._known[name] = having or self.cells, cell_axis_names(self.plan)
        if name not in self._known:
            try:
                cells = self.cells if fit is None else cells_where(fit.where, self.cells) or self.cells
            except Fault:
                cells = self.cells
            variables = ("N", "D") if fit is None else fit.request.quantities
            self._known[name] = cells, panel_axes(cells, self.plan, variables)
        return self._known[name]

    def range(self, fit: LocatedFit | None, quantity: str) -> tuple[float, float] | None:
        """Least and greatest value of a quantity in a fit's cells, or in all."""
        cells = self.cells if fit is None else self._seen(fit)[0]
        values = [v for c in cells if isinstance(v := value_of(c, quantity), int | float) and v > 0]
        return (min(values), max(values)) if values else None


def _not_known(ref: QuantityRef, cells: tuple[Cell, ...]) -> Diagnostic:
    """A claim on the entropy rate of a source whose law nobody knows."""
    word = cells[0].source.word
    message = f"the entropy rate of `{word}` is not known, so a claim on `{ref.name}` is never decided"
    helps: tuple[str, ...] = ("claim a number, such as `E(chinchilla) within 5% of 2`",)
    counted = [w for w, t in REGISTRY.items() if getattr(t, "exact", False) and "text" in getattr(t, "order", ())]
    if counted and word in ("text",):
        helps = (*helps, f"or learn from what has one: `data {counted[0]}({word}(...))`")
    return Diagnostic("SCL430", message, ref.span, severity="warning", helps=helps)


def known_bounds(requests: Requests, cells: tuple[Cell, ...]) -> dict[str, tuple[float, float]]:
    """Between what losses and numbers of cells lie: no loss is below the least entropy rate of the sources, less what
    an evaluation's noise may hide, and no fit has more cells than the study.
    """
    sources = {id(cell.source): cell.source for cell in cells}
    least = min(source.least_entropy for source in sources.values())
    found: dict[str, tuple[float, float]] = dict.fromkeys(names(share=True), (0.0, 1.0))
    found |= {"loss": (least * NOISE, math.inf), "entropy_rate": (least, math.inf)} if least > 0 else {}
    read = {q for fit in requests.fits.values() for q in fit.request.quantities}
    of_curves = any(QUANTITIES[q].of == "curve" for q in read if q in QUANTITIES)
    return found if of_curves else found | {"n": (0, len(cells))}


def untold_scatter(plan: StudyPlan, claims: Iterable[Claim], cells: tuple[Cell, ...]) -> Iterator[Diagnostic]:
    """A claim on what is measured of cells of one seed, in panels too small for any smooth law: nothing will tell how
    much another run would have differed, so it stays undecided whatever is found.
    """
    if any(axis.role == "replicate" and len(axis.points) > 1 for axis in plan.axes):
        return
    if not any(cell.model.seeded for cell in cells):
        return  # another run would be the same
    moved = moved_by(cells, plan, "N") | moved_by(cells, plan, "D")
    always = {name for axis in plan.axes if axis.role == "panel" for name in axis.names}
    apart = {name for name in cell_axis_names(plan) if name in always or name not in moved}
    panels = Counter(tuple(pair for pair in cell.point if pair[0] in apart) for cell in cells)
    if max(panels.values(), default=0) > SPARE_CELLS:
        return
    for claim in claims:
        ref = next((r for r in references(claim.tree) if r.kind == "measured" and _scatters(r.name)), None)
        if ref is not None:
            message = f"one seed a cell does not tell how `{ref.name}` scatters, so this claim stays undecided"
            most = max(panels.values())
            notes = (f"nor does a law tell it: a panel has {most} cell{'s' * (most > 1)}, and it takes six or more",)
            helps = ("train each with two seeds or more, such as `seed in {0, 1, 2}`",)
            yield Diagnostic("SCL449", message, claim.span, severity="warning", notes=notes, helps=helps)


def _scatters(name: str) -> bool:
    known = QUANTITIES.get(name)
    return known is not None and known.fitted and known.noisy


def budgets_without_sizes(plan: StudyPlan, requests: Requests, cells: tuple[Cell, ...]) -> Iterator[Diagnostic]:
    """An optimum by budgets of compute needs sizes at each budget."""
    for optimum in requests.optima.values():
        if optimum.request.method not in BUDGETED:
            continue
        try:
            there = cells_where(optimum.where, cells)
        except Fault:
            continue
        most, inside = _most_budgets(plan, there)
        swept_by_compute = any(canonical(a.name) == "C" for a in plan.axes)
        if not there or (most > 1 and (swept_by_compute or inside >= HALF)):
            continue
        have = "has" if most == 1 else "have"
        said = f"finds nothing: {most} of its budgets of compute {have} three sizes, and two must"
        if most > 1:
            said = f"leaves {1 - inside:.0%} of the cells out, whose compute is near that of too few other sizes"
        kept = text(optimum.where) if optimum.where and _most_budgets(plan, cells)[0] > 1 else " and ".join(plan.where)
        budgets = next((len(a.points) for a in plan.axes if canonical(a.name) == "C" and a.role == "sweep"), 0)
        flops = sorted(value_of(cell, "compute") or 0.0 for cell in cells)
        low, high = (short_compute(float(f"{flops[i]:.1g}")).replace(" ", "") for i in (len(flops) // 4, -1))
        swept = next((a.name for a in plan.axes if a.name in amounts() and a.role == "sweep"), "")
        instead = f", in place of `{swept}`" if swept else ""
        helps: tuple[str, ...] = (
            f"sweep compute beside the width: write `compute in [{low}..{high} count 4]`{instead}",
        )
        if budgets > 1 and kept:
            helps = (f"leave `where {kept}` out, or widen it: of each compute it keeps too few sizes",)
        elif at_one_compute(cells):
            helps = more_amounts(plan, cells) or helps
        told = Diagnostic("SCL418", f"`{optimum.request.name}` {said}", optimum.span, helps=helps)
        yield told if most < 2 else replace(told, severity="warning")


def _most_budgets(plan: StudyPlan, cells: tuple[Cell, ...]) -> tuple[int, float]:
    """The number of budgets of compute with three sizes or more, and the share of the cells that are in these, in the
    panel that has the most.
    """
    apart = panel_axes(cells, plan, ("N", "D"))
    panels: dict[tuple[Any, ...], list[tuple[float, float]]] = {}
    for cell in cells:
        size, flops = value_of(cell, "N"), value_of(cell, "compute")
        if size and flops:
            panels.setdefault(tuple(v for k, v in cell.point if k in apart), []).append((flops, size))
    return max((_budgets(points) for points in panels.values()), default=(0, 0.0))


def optima_without_cells(requests: Requests, cells: tuple[Cell, ...]) -> Iterator[Diagnostic]:
    """An optimum whose condition leaves no cell: mostly the compute that it is wanted at."""
    for optimum in requests.optima.values():
        if optimum.where is None:
            continue
        try:
            left = cells_where(optimum.where, cells)
        except Fault:
            continue  # what is not known yet
        if not left:
            name = optimum.request.name
            helps = values_there(optimum.where, in_cells(cells))
            match optimum.where:
                case ast.Chain(ast.Name(size), (("==", ast.Number(at)),)) if canonical(size) == "C":
                    asked = name.split(" where ")[0]
                    helps = (f"leave it out, and ask `N({asked}, C={at})` or `D({asked}, C={at})` in a claim",)
            message = f"no cell satisfies the condition of `{name}`, which is one for all computes"
            yield Diagnostic("SCL411", message, optimum.where.span, helps=helps)


def _budgets(points: list[tuple[float, float]]) -> tuple[int, float]:
    """The number of budgets with three sizes or more, and the share of the points that are in these; those of nearly
    one compute are one, a long row of them is none.
    """
    found: list[list[tuple[float, float]]] = []
    for flops, size in sorted(points):
        if not found or flops > found[-1][-1][0] * SAME_BUDGET:
            found.append([])
        found[-1].append((flops, size))
    narrow = [group for group in found if group[-1][0] <= group[0][0] * WIDEST_BUDGET]
    good = [group for group in narrow if len({size for _, size in group}) >= FEWEST]
    return len(good), sum(map(len, good)) / max(1, len(points))


def far_outside(claim: Claim, requests: Requests, reach: Range) -> Iterator[Diagnostic]:
    """Predictions more than a factor of ten outside the cells that the law or optimum is made of."""
    for ref in references(claim.tree):
        if ref.request is None or not ref.at:
            continue
        fit = ref.request.fit if isinstance(ref.request, OptimumRequest) else ref.request.name
        read = sizes_of(ref.request) if isinstance(ref.request, FitRequest) else {"C": "C"}
        said = [
            f"{name} = {_told(name)(value)} lies {_decades(value, span, _told(name))}"
            for name, value in _sizes(ref)
            if (span := reach(requests.fits.get(fit or ""), read[name])) is not None
            if value and _outside(value, span) > FAR
        ]
        if said:
            message = f"`{text(ref.written)}` asks far outside the data: {' and '.join(said)}"
            helps = (*_meant(ref, reach, requests, fit, read), FAR_OFF)
            yield Diagnostic("SCL432", message, ref.span, severity="warning", helps=helps)


def _meant(
    ref: QuantityRef, reach: Range, requests: Requests, fit: str | None, read: Mapping[str, str]
) -> tuple[str, ...]:
    """What was meant by sizes far outside: a magnitude that was left out, or two that are exchanged."""
    given = dict(_sizes(ref))
    spans = {n: span for n in given if (span := reach(requests.fits.get(fit or ""), read[n])) is not None}
    few = [n for n, span in spans.items() if given[n] < 1e4 and given[n] < span[0] / 1e3]
    if few:
        value, (low, high) = given[few[0]], spans[few[0]]
        units = [
            u for u, by in (("k", 1e3), ("M", 1e6), ("B", 1e9), ("T", 1e12)) if low / 1e2 < value * by < high * 1e3
        ]
        other = given["N"] if few[0] == "D" and given.get("N", 0) >= 1e4 else 0
        # So many tokens a parameter as papers take, where that tells which magnitude was left out.
        usual = [u for u in units if other and 1 <= value * number(f"1{u}").value / other <= 1e3]
        units = usual if len(usual) == 1 else units[-3:]
        ways = listing((f"{few[0]}={value:g}{unit}" for unit in units or ("M", "B")), last="or")
        return (f"`{few[0]}={value:g}` counts one by one: with a magnitude write {ways}",)
    if {*given} == {"N", "D"} == {*spans}:
        now = sum(_outside(given[n], spans[n]) for n in given)
        turned = _outside(given["D"], spans["N"]) + _outside(given["N"], spans["D"])
        if turned < now - FAR:
            return (f"N and D may be exchanged: `N={short(given['D'])}, D={short(given['N'])}` lies nearer",)
    return ()


def _sizes(ref: QuantityRef) -> Iterator[tuple[str, float]]:
    """The sizes that a quantity is read at, in the order they were typed."""
    for selector in sorted(ref.at, key=lambda s: s.span.start):
        if selector.name is not None and not isinstance(selector.value, str):
            yield selector.name, selector.value


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
