"""The quantities of a claim, read off fits, optima and cells by the references that its tree has for leaves.

beta(power(D), kappa=1)              a parameter of a fit, in the panels selected
L(surface(chinchilla), C=3000PFLOP)  an optimum read at a compute
loss(chinchilla, N=1M, D=20M)        a law's prediction
loss(N=1M, D=20M), loss(wsd)         what was measured
mean(alpha(power(N)), muP)           one number for all panels selected
entropy_rate, tail                   a property of the source; an axis's own values
lr(muP, width=256)                   the value of a tuned axis that was best in a cell
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.claims.references import QuantityRef, Reduction, Selector, Unresolved, references, written
from scalingdsl.spec.claims.selection import Entry, UnansweredError, select
from scalingdsl.spec.plan.run_grid import PlanAxis
from scalingdsl.spec.syntax import ast
from scalingdsl.spec.syntax.printer import to_text
from scalingdsl.spec.vocabulary.functions import REDUCTIONS

from ...fits.core.fit_result import NOT_IDENTIFIED, Array, Fit, Interval, Optimum
from ..analysis_result import CellTable, Panel, PanelFit, PanelOptimum
from ..cells.cell_selection import CellSizes, mask
from ..cells.curve_cells import curve_axes
from ..panel_fits import N_DRAWS, panel_name
from . import cell_values
from .cell_scatter import UNTOLD, Scatter
from .fit_values import of_fit, of_optimum, predicted, through_every_point
from .statistic_draws import Reading, Statistics
from .uncertain import Drawn, Draws, drawn, join


def spread(values: Array, axis: int) -> Array:
    """Largest less smallest."""
    return np.asarray(np.max(values, axis=axis) - np.min(values, axis=axis))


REDUCE: Mapping[str, Callable[..., Any]] = {
    "mean": np.mean, "median": np.median, "min": np.min, "max": np.max, "spread": spread,
}  # fmt: skip
assert set(REDUCE) == set(REDUCTIONS)
#: Reductions that take a value at a bound for what it is not.
AVERAGES = ("mean", "spread")


class Quantities(Draws):
    """The algebra of one claim: its references are read here, and panels that had no answer are remembered."""

    def __init__(
        self,
        cells: CellTable,
        axes: Sequence[PlanAxis],
        fits: Sequence[PanelFit],
        optima: Sequence[PanelOptimum],
        where: str | None = None,
    ) -> None:
        super().__init__(_unknown, _unknown)
        self.cells, self.fits, self.optima = cells, fits, optima
        self.sizes = CellSizes(cells, axes)
        self.scatter = Scatter(cells, axes, fits)
        self.axes, self.where = axes, where
        lengths = [len(next(iter(f.fit.draws.values()))) for f in fits if f.fit and f.fit.draws]
        self.n_draws = max(lengths, default=0) or N_DRAWS
        self.statistics = Statistics(cells, self.scatter, self.n_draws)
        self._of_curves: dict[int, Statistics] = {}
        #: Why something asked for has no answer, and where: None for everywhere.
        self.skipped: dict[str, Panel | None] = {}
        self._found: dict[QuantityRef, tuple[Drawn, dict[str, Panel | None]]] = {}
        self._given: dict[Any, Drawn] = {}

    @cached_property
    def keep(self) -> NDArray[np.bool_]:
        """The cells that the claim's condition keeps; laws of curves have their own."""
        return mask(self.cells, self.where)

    @contextmanager
    def supposing(self, given: Mapping[Any, Drawn]) -> Iterator[None]:
        """Answers while some nodes of the tree have other values than their own."""
        before, self._given = self._given, {**self._given, **given}
        try:
            yield
        finally:
            self._given = before

    def value(self, node: Any) -> Any:
        """See `Algebra.value`."""
        return self._given[node] if self._given and node in self._given else super().value(node)

    def answer(self, tree: Any) -> Any:
        """The value of an expression of a claim.

        Raises:
            UnansweredError: It has none: a quantity that is not there, a division of constants by zero, text in a sum.
        """
        try:
            return self.value(tree)
        except (ArithmeticError, TypeError, ValueError) as error:
            why = "it divides by zero" if isinstance(error, ZeroDivisionError) else "its sides are not all numbers"
            raise UnansweredError(f"`{to_text(written(tree))}` has no value: {why}") from error

    def leaf(self, node: Any) -> Any:
        """The numbers that a reference stands for.

        Raises:
            UnansweredError: These results hold no such quantity; the text says why.
        """
        match node:
            case QuantityRef():
                if node not in self._found:
                    with self._noting() as notes:
                        self._found[node] = self._read(node), notes
                found, notes = self._found[node]
                self.skipped |= notes
                return found
            case Reduction():
                return self._reduced(node)
            case Unresolved():
                raise UnansweredError(node.reason)
        return super().leaf(node)

    def _read(self, ref: QuantityRef) -> Drawn:
        match ref.kind:
            case "fit":
                return self._of_fit(ref)
            case "optimum":
                return self._of_optimum(ref)
            case "axis":
                return cell_values.axis_values(self.cells, ref.name, self.keep)
            case "measured":
                return self._measured(ref).value
            case "tuned":
                return cell_values.best(self.sizes, ref, self.keep)
            case "asymmetry":
                return self.signed_asymmetry(ref).magnitude()
        return cell_values.property_of(self.sizes, ref, self.keep, self.n_draws)

    def signed_asymmetry(self, ref: QuantityRef) -> Drawn:
        """What an asymmetry is the magnitude of."""
        return cell_values.asymmetry(self._measured(ref), self.sizes, *ref.exchanged)

    def _reduced(self, node: Reduction) -> Drawn:
        return self.parts(node).reduce(REDUCE[node.word])

    def parts(self, node: Reduction) -> Drawn:
        """The values that a reduction is of."""
        with self._noting() as notes:
            quantity = drawn(self.answer(node.quantity))
        self.skipped |= {text: panel for text, panel in notes.items() if _may_be(panel, node.selectors)}
        entries = [Entry(panel, place=i) for i, panel in enumerate(quantity.panels)]
        kept = select(entries, node.selectors)
        if node.word in AVERAGES:
            kept = [entry for entry in kept if not self._from_one_side(node.quantity, entry.panel)]
        if not kept:
            raise UnansweredError(f"there is nothing to take the {node.word} of")
        return quantity.take([e.place for e in kept], [e.panel for e in kept])

    def _from_one_side(self, quantity: Any, panel: Panel) -> bool:
        """True for a parameter at a bound, which is no estimate to average; a note says so."""
        for ref in references(quantity):
            for one in self.fits if ref.kind == "fit" and not ref.at else ():
                told = one.fit.told.get(ref.name) if one.fit and one.request == ref.request else None
                if told is not None and told.status in ("above", "below") and join(panel, one.panel) is not None:
                    self.note(one.request.name, one.panel, f"{ref.name} is {told.words}, and is not averaged")
                    return True
        return False

    # --- fits and optima ------------------------------------------------------------------------------------------

    def _of_fit(self, ref: QuantityRef) -> Drawn:
        if ref.at:
            at = {s.name: float(s.value) for s in ref.at}
            return collected(self._fitted(ref), lambda f: predicted(f, at))
        return collected(self._fitted(ref), lambda f: of_fit(f, ref.name, self.cells, self._statistics(f)))

    def _statistics(self, panel: PanelFit) -> Statistics:
        """Statistics of the table that a fit's rows are of."""
        if panel.curve is None:
            return self.statistics
        if id(panel.curve) not in self._of_curves:
            scatter = Scatter(panel.curve, curve_axes(panel.curve), [f for f in self.fits if f.curve is not None])
            self._of_curves[id(panel.curve)] = Statistics(panel.curve, scatter, self.n_draws)
        return self._of_curves[id(panel.curve)]

    def _kept(self, panel: PanelFit) -> bool:
        """True for a fit of which the claim's condition leaves some cells."""
        keep = self.keep if panel.curve is None else mask(panel.curve, self.where)
        return not len(panel.cells) or bool(np.any(keep[panel.cells]))

    def _fitted(self, ref: QuantityRef) -> list[tuple[Entry, PanelFit]]:
        """Panels of a fit that were fitted and are selected; the others are noted with their reasons."""
        name, own = "" if ref.at else ref.name, [f for f in self.fits if f.request == ref.request]
        entries = [Entry(f.panel, f.cells, i) for i, f in enumerate(own) if self._kept(f)]
        found = []
        curve = next((f.curve for f in own if f.curve is not None), None)
        sizes = self.sizes if curve is None else CellSizes(curve, curve_axes(curve))
        for entry in select(entries, ref.selectors, sizes):
            panel = own[entry.place]
            if panel.fit is None:
                self.note(panel.request.name, panel.panel, panel.reason)
            elif name in panel.fit.unidentified:
                # Its predictions are as good as any; this parameter is one of many answers.
                self.note(panel.request.name, panel.panel, f"{name} is {NOT_IDENTIFIED}")
            elif name in panel.fit.params and name not in panel.fit.fixed and through_every_point(panel.fit):
                reason = f"{panel.fit.n} cells for as many free parameters tell no interval"
                self.note(panel.request.name, panel.panel, reason)
            else:
                found.append((entry, panel))
        return found

    def _of_optimum(self, ref: QuantityRef) -> Drawn:
        own = [o for o in self.optima if o.request == ref.request]
        flops = next((float(s.value) for s in ref.at), None)
        found = []
        for entry in select([Entry(o.panel, place=i) for i, o in enumerate(own)], ref.selectors):
            panel = own[entry.place]
            if panel.optimum is None:
                self.note(panel.request.name, panel.panel, panel.reason)
            elif ref.name in panel.optimum.unidentified:
                self.note(panel.request.name, panel.panel, f"{ref.name} is {NOT_IDENTIFIED}")
            else:
                found.append((entry, panel.optimum))
        return collected(found, lambda optimum: of_optimum(optimum, ref.name, flops))

    def interval(self, node: Any, panel: Panel, estimate: float) -> Interval | None:
        """The interval that a fit or an optimum gives of its own parameter, as tables show it.

        None for anything else, such as a sum of two parameters, of which only draws are known.
        """
        if not isinstance(node, QuantityRef) or node.request is None:
            return None
        found: list[tuple[Panel, Fit | Optimum]] = [
            (f.panel, f.fit) for f in self.fits if f.request == node.request and f.fit
        ]
        found += [(o.panel, o.optimum) for o in self.optima if o.request == node.request and o.optimum]
        for own, result in found:
            known = result.intervals.get(node.name)
            if known is not None and result.params[node.name] == estimate and join(panel, own) is not None:
                return known
        return None

    def note(self, what: str, panel: Panel, reason: str) -> None:
        """Remember why something asked for has no answer."""
        place = f" at {panel_name(panel)}" if panel else ""
        self.skipped.setdefault(f"{what}{place}: {reason}", panel)

    @contextmanager
    def _noting(self) -> Iterator[dict[str, Panel | None]]:
        """What is noted meanwhile, kept apart."""
        before, self.skipped = self.skipped, {}
        try:
            yield self.skipped
        finally:
            self.skipped = before

    # --- cells ----------------------------------------------------------------------------------------------------

    def _measured(self, ref: QuantityRef) -> cell_values.Measured:
        found = cell_values.losses(self.sizes, ref, self.keep, self.scatter, self.n_draws)
        for panel in found.missing:
            self.note(ref.name, panel, "no run of this cell has a loss")
        for place, panel in enumerate(found.value.panels):
            if not np.any(np.isfinite(found.value.draws[:, place])):
                self.note(ref.name, panel, UNTOLD)
        return found


def _may_be(panel: Panel | None, selectors: Sequence[Selector]) -> bool:
    """False for a panel that a reduction over panels selected leaves out."""
    try:
        return not panel or bool(select([Entry(panel)], selectors))
    except UnansweredError:
        return False


def _unknown(node: ast.Name | ast.Call) -> NoReturn:
    raise UnansweredError(f"`{to_text(node)}` stands for no number here")


def collected(found: Sequence[tuple[Entry, Any]], read: Callable[[Any], Reading]) -> Drawn:
    """One number of several fits or optima, side by side."""
    answers = [(entry.panel, *read(result)) for entry, result in found]
    if not answers:
        return Drawn((), np.empty(0), np.empty((1, 0)))
    n = min({len(draws) for _, _, draws in answers} - {1}, default=1)
    columns = [np.broadcast_to(draws[:n], (n,)) for _, _, draws in answers]
    return Drawn(tuple(a[0] for a in answers), np.array([a[1] for a in answers]), np.stack(columns, axis=1))
