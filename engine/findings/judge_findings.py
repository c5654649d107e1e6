"""Claims judged from `fits.json` and its arrays alone: the analysis is put together again, without a fit being made.

A law without parameters has nothing to store, and is computed from the cells again, with the same draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.claims.plan_references import claim_references
from scalingdsl.spec.plan.study_plan import StudyPlan

from ..analysis.analysis_result import CellTable, PanelFit, PanelOptimum, Verdict
from ..analysis.claims.judge import judge
from ..analysis.panel_fits import RequestCells, request_cells
from ..fits.core.fit_result import Fit, FitWarning, Interval, Misfit, Optimum, Told
from . import fits_file as found
from .store_findings import read_findings

Stored = Mapping[str, NDArray[Any]]


def judge_findings(path: Path | str) -> tuple[Verdict, ...]:
    """The verdicts on a study's claims, from `fits.json` or the folder that holds it.

    Raises:
        StoreError: The files cannot be read.
    """
    whole, arrays = read_findings(Path(path))
    plan = StudyPlan.model_validate(whole.plan)
    cells = CellTable(
        whole.arrays.axes, {name: arrays[f"cells.{name}"] for name in whole.arrays.columns}, whole.arrays.sizes
    )
    fits = _fits(whole, arrays, plan, cells)
    optima = tuple(_optimum(plan, one, arrays.get(f"optimum.{i}.draws")) for i, one in enumerate(whole.optima))
    late = [claim.stated_after_results for claim in whole.claims]
    return tuple(
        judge(claim, cells, whole.axes, fits, optima, late=when)
        for claim, when in zip(claim_references(plan, whole.axes), late, strict=True)
    )


def _fits(whole: found.FitsFile, arrays: Stored, plan: StudyPlan, cells: CellTable) -> tuple[PanelFit, ...]:
    fits = []
    seen: dict[int, RequestCells] = {}
    stored = whole.arrays.curves
    curves = None
    if stored is not None:
        curves = CellTable(stored.axes, {n: arrays[f"curves.{n}"] for n in stored.columns}, stored.sizes)
    for i, one in enumerate(whole.fits):
        request = plan.fits[one.request]
        curve = curves if plan.of_curve(request) else None
        rows, out = arrays[f"fit.{i}.cells"], arrays[f"fit.{i}.held_out"]
        panel = PanelFit(request, tuple(one.panel.items()), None, one.reason, rows, out, one.holdout, curve)
        if f"fit.{i}.draws" in arrays:
            data = seen.setdefault(one.request, request_cells(request, panel.table(cells)))
            if one.parameters:
                together = [
                    (tuple(other.panel.items()), arrays[f"fit.{j}.cells"])
                    for j, other in enumerate(whole.fits)
                    if other.request == one.request
                ]
                panel = replace(panel, fit=_fit(one, data, rows, together, arrays, i))
            else:
                panel = replace(panel, fit=data.again(rows))
        fits.append(panel)
    return tuple(fits)


def _fit(
    one: found.FoundFit,
    data: RequestCells,
    rows: NDArray[np.int64],
    together: list[tuple[Any, NDArray[np.int64]]],
    arrays: Stored,
    place: int,
) -> Fit:
    """A fit as it was, but for what only a solver knows."""
    unfitted = data.unfitted(rows, together if one.n_joint is not None else None)
    draws, without = arrays[f"fit.{place}.draws"], f"fit.{place}.without_level"
    told = {p.name: Told(p.status, np.nan if p.bound is None else p.bound) for p in one.parameters}
    return replace(
        unfitted,
        status=one.status,
        n=one.n_cells,
        n_clusters=one.n_clusters,
        params={p.name: _value(p.value) for p in one.parameters},
        intervals={p.name: _interval(p.interval) for p in one.parameters if p.interval is not None},
        draws={name: draws[:, k] for k, name in enumerate(one.drawn)},
        value=_value(one.value),
        rmse=_value(one.rmse),
        rmse_log=_value(one.rmse_log),
        mse=_value(one.mse),
        residuals=arrays[f"fit.{place}.residuals"],
        starts=one.starts,
        starts_agreeing=one.starts_agreeing,
        bootstrap=one.bootstrap,
        unidentified=tuple(p.name for p in one.parameters if p.status == "unidentified"),
        told=told,
        misfit=Misfit(**one.misfit.model_dump()) if one.misfit is not None else None,
        warnings=tuple(FitWarning(w.code, w.message) for w in one.warnings),
        details=replace(
            unfitted.details,
            n_free=one.n_free,
            n_joint=one.n_joint,
            without_level={name: arrays[without][:, k] for k, name in enumerate(one.drawn)}
            if without in arrays
            else {},
        ),
    )


def _optimum(plan: StudyPlan, one: found.FoundOptimum, draws: NDArray[np.float64] | None) -> PanelOptimum:
    request, panel = plan.optima[one.request], tuple(one.panel.items())
    if draws is None:
        return PanelOptimum(request, panel, None, one.reason)
    optimum = Optimum(
        method=one.method,
        params={p.name: _value(p.value) for p in one.parameters},
        intervals={p.name: _interval(p.interval) for p in one.parameters if p.interval is not None},
        draws={name: draws[:, k] for k, name in enumerate(one.drawn)},
        curves={},
        status=one.status,
        warnings=tuple(FitWarning(w.code, w.message) for w in one.warnings),
        flat=None if one.flat is None else _interval(one.flat),
        unidentified=tuple(p.name for p in one.parameters if p.status == "unidentified"),
    )
    return PanelOptimum(request, panel, optimum, "")


def _value(number: float | None) -> float:
    return np.nan if number is None else number


def _interval(ends: found.Ends) -> Interval:
    return Interval(_value(ends[0]), _value(ends[1]))
