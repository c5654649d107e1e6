"""Compute-optimal sizes by any method: N and D of lowest loss at each C = 6 N D, and how all three grow with C."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.errors import FitError

from ..core.fit_result import Array, Fit, Optimum, Points
from ..core.warn import warn
from ..fit_law import fit_law
from ..intervals.bootstrap import MIN_RESAMPLED
from ..intervals.wild_bootstrap import disturbances
from .closed_form import closed_form, terms_of
from .growth_exponents import optimum_along
from .isoflop import isoflop, with_bias
from .surface_optimum import compute_range, surface_optimum

METHODS = ("surface", "isoflop", "isoflop_curve", "envelope")
N_CURVE = 50
#: Compute at which a surface's curves are given where there are no points.
NO_POINTS = np.geomspace(1e15, 1e21, N_CURVE)
#: Points that a chinchilla surface needs before it is used to judge parabolas.
MIN_FOR_BIAS = 12


def optimum(
    method: str,
    *,
    fit: Fit | None = None,
    points: Points | None = None,
    flops: Array | None = None,
    n_draws: int = 1000,
    seed: int = 0,
) -> Optimum:
    """Compute-optimal sizes.

    Args:
        method: "surface" (of `fit`), "isoflop", "isoflop_curve" or "envelope" (of `points`).
        fit: The fitted surface; also what parabolas are compared with, where it is a chinchilla law.
        points: The cells: N, D and, for budgets as they were asked for, C.
        flops: Compute of an additive surface's curves, shape (compute,); by default over the points' range.
        n_draws: Number of draws of methods that work on points.
        seed: Of those draws.

    Raises:
        FitError: An unknown method, or data that it cannot work on; the message says what is missing.
    """
    if method == "surface":
        return _of_surface(fit, points, flops)
    if method not in METHODS:
        raise FitError(f"no optimum is found by {method!r}; there are {', '.join(METHODS)}")
    if points is None or not points.n or not points.has_compute:
        raise FitError(f"{method} works on cells with N and D, and there are none")
    if method == "envelope":
        return envelope(points, n_draws=n_draws, seed=seed)
    found = isoflop(points, curve=method == "isoflop_curve", n_draws=n_draws, seed=seed)
    if points.n < MIN_FOR_BIAS:
        return found
    surface = fit if fit is not None and fit.law == "chinchilla" else fit_law("chinchilla", points, bootstrap=0)
    return with_bias(found, surface, points) if surface.status == "converged" else found


def side_by_side(fit: Fit, points: Points, *, n_draws: int = 1000, seed: int = 0) -> dict[str, Optimum | str]:
    """Compute-optimal sizes by every method, or the reason why a method gives none; nothing for a law without N or D.

    Args:
        fit: The fitted surface.
        points: The cells it was fitted to, with C as it was asked for, where that is known.
        n_draws: Number of draws of methods that work on points.
        seed: Of those draws.
    """
    out: dict[str, Optimum | str] = {}
    for method in METHODS if {"N", "D"} <= set(fit.variables) else ():
        try:
            out[method] = optimum(method, fit=fit, points=points, n_draws=n_draws, seed=seed)
        except FitError as error:
            out[method] = str(error)
    return out


def _of_surface(fit: Fit | None, points: Points | None, flops: Array | None) -> Optimum:
    if fit is None or not {"N", "D"} <= set(fit.variables):
        raise FitError("surface(FIT) needs a fit of a law in N and D")
    if not fit.succeeded:
        raise FitError(f"surface({fit.law}): {fit.warnings[0].message if fit.warnings else fit.status}")
    if terms_of(fit.law):
        if flops is None:
            flops = compute_range(points, N_CURVE) if points is not None and points.n else NO_POINTS
        return _without_intervals(closed_form(fit, np.asarray(flops, dtype=np.float64)), fit)
    if points is None or not points.n:
        raise FitError(f"the optimum of {fit.law} is searched inside the data, and there are no cells")
    return _without_intervals(surface_optimum(fit, points), fit)


def _without_intervals(found: Optimum, fit: Fit) -> Optimum:
    """The optimum of a surface whose parameters are not identified depends on which of its equal answers was taken."""
    if not fit.unidentified:
        return found
    loose = tuple(name for name in found.params if name not in fit.params or name in fit.unidentified)
    intervals = {name: i for name, i in found.intervals.items() if name not in loose}
    return replace(found, intervals=intervals, unidentified=loose, flat=None, warnings=fit.warnings)


def lower_envelope(flops: Array, loss: Array) -> NDArray[np.bool_]:
    """The lower envelope of (C, loss): points that no other beats with less or equal compute, shape (point,)."""
    compute = np.round(np.log(flops), 9)  # budgets that differ by rounding are one
    order = np.lexsort((loss, compute))
    lowest = np.minimum.accumulate(loss[order])
    before = np.concatenate([[np.inf], lowest[:-1]])
    kept = np.zeros(len(loss), dtype=np.bool_)
    kept[order] = loss[order] < before
    return kept


def seen_in_compute(flops: Array, values: Array) -> NDArray[np.bool_]:
    """The points that a law in C alone is fitted to: the lower envelope of losses, and all where values grow with C.

    Those are scores, such as an accuracy, of which the least is no best.
    """
    grow = _ranks(np.round(np.log(flops), 9)) @ _ranks(values) > 0  # the sign of Spearman's rank correlation
    return np.ones(len(flops), dtype=np.bool_) if grow else lower_envelope(flops, values)


def _ranks(column: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
    """Twice the rank of each value about the middle, equal ones alike, shape (point,)."""
    in_order = np.sort(column)
    return np.searchsorted(in_order, column) + np.searchsorted(in_order, column, side="right") - len(column)


def envelope(points: Points, *, n_draws: int = 1000, seed: int = 0) -> Optimum:
    """Compute-optimal sizes from the runs on the lower envelope of (C, loss): their N, D and loss against C.

    Being on the envelope is partly luck, so the losses are biased downwards; more runs a budget make it better.

    Reference: Hoffmann et al. 2022, section 3.1.

    Raises:
        FitError: Fewer than three runs lie on the envelope.
    """
    flops = points.flops
    on = np.flatnonzero(lower_envelope(flops, points.loss))
    if len(on) < 3:
        raise FitError(f"{len(on)} runs lie on the lower envelope of (C, loss), three are needed")
    on = on[np.argsort(flops[on])]
    budgets, loss = flops[on], points.loss[on]
    x = np.log(budgets)
    design = np.stack([np.ones_like(x), x - np.mean(x)], axis=1)
    cluster = points.clusters[on]

    def resampled(y: Array) -> Array:
        """y, and a straight line through log y with its residuals disturbed, shape (1 + draw, point)."""
        line = design @ np.linalg.lstsq(design, np.log(y), rcond=None)[0]
        moved = disturbances(np.log(y) - line, design, cluster, n_draws, seed)
        return np.concatenate([y[None], np.exp(line + moved)])

    size = {q: resampled(points.variables[q][on]) for q in ("N", "D")}
    curve = fit_law("power", Points({"C": budgets}, loss, cluster), bootstrap=n_draws, seed=seed)
    loss_KB = np.stack([curve.draws["E"] + curve.draws["K"] * c ** -curve.draws["gamma"] for c in budgets], axis=1)
    both = np.concatenate([loss[None], loss_KB])
    found = optimum_along("envelope", budgets, size, both, curve.status, curve.warnings)
    loose = tuple(name for name in curve.unidentified if name in found.params)
    intervals = {name: i for name, i in found.intervals.items() if name not in loose}
    warnings = found.warnings
    if (n_runs := len(np.unique(cluster))) < MIN_RESAMPLED:
        warnings = (*warnings, warn("FIT156", f"{n_runs} runs lie on the envelope"))
    return replace(found, intervals=intervals, unidentified=loose, warnings=warnings)
