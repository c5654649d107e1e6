"""What the names and calls of a claim stand for: numbers of fits and optima, losses of cells, axis values.

beta(power(D), kappa=1)              a parameter of a fit, in the panels selected
L(surface(chinchilla), C=3000PFLOP)  an optimum read at a compute
loss(chinchilla, N=1M, D=20M)        a law's prediction
loss(N=1M, D=20M), loss(wsd)         what was measured
mean(alpha(power(N)), muP)           one number for all panels selected
beta, entropy_rate, tail             the one fit that has it; a property of the source; an axis's own values
lr(muP, width=256)                   the value of a tuned axis that was best in a cell
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scalingdsl.spec.expressions.evaluate import well_called
from scalingdsl.spec.plan.run_grid import PlanAxis
from scalingdsl.spec.plan.study_plan import FitRequest, OptimumRequest, StudyPlan
from scalingdsl.spec.syntax import ast
from scalingdsl.spec.syntax.parser import parse_value
from scalingdsl.spec.syntax.printer import to_text
from scalingdsl.spec.vocabulary import REGISTRY
from scalingdsl.spec.vocabulary.base import Scalar
from scalingdsl.spec.vocabulary.functions import FUNCTIONS, REDUCTIONS
from scalingdsl.spec.vocabulary.quantities import QUANTITIES, canonical, statistics
from scalingdsl.spec.vocabulary.words.laws import Law

from ...fits.core.fit_result import NOT_IDENTIFIED, Array, Fit, Interval, Optimum
from ..analysis_result import CellTable, Panel, PanelFit, PanelOptimum
from ..cells.cell_conditions import UnansweredError, mask
from ..cells.cell_selection import Entry, Selector, select
from ..cells.reduce_runs import error_of
from ..panel_fits import N_DRAWS, panel_name
from ..study_axes import scalar
from . import cell_values
from .fit_values import Reading, of_fit, of_optimum, predicted, through_every_point
from .uncertain import Drawn, Draws, drawn, join


def spread(values: Array, axis: int) -> Array:
    """Largest less smallest."""
    return np.asarray(np.max(values, axis=axis) - np.min(values, axis=axis))


REDUCE: Mapping[str, Callable[..., Any]] = {
    "mean": np.mean, "median": np.median, "min": np.min, "max": np.max, "spread": spread,
}  # fmt: skip
assert set(REDUCE) == set(REDUCTIONS)


@dataclass
class Quantities:
    """Looks up what one claim asks for, and remembers which panels had no answer."""

    plan: StudyPlan
    cells: CellTable
    axes: Sequence[PlanAxis]
    fits: Sequence[PanelFit]
    optima: Sequence[PanelOptimum]
    where: str | None = None
    #: Numbers known from elsewhere by their canonical text, such as `hill(data)`.
    known: Mapping[str, float] = field(default_factory=dict)
    skipped: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._found: dict[str, Any] = {}
        self.draws = _Draws(self)
        self.keep = mask(self.cells, self.where)
        lengths = [len(next(iter(f.fit.draws.values()))) for f in self.fits if f.fit and f.fit.draws]
        self.n_draws = max(lengths, default=0) or N_DRAWS

    def value(self, node: ast.Test | ast.Value) -> Any:
        """The value of an expression of a claim.

        Raises:
            UnansweredError: It has none: a quantity that is not there, a division of constants by zero, text in a sum.
        """
        try:
            return self.draws.value(node)
        except (ArithmeticError, TypeError) as error:
            why = "it divides by zero" if isinstance(error, ZeroDivisionError) else "its sides are not all numbers"
            raise UnansweredError(f"`{to_text(node)}` has no value: {why}") from error

    def look_up(self, node: ast.Name | ast.Call) -> Any:
        """A name or a call as a quantity.

        Raises:
            UnansweredError: These results hold no such quantity; the text says why.
        """
        text = to_text(node)
        if text in self.known:
            return Drawn.exact([self.known[text]])
        if text not in self._found:
            self._found[text] = self._name(node.id, ()) if isinstance(node, ast.Name) else self._call(node)
        return self._found[text]

    # --- names ----------------------------------------------------------------------------------------------------

    def _name(self, name: str, selectors: Sequence[Selector]) -> Drawn:
        if name in self.cells.axes:
            return cell_values.axis_values(self.cells, name, self.keep)
        if name in QUANTITIES and QUANTITIES[name].fitted:
            return self._measured(name, selectors).value
        if f"best_{name}" in self.cells.columns:
            return cell_values.best(self.cells, self.axes, name, self.keep, selectors)
        request = self._owner(name)
        if request is not None:
            return self._of(request, name, selectors)
        if name in self.cells.columns or canonical(name) != name:
            return cell_values.property_of(self.cells, self.axes, name, self.keep, selectors)
        raise UnansweredError(f"no fit of this study gives `{name}`, and nothing called so was measured")

    def _owner(self, name: str) -> FitRequest | OptimumRequest | None:
        """The one fit that has a number of this name, else the one law in N and D, else the one optimum."""
        having = [r for r in self.plan.fits if name in self._names(r)]
        surfaces = [r for r in having if len(r.variables) > 1]
        if len(having) == 1:
            return having[0]
        if len(surfaces) == 1:
            return surfaces[0]
        if having:
            raise UnansweredError(f"several fits have `{name}`: write {name}({having[0].name})")
        optima = [r for r in self.plan.optima if name in self._names(r)]
        if len(optima) > 1:
            raise UnansweredError(f"several optima have `{name}`: write {name}({optima[0].name})")
        return optima[0] if optima else None

    def _names(self, request: FitRequest | OptimumRequest) -> set[str]:
        """Names that a fit or an optimum gives numbers for."""
        if isinstance(request, OptimumRequest):
            return {p for o in self.optima if o.request == request and o.optimum for p in o.optimum.params}
        law = REGISTRY.get(request.law)
        declared = law.parameters(tuple(q for _, q in request.variables)) if law and issubclass(law, Law) else ()
        return {
            *statistics(),
            *declared,
            *(p for f in self.fits if f.request == request and f.fit for p in f.fit.params),
        }

    # --- calls ----------------------------------------------------------------------------------------------------

    def _call(self, call: ast.Call) -> Any:
        given = [a for a in call.args if not isinstance(a, ast.Define | ast.Axis | ast.Path)]
        named = tuple(self._selector(a.name, a.value) for a in call.args if isinstance(a, ast.Define))
        if call.name in REDUCE and given and not self._is_numbers(given):
            return self._reduced(call.name, given, named)
        if well_called(call, FUNCTIONS):
            return self.draws.apply(call.name, *(self.value(value) for value in given))
        if len(given) == 1 and given[0] == ast.Name("data") and error_of(call.name) in self.cells.columns:
            return cell_values.property_of(self.cells, self.axes, call.name, self.keep, named, self.n_draws)
        if call.name == "asymmetry" and len(given) == 3:
            return cell_values.asymmetry(
                self._measured(to_text(given[0]), named), self.cells, self.axes, *map(to_text, given[1:])
            )
        request = self._request(given[0]) if given else None
        labels = tuple(self._selector(None, value) for value in (given[1:] if request else given))
        selectors = (*labels, *named)
        return self._of(request, call.name, selectors) if request else self._name(call.name, selectors)

    def _is_numbers(self, given: Sequence[ast.Value]) -> bool:
        """Whether `min` or `max` is meant as a function of several numbers: no argument after the first is a label."""
        labels = {value for axis in self.cells.axes for value in self._axis(axis) if isinstance(value, str)}
        return len(given) > 1 and not all(isinstance(v, ast.Name) and v.id in labels for v in given[1:])

    def _axis(self, name: str) -> set[Scalar | None]:
        return {scalar(v) for v in np.unique(self.cells.columns[name])}

    def _selector(self, name: str | None, value: ast.Value) -> Selector:
        if isinstance(value, ast.Name):
            return Selector(name, value.id)
        if isinstance(value, ast.String):
            return Selector(name, value.value)
        found = self.value(value)
        if isinstance(found, int | float):
            return Selector(name, found)
        raise UnansweredError(f"`{to_text(value)}` selects nothing: give a number or a label")

    def _reduced(self, word: str, given: Sequence[ast.Value], named: Sequence[Selector]) -> Drawn:
        quantity = drawn(self.value(given[0]))
        selectors = (*(self._selector(None, value) for value in given[1:]), *named)
        entries = [Entry(panel, place=i) for i, panel in enumerate(quantity.panels)]
        kept = select(entries, selectors)
        if not kept:
            raise UnansweredError(f"there is nothing to take the {word} of")
        return quantity.take([e.place for e in kept], [e.panel for e in kept]).reduce(REDUCE[word])

    def _request(self, node: ast.Value) -> FitRequest | OptimumRequest | None:
        """The fit or optimum an argument names: by what was written, or by its `let`."""
        if not isinstance(node, ast.Name | ast.Call):
            return None
        text = to_text(node)
        requests: tuple[FitRequest | OptimumRequest, ...] = (*self.plan.fits, *self.plan.optima)
        return next((r for r in requests if text in (r.name, to_text(parse_value(r.name)))), None)

    # --- fits and optima ------------------------------------------------------------------------------------------

    def _of(self, request: FitRequest | OptimumRequest, name: str, selectors: Sequence[Selector]) -> Drawn:
        if isinstance(request, OptimumRequest):
            return self._of_optimum(request, name, selectors)
        variables = {own for own, _ in request.variables} | {quantity for _, quantity in request.variables}
        at: dict[str | None, float] = {
            s.name: float(s.value) for s in selectors if s.name in variables and not isinstance(s.value, str)
        }
        if name in ("L", "loss") and at:
            rest = [s for s in selectors if s.name not in variables]
            return collected(self._fitted(request, rest), lambda f: predicted(f, at))
        return collected(self._fitted(request, selectors, name), lambda f: of_fit(f, name, self.cells))

    def _fitted(
        self, request: FitRequest, selectors: Sequence[Selector], name: str = ""
    ) -> list[tuple[Entry, PanelFit]]:
        """Panels of a fit that were fitted and are selected; the others are noted with their reasons."""
        own = [f for f in self.fits if f.request == request]
        entries = [
            Entry(f.panel, f.cells, i) for i, f in enumerate(own) if not len(f.cells) or np.any(self.keep[f.cells])
        ]
        found = []
        for entry in select(entries, selectors, self.cells, self.axes):
            panel = own[entry.place]
            if panel.fit is None:
                self.note(request.name, panel.panel, panel.reason)
            elif name in panel.fit.unidentified:
                # Its predictions are as good as any; this parameter is one of many answers.
                self.note(request.name, panel.panel, f"{name} is {NOT_IDENTIFIED}")
            elif name in panel.fit.params and name not in panel.fit.fixed and through_every_point(panel.fit):
                reason = f"{panel.fit.n} cells for as many free parameters tell no interval"
                self.note(request.name, panel.panel, reason)
            else:
                found.append((entry, panel))
        return found

    def _of_optimum(self, request: OptimumRequest, name: str, selectors: Sequence[Selector]) -> Drawn:
        own = [o for o in self.optima if o.request == request]
        flops = next((float(s.value) for s in selectors if s.name == "C" and not isinstance(s.value, str)), None)
        rest = [s for s in selectors if s.name != "C"]
        found = []
        for entry in select([Entry(o.panel, place=i) for i, o in enumerate(own)], rest):
            panel = own[entry.place]
            if panel.optimum is None:
                self.note(request.name, panel.panel, panel.reason)
            elif name in panel.optimum.unidentified:
                self.note(request.name, panel.panel, f"{name} is {NOT_IDENTIFIED}")
            else:
                found.append((entry, panel.optimum))
        return collected(found, lambda optimum: of_optimum(optimum, name, flops))

    def interval(self, node: ast.Test | ast.Value, panel: Panel, estimate: float) -> Interval | None:
        """The interval that a fit or an optimum gives of its own parameter, as tables show it.

        None for anything else, such as a sum of two parameters, of which only draws are known.
        """
        match node:
            case ast.Call(name, (ast.Name() | ast.Call() as first, *_)):
                request = self._request(first)
            case ast.Name(name):
                request = self._owner(name)
            case _:
                return None
        found: list[tuple[Panel, Fit | Optimum]] = [
            (f.panel, f.fit) for f in self.fits if f.request == request and f.fit
        ]
        found += [(o.panel, o.optimum) for o in self.optima if o.request == request and o.optimum]
        for own, result in found:
            known = result.intervals.get(name)
            if known is not None and result.params[name] == estimate and join(panel, own) is not None:
                return known
        return None

    def note(self, what: str, panel: Panel, reason: str) -> None:
        """Remember why something asked for has no answer."""
        place = f" at {panel_name(panel)}" if panel else ""
        self.skipped.setdefault(f"{what}{place}: {reason}")

    # --- cells ----------------------------------------------------------------------------------------------------

    def _measured(self, name: str, selectors: Sequence[Selector]) -> cell_values.Measured:
        found = cell_values.losses(self.cells, self.axes, name, self.keep, selectors, self.n_draws)
        for panel in found.missing:
            self.note(name, panel, "no run of this cell has a loss")
        return found


class _Draws(Draws):
    """Draws whose names and calls one claim's quantities look up."""

    def __init__(self, quantities: Quantities) -> None:
        super().__init__(quantities.look_up, _no_call)
        self.look_up = quantities.look_up

    def call(self, node: ast.Call) -> Any:
        return self.look_up(node)


def _no_call(node: ast.Call) -> AssertionError:
    return AssertionError(f"`{node.name}` is looked up")


def collected(found: Sequence[tuple[Entry, Any]], read: Callable[[Any], Reading]) -> Drawn:
    """One number of several fits or optima, side by side."""
    answers = [(entry.panel, *read(result)) for entry, result in found]
    if not answers:
        return Drawn((), np.empty(0), np.empty((1, 0)))
    n = min({len(draws) for _, _, draws in answers} - {1}, default=1)
    columns = [np.broadcast_to(draws[:n], (n,)) for _, _, draws in answers]
    return Drawn(tuple(a[0] for a in answers), np.array([a[1] for a in answers]), np.stack(columns, axis=1))
