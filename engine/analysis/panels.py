"""Panels: the cells that each fit sees.

A law sees the axes that move its variables; every other axis is a panel, with one fit a value.
An axis of names or labels, and one declared `panel`, is always a panel. So `power(N)` gives a fit for each asked D, and
a curve for each budget where compute is swept; `power(D)` a fit for each model configuration; a law in N and D one for
each panel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.plan.panel_axes import seen_axes
from scalingdsl.spec.plan.run_grid import PlanAxis
from scalingdsl.spec.vocabulary.quantities import column_of, held_by

from .analysis_result import CellTable, Panel
from .cells.reduce_runs import group_rows
from .study_axes import SAME, moving, point_of

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class PanelRows:
    """Cells of one panel."""

    panel: Panel
    rows: Rows


def panels(
    cells: CellTable, axes: Sequence[PlanAxis], variables: Sequence[str], group: float | None = None
) -> tuple[PanelRows, ...]:
    """The cells of each fit of a law in these run quantities, in the order of the plan.

    Args:
        cells: All cells; those without a loss are kept here and left out by the fit.
        axes: The cell axes, with their roles.
        variables: Run quantities the law is read in.
        group: Relative tolerance within which sizes count as one slice; also used for tables, which have no axes.
    """
    held = column_of(held_by(variables[0])) if len(variables) == 1 else ""
    known = held and bool(np.any(np.isfinite(cells.columns[held])))
    if known and (group is not None or not any(axis.role == "sweep" for axis in axes)):
        return _slices(cells, axes, held, group or SAME)
    free = {name for axis in axes if axis.role != "panel" for name in axis.names}

    def moved(quantity: str) -> frozenset[str]:
        found = moving(cells, axes, quantity if quantity in cells.axes else column_of(quantity))
        return (found | {quantity}) & free

    seen = seen_axes(variables, cells.axes, moved)
    return tuple(split(cells, [name for name in cells.axes if name not in seen]))


def split(cells: CellTable, names: Sequence[str], rows: Rows | None = None) -> list[PanelRows]:
    """Cells apart by the named axes; an axis that does not apply to a cell is not in its panel."""
    rows = np.arange(cells.n) if rows is None else rows
    sub = {name: cells.columns[name][rows] for name in cells.columns}
    if not names:
        return [PanelRows((), rows)]
    return [PanelRows(panel_of(cells, names, int(rows[g[0]])), rows[g]) for g in group_rows(sub, names)]


def panel_of(cells: CellTable, names: Sequence[str], row: int) -> Panel:
    """The place of a cell on the named axes, those that apply to it."""
    return tuple(point_of(cells, row, names).items())


def _slices(cells: CellTable, axes: Sequence[PlanAxis], held: str, tolerance: float) -> tuple[PanelRows, ...]:
    """Cells whose held size agrees within a tolerance, apart by every axis that moves no size."""
    sizes = moving(cells, axes, "N") | moving(cells, axes, column_of("D"))
    always = {name for axis in axes if axis.role == "panel" for name in axis.names}
    name = "N" if held == "N" else "D"
    found = []
    for outer in split(cells, [n for n in cells.axes if n in always or n not in sizes]):
        for rows in _runs_of_equals(cells.columns[held], outer.rows, tolerance):
            middle = float(f"{np.median(cells.columns[held][rows]):.6g}")
            found.append(PanelRows((*outer.panel, (name, int(middle) if middle.is_integer() else middle)), rows))
    return tuple(found)


def _runs_of_equals(values: NDArray[np.float64], rows: Rows, tolerance: float) -> list[Rows]:
    """Rows in ascending order of value, cut where a value exceeds the first of its group by more than the tolerance."""
    ordered = rows[np.argsort(values[rows], kind="stable")]
    ordered = ordered[np.isfinite(values[ordered])]
    groups: list[list[int]] = []
    start = np.nan
    for row in ordered.tolist():
        if not groups or values[row] > start * (1 + tolerance):
            groups.append([])
            start = values[row]
        groups[-1].append(row)
    return [np.array(sorted(group), dtype=np.int64) for group in groups]
