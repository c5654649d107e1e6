"""Compute-optimal sizes: of every fitted surface, or of the cells of every panel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scalingdsl.spec.claims.selection import UnansweredError
from scalingdsl.spec.errors import FitError
from scalingdsl.spec.plan.run_grid import PlanAxis
from scalingdsl.spec.plan.study_plan import OptimumRequest

from ..fits import Fit, Points, optimum
from .analysis_result import CellTable, Panel, PanelFit, PanelOptimum
from .cells.cell_selection import mask
from .panel_fits import numbers
from .panels import Rows, panels


def find_optima(
    request: OptimumRequest, fits: Sequence[PanelFit], cells: CellTable, axes: Sequence[PlanAxis]
) -> tuple[PanelOptimum, ...]:
    """One way to compute-optimal sizes, in every panel it has."""
    try:
        keep = mask(cells, request.where) & np.isfinite(cells.columns["loss"])
    except UnansweredError as reason:
        return (PanelOptimum(request, (), None, str(reason)),)
    if request.fit is None:
        found = panels(cells, axes, ("N", "D"))
        return tuple(_find(request, p.panel, None, cells, p.rows[keep[p.rows]]) for p in found if np.any(keep[p.rows]))
    results = []
    for surface in fits:
        if surface.request.name != request.fit:
            continue
        if surface.fit is None:
            results.append(PanelOptimum(request, surface.panel, None, f"no surface was fitted: {surface.reason}"))
        else:
            results.append(_find(request, surface.panel, surface, cells, surface.cells[keep[surface.cells]]))
    return tuple(results)


def _find(
    request: OptimumRequest, panel: Panel, surface: PanelFit | None, cells: CellTable, rows: Rows
) -> PanelOptimum:
    if not len(rows):
        return PanelOptimum(request, panel, None, "no cell is left")
    try:
        fit: Fit | None = surface.fit if surface else None
        found = optimum(request.method, fit=fit, points=_points(cells, rows, surface))
    except (FitError, UnansweredError) as reason:
        return PanelOptimum(request, panel, None, str(reason))
    return PanelOptimum(request, panel, found, "")


def _points(cells: CellTable, rows: Rows, surface: PanelFit | None) -> Points:
    """The cells with N as the surface counts it, and the compute that was asked for, so that a budget is one number."""
    named = dict(surface.request.variables) if surface else {}
    variables = {name: numbers(cells, named.get(name, name))[rows] for name in ("N", "D")}
    asked = "compute" if "compute" in cells.axes else "C"
    variables["C"] = numbers(cells, asked)[rows]
    return Points(variables, cells.columns["loss"][rows], cells.columns["cluster"][rows])
