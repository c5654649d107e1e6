"""The fits of a study: every law in every panel, or the reason why a panel has none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.claims.selection import UnansweredError
from scalingdsl.spec.errors import FitError
from scalingdsl.spec.plan.run_grid import PlanAxis
from scalingdsl.spec.plan.study_plan import FitRequest
from scalingdsl.spec.syntax import ast
from scalingdsl.spec.syntax.parser import parse_value
from scalingdsl.spec.vocabulary.base import Scalar
from scalingdsl.spec.vocabulary.quantities import canonical, curves

from ..fits import Fit, FitOptions, Points, fit_law, predict, seen_in_compute
from ..fits.core.array_algebra import Arrays
from ..fits.core.fit_result import Array
from ..fits.custom.custom_form import is_expression
from ..fits.solver.prepare import prepare
from .analysis_result import CellTable, Panel, PanelFit
from .cells.cell_selection import mask, values_of
from .cells.curve_cells import curve_axes
from .cells.reduce_runs import scatter_of
from .panels import PanelRows, panels
from .study_axes import SAME

#: Bootstrap draws where a study does not say; all fits of a study share them.
N_DRAWS = 1000
#: Seed of the draws, the same for every fit.
SEED = 0

Rows = NDArray[np.int64]


def fit_request(request: FitRequest, cells: CellTable, axes: Sequence[PlanAxis]) -> tuple[PanelFit, ...]:
    """One law, fitted in each of its panels; in all of them at once where it shares parameters."""
    found = panels(cells, axes, request.quantities, request.group)
    try:
        data = request_cells(request, cells)
    except UnansweredError as reason:
        return tuple(_unfitted(request, p, str(reason)) for p in found)
    # A panel that has none of these sizes, such as one model family's at each of the other's, is none of this law's.
    there = np.all([np.isfinite(column) for column in data.variables.values()], axis=0)
    wanted = [p for p in found if np.any(data.kept[p.rows])]
    wanted = [p for p in wanted if np.any(there[p.rows])] or wanted
    if not wanted and found:
        none = PanelRows((), np.array([], dtype=np.int64))
        return (_unfitted(request, none, "no cell satisfies its condition"),)
    return data.together(wanted) if request.shared else tuple(data.alone(p) for p in wanted)


def of_curves(request: FitRequest, table: CellTable) -> tuple[PanelFit, ...]:
    """One law, fitted to the points of a curve of every source, or cell, that has it."""
    if request.loss not in table.columns or not np.any(np.isfinite(table.columns[request.loss])):
        none = np.array([], dtype=np.int64)
        reason = _no_points(request)
        return (PanelFit(request, (), None, reason, none, none, curve=table),)
    return tuple(replace(fit, curve=table) for fit in fit_request(request, table, curve_axes(table)))


def _no_points(request: FitRequest) -> str:
    """The reason why a law of a curve has nothing to be fitted to."""
    if request.loss in curves():
        return f"these results hold no `{request.loss}` of a source; `scalingdsl run` into the same folder adds it"
    return (
        f"these results hold no `{request.loss}` by position, for nothing asked for it when the runs were trained; "
        "`scalingdsl run` into another folder, `--out`, records it"
    )


def request_cells(request: FitRequest, cells: CellTable) -> RequestCells:
    """The cells as one request sees them.

    Raises:
        UnansweredError: They hold no such loss or quantity, or its condition cannot be read off them.
    """
    kept, loss = mask(cells, request.where), losses(cells, request.loss)
    columns = {quantity: numbers(cells, quantity) for quantity in request.quantities}
    return RequestCells(request, cells, columns, loss, kept)


def losses(cells: CellTable, name: str) -> Array:
    """The losses that a law is fitted to: `loss`, or another measurement by its name.

    Raises:
        UnansweredError: No cell holds it.
    """
    column = values_of(cells, name)
    if column is None or column.dtype.kind == "U" or np.all(np.isnan(column)):
        raise UnansweredError(f"these results hold no `{name}`")
    return np.asarray(column, dtype=np.float64)


def numbers(cells: CellTable, quantity: str) -> Array:
    """A run quantity as it was: the D that was trained, not the D asked for."""
    column = cells.columns.get(quantity if quantity in cells.axes else canonical(quantity))
    if column is None or column.dtype.kind == "U":
        raise UnansweredError(f"these results hold no number called `{quantity}`")
    return np.asarray(column, dtype=np.float64)


class RequestCells:
    """The cells as one request sees them."""

    def __init__(
        self,
        request: FitRequest,
        cells: CellTable,
        columns: dict[str, Array],
        loss: Array,
        kept: NDArray[np.bool_],
    ) -> None:
        self.request, self.cells, self.loss, self.kept = request, cells, loss, kept
        usable = np.isfinite(loss) & np.all(
            [np.isfinite(c) & ((c > 0) | is_expression(request.law)) for c in columns.values()], axis=0
        )
        self.fitted, self.held_out = kept & usable, ~kept & usable
        # A law of one variable is told which quantity it is read in, since that names its parameters.
        one = len(request.variables) == 1
        self.variables = {quantity if one else own: columns[quantity] for own, quantity in request.variables}

    def points(self, rows: Rows, group: tuple[str, ...] | None = None) -> Points:
        """The cells in these rows, as the laws take them."""
        variables = {name: column[rows] for name, column in self.variables.items()}
        columns = self.cells.columns
        scatter = columns.get(scatter_of(self.request.loss))
        return Points(
            variables,
            self.loss[rows],
            self.cells.clusters[rows],
            group=group,
            scatter=None if scatter is None else scatter[rows],
            replicates=columns["n_seeds"][rows],
        )

    def rows(self, panel: PanelRows) -> Rows:
        """The cells of a panel that enter its fit."""
        return self._enveloped(panel.rows[self.fitted[panel.rows]])

    def _enveloped(self, rows: Rows) -> Rows:
        """A law of losses in compute sees only cells that no other beats with as little of it."""
        if [canonical(quantity) for quantity in self.request.quantities] != ["C"] or not len(rows):
            return rows
        flops = next(iter(self.variables.values()))
        return rows[seen_in_compute(flops[rows], self.loss[rows])]

    def alone(self, panel: PanelRows) -> PanelFit:
        """A panel's own fit."""
        rows = self.rows(panel)
        if not len(rows):
            return _unfitted(self.request, panel, "no cell has a loss", rows)
        if len(self.variables) == 1 and len(rows) > 1:
            name, values = next((name, column[rows]) for name, column in self.variables.items())
            if np.ptp(values) <= SAME * np.max(values):
                return _unfitted(self.request, panel, f"{name} is the same in all {len(rows)} cells", rows)
        try:
            fit = self._fit(self.points(rows), rows)
        except (UnansweredError, FitError) as reason:
            return _unfitted(self.request, panel, str(reason), rows)
        return self._result(panel, rows, fit)

    def together(self, wanted: Sequence[PanelRows]) -> tuple[PanelFit, ...]:
        """One fit of all panels, taken apart again so that each has its own parameters beside the shared ones."""
        parts = [self.rows(panel) for panel in wanted]
        rows = np.concatenate(parts) if parts else np.array([], dtype=np.int64)
        names = [panel_name(panel.panel) for panel in wanted]
        group = tuple(name for name, part in zip(names, parts) for _ in part)
        try:
            joint = self._fit(self.points(rows, group), rows, shared=self.request.shared)
        except (UnansweredError, FitError) as reason:
            return tuple(_unfitted(self.request, panel, str(reason), part) for panel, part in zip(wanted, parts))
        starts = np.cumsum([0, *(len(part) for part in parts)])
        return tuple(
            _unfitted(self.request, panel, "no cell has a loss", part)
            if not len(part)
            else self._result(panel, part, _share_of(joint, name, slice(start, start + len(part)), self.loss[part]))
            for panel, name, part, start in zip(wanted, names, parts, starts)
        )

    def again(self, rows: Rows) -> Fit:
        """The fit to these cells, by themselves."""
        return self._fit(self.points(rows), rows)

    def unfitted(self, rows: Rows, together: Sequence[tuple[Panel, Rows]] | None = None) -> Fit:
        """The fit to these cells without its numbers; `together` are all the panels of a fit that shares parameters."""
        if together is not None:
            rows = np.concatenate([part for _, part in together])
        group = tuple(panel_name(panel) for panel, part in together for _ in part) if together is not None else None
        shared = self.request.shared if together is not None else ()
        return prepare(self.request.law, self.points(rows, group), self._options(rows, shared)).unfitted("failed")

    def _fit(self, points: Points, rows: Rows, shared: tuple[str, ...] = ()) -> Fit:
        return fit_law(self.request.law, points, self._options(rows, shared))

    def _options(self, rows: Rows, shared: tuple[str, ...]) -> FitOptions:
        request = self.request
        return FitOptions(
            fixed={name: self._fixed(text, rows) for name, text in request.fixed},
            objective=request.objective,
            delta=request.delta,
            bootstrap=N_DRAWS if request.bootstrap is None else request.bootstrap,
            seed=SEED,
            shared=shared,
        )

    def _fixed(self, text: str, rows: Rows) -> float | Array:
        """A parameter's fixed value: one number, or one a cell where the expression differs between them."""
        value = np.asarray(Arrays(self._column, _no_function).value(parse_value(text)), dtype=np.float64)
        at = np.broadcast_to(value, (self.cells.n,))[rows]
        if not np.all(np.isfinite(at)):
            raise UnansweredError(f"`{text}` is not known for every cell of this panel")
        return float(at[0]) if len(at) and np.all(at == at[0]) else at

    def _column(self, node: ast.Name) -> Array:
        return numbers(self.cells, node.id)

    def _result(self, panel: PanelRows, rows: Rows, fit: Fit) -> PanelFit:
        every = self._enveloped(panel.rows[(self.held_out | self.fitted)[panel.rows]])
        out = every[self.held_out[every]]
        if not fit.succeeded:
            reason = "; ".join(w.message for w in fit.warnings) or fit.status
            return PanelFit(self.request, panel.panel, None, reason, rows, out)
        return PanelFit(self.request, panel.panel, fit, "", rows, out, self._holdout(fit, out))

    def _holdout(self, fit: Fit, out: Rows) -> float | None:
        """Root mean square error of log loss on the cells held out."""
        if not len(out):
            return None
        predicted = predict(fit, {name: column[out] for name, column in self.variables.items()})
        with np.errstate(invalid="ignore", divide="ignore"):
            return float(np.sqrt(np.mean((np.log(predicted) - np.log(self.loss[out])) ** 2)))


def _no_function(call: ast.Call) -> UnansweredError:
    return UnansweredError(f"a fixed parameter cannot use `{call.name}(...)`")


def panel_name(panel: Panel) -> str:
    """A panel in words: `kappa = 1, width = 64`."""
    return ", ".join(f"{name} = {number_text(value)}" for name, value in panel)


def number_text(value: Scalar) -> str:
    """An axis value as short as it can be written."""
    return value if isinstance(value, str) else f"{value:.6g}" if isinstance(value, float) else str(value)


def _share_of(joint: Fit, panel: str, part: slice, loss: Array) -> Fit:
    """One panel's part of a joint fit, under the plain names of its parameters."""
    suffix = f"[{panel}]"

    def own(values: Mapping[str, Any]) -> dict[str, Any]:
        return {name.removesuffix(suffix): v for name, v in values.items() if "[" not in name or name.endswith(suffix)}

    residuals = joint.residuals[part]
    with np.errstate(invalid="ignore", divide="ignore"):
        of_log = np.log(loss) - np.log(loss - residuals)
    fit = replace(
        joint,
        params=own(joint.params),
        intervals=own(joint.intervals),
        unidentified=tuple(own(dict.fromkeys(joint.unidentified))),
        told=own(joint.told),
        draws=own(joint.draws),
        n=len(loss),
        details=replace(
            joint.details,
            jackknife=own(joint.details.jackknife),
            without_level=own(joint.details.without_level),
            n_joint=joint.n,
        ),
    )
    return fit.with_residuals(residuals, of_log)


def _unfitted(request: FitRequest, panel: PanelRows, reason: str, rows: Rows | None = None) -> PanelFit:
    none = np.array([], dtype=np.int64)
    return PanelFit(request, panel.panel, None, reason, panel.rows if rows is None else rows, none)
