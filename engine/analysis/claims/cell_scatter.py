"""Scatter of what is measured of cells: how far another run of the same setting might have come out.

The error of an evaluation says how well one model is known, not how well its setting is. So a cell is judged by

1. its replicates, pooled over its panel as a share of what is measured, for two or three seeds alone say little; a
   cell that scatters more than the others by more than luck keeps its own;
2. where no cell of the panel has any, residuals about the panel's best smooth law: of the study's own fits and of
   polynomials in the logarithms of the sizes the one that leaves least for its parameters;
3. where neither is to be had, nothing: no number, and so no verdict;
4. what no seed changes by its evaluation alone: another run would be the same.

Losses scatter as a share of what lies above the entropy rate, where that is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import combinations_with_replacement
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.claims.plan_references import ClaimReference
from scalingdsl.spec.claims.references import references
from scalingdsl.spec.constants import SPARE_CELLS
from scalingdsl.spec.plan.run_grid import PlanAxis
from scalingdsl.spec.vocabulary.quantities import QUANTITIES, curves, error_of, measured_by_families
from scipy.special import fdtrc

from ...fits.core.fit_result import Array
from ..analysis_result import CellTable, Note, PanelFit
from ..cells.cell_selection import values_of
from ..cells.reduce_runs import freedom_of, group_rows, scatter_of
from ..study_axes import moving

#: Probability below which a cell's own scatter is more than that of its panel.
UNLIKELY = 0.01
#: Degree of polynomials at most.
DEGREE = 3

#: Cells with replicates, for each number that their scatter follows from, below which it is taken to be the same.
FOLLOWED = 4
#: The reason why a measurement decides nothing.
UNTOLD = "one seed, and too few sizes for a smooth law: nothing tells how much another run would differ"

Rows = NDArray[np.int64]


class Errors(NamedTuple):
    """Standard errors of a measurement in each cell, shape (cell,) each: by the scatter of runs, with its degrees of
    freedom, NaN where nothing tells; and of the evaluation, 0 where it is part of that.
    """

    scatter: Array
    dof: Array
    evaluation: Array


class Scatter:
    """Standard errors of cells."""

    def __init__(self, cells: CellTable, axes: Sequence[PlanAxis], fits: Sequence[PanelFit]) -> None:
        self.cells, self.axes, self.fits = cells, axes, fits
        self._known: dict[str, Errors] = {}

    @cached_property
    def _panels(self) -> list[Rows]:
        """Cells apart by every axis that moves no size."""
        sizes = frozenset[str]().union(*(moving(self.cells, self.axes, size) for size in ("N", "D_asked", "D")))
        always = {name for axis in self.axes if axis.role == "panel" for name in axis.names}
        return group_rows(self.cells.columns, [n for n in self.cells.axes if n in always or n not in sizes])

    def of(self, name: str) -> Errors:
        """The errors of a measurement."""
        if name not in self._known:
            found = np.full((3, self.cells.n), np.nan)
            value = np.asarray(values_of(self.cells, name), dtype=np.float64)
            for panel in self._panels:
                rows = panel[np.isfinite(value[panel])]
                if len(rows):
                    found[:, rows] = self._panel(name, value[rows], rows)
            self._known[name] = Errors(*found)
        return self._known[name]

    def _panel(self, name: str, value: Array, rows: Rows) -> Errors:
        level = self._level(name, value, rows)
        seeds = np.maximum(np.asarray(self.cells.columns["n_seeds"][rows], dtype=np.float64), 1.0)
        own = self._column(scatter_of(name), rows) / level
        settled = (own == 0) & (seeds == 1)
        if np.any(settled):
            return self._settled(name, value, rows, settled)
        if np.any(np.isfinite(own)):
            each, dof = _pooled(own, seeds - 1.0, self._logs(rows))
        else:
            scatter, spare = self._about_a_law(name, value, level, rows)
            each, dof = np.full(len(rows), scatter), np.full(len(rows), spare)
        # Where replicates scatter by less than the evaluation errs, which all runs share, both count.
        evaluation = np.where(np.isinf(self._column(freedom_of(name), rows)), self._column(error_of(name), rows), 0.0)
        return Errors(each * level / np.sqrt(seeds), dof, np.nan_to_num(evaluation))

    def _settled(self, name: str, value: Array, rows: Rows, settled: NDArray[np.bool_]) -> Errors:
        """Errors where another run of some cells would come out the same: of those the evaluation's alone."""
        found = np.full((3, len(rows)), np.nan)
        found[:, settled] = np.zeros((3, 1))
        found[1, settled] = np.inf
        found[2, settled] = np.nan_to_num(self._column(error_of(name), rows[settled]))
        if not np.all(settled):
            found[:, ~settled] = self._panel(name, value[~settled], rows[~settled])
        return Errors(*found)

    def _column(self, name: str, rows: Rows) -> Array:
        column = self.cells.columns.get(name)
        return np.full(len(rows), np.nan) if column is None else np.asarray(column[rows], dtype=np.float64)

    def _level(self, name: str, value: Array, rows: Rows) -> Array:
        """What scatter is a share of: what lies above the entropy rate, else a loss or curve itself; of another, 1."""
        if name in (*measured_by_families(), *curves()):
            return np.abs(value) if np.all(value != 0) else np.ones(len(rows))
        if error_of(name) != error_of("loss"):
            return np.ones(len(rows))
        above = self._column("excess", rows)
        return above if np.all(above > 0) else np.abs(value) if np.all(value != 0) else np.ones(len(rows))

    # --- residuals ------------------------------------------------------------------------------------------------

    def _about_a_law(self, name: str, value: Array, level: Array, rows: Rows) -> tuple[float, float]:
        """Relative scatter about the best smooth law and the degrees of freedom left to it; NaN where there is none."""
        found = [*self._polynomials(value, level, rows), *self._fitted(name, level, rows)]
        known = [(square / spare, float(spare)) for square, spare in found if spare >= SPARE_CELLS]
        if not known:
            return np.nan, np.nan
        variance, spare = min(known)
        return float(np.sqrt(variance)), spare

    def _polynomials(self, value: Array, level: Array, rows: Rows) -> Iterator[tuple[float, int]]:
        """Sums of squared relative residuals of polynomials in log N, log D, and cells to spare."""
        logs = self._logs(rows)
        positive = bool(np.all(level > 0)) and not np.all(level == 1.0)
        seen = np.log(level) if positive else value
        for degree in range(1, DEGREE + 1) if logs else ():
            powers = [p for d in range(degree + 1) for p in combinations_with_replacement(range(len(logs)), d)]
            design = np.stack([np.prod([logs[i] for i in p], axis=0) * np.ones(len(rows)) for p in powers], axis=1)
            coefficients, _, rank, _ = np.linalg.lstsq(design / np.linalg.norm(design, axis=0), seen, rcond=None)
            residual = seen - design / np.linalg.norm(design, axis=0) @ coefficients
            yield float(residual @ residual), len(rows) - int(rank)

    def _logs(self, rows: Rows) -> list[Array]:
        """Logarithms of the sizes that differ between cells, about their means, shape (cell,) each."""
        sizes = (self._column(name, rows) for name in dict.fromkeys(("N", "D", *self.cells.sizes)))
        logs = [np.log(x) for x in sizes if np.all(x > 0)]
        return [x - np.mean(x) for x in logs if np.ptp(x) > 0]

    def _fitted(self, name: str, level: Array, rows: Rows) -> Iterator[tuple[float, int]]:
        """The same of the study's own fits, those of slices together where they hold all cells of the panel."""
        of_row = np.full(self.cells.n, np.nan)
        of_row[rows] = level
        for request in dict.fromkeys(f.request for f in self.fits):
            own = [
                f for f in self.fits if f.request == request and f.fit and set(f.cells.tolist()) <= set(rows.tolist())
            ]
            if error_of(request.loss) != error_of(name) or not own:
                continue
            squares = sum(float(np.sum((f.fit.residuals / of_row[f.cells]) ** 2)) for f in own if f.fit)
            n = sum(len(f.cells) for f in own)
            spare = n - sum(f.fit.details.n_free for f in own if f.fit)
            if 2 * n >= len(rows):
                yield squares, spare


def untold(claims: Iterable[ClaimReference], scatter: Scatter) -> Iterator[Note]:
    """The remark that nothing tells the scatter of cells that claims compare."""
    measured = {ref.name for c in claims for ref in references(c.tree) if ref.kind in ("measured", "asymmetry")}
    for name in sorted(measured):
        known = QUANTITIES.get(name)
        value = values_of(scatter.cells, name)
        if value is None or value.dtype.kind == "U" or (known is not None and not known.fitted):
            continue
        blind = np.isfinite(np.asarray(value, dtype=np.float64)) & ~np.isfinite(scatter.of(name).scatter)
        if np.any(blind):
            yield Note(
                "RUN209",
                f"claims on `{name}` cannot be judged in {int(np.sum(blind))} of {scatter.cells.n} cells: {UNTOLD}",
            )


def _pooled(own: Array, spare: Array, logs: Sequence[Array]) -> tuple[Array, Array]:
    """Each cell's scatter and its degrees of freedom: the panel's, or its own where that is more by more than luck."""
    known = np.isfinite(own) & (spare > 0)
    total = float(np.sum(spare[known]))
    shape = _shape(own, known, spare, logs)
    ratio = np.where(known, own, 0.0) / shape
    square = float(np.sum(spare[known] * ratio[known] ** 2)) / total
    rest = total - spare
    with np.errstate(divide="ignore", invalid="ignore"):
        others = (total * square - spare * ratio**2) / rest
        unlikely = known & (rest > 0) & (fdtrc(spare, np.maximum(rest, 1.0), ratio**2 / others) < UNLIKELY)
    return np.where(unlikely, own, shape * np.sqrt(square)), np.full(len(own), total)


def _shape(own: Array, known: NDArray[np.bool_], spare: Array, logs: Sequence[Array]) -> Array:
    """Relative scatter up to a factor, as a power of each size where there are cells enough to follow it."""
    told = known & (own > 0)
    if not logs or np.sum(told) < FOLLOWED * (len(logs) + 1):
        return np.ones(len(own))
    design = np.stack([np.ones(len(own)), *logs], axis=1)
    weight = np.sqrt(spare[told])
    coefficients = np.linalg.lstsq(design[told] * weight[:, None], np.log(own[told]) * weight, rcond=None)[0]
    return np.asarray(np.exp(design[:, 1:] @ coefficients[1:]))
