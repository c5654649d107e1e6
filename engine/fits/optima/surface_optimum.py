"""Optima of any fitted surface, parametric or not: the lowest point along N at each compute, inside the box of the
data.

Budgets whose lowest point lies on the edge of the box say nothing about the optimum and are left out; so no range of
C is chosen by hand.

Reference: the "alternative method" of arXiv:2601.10684, which clips the range by eye. Axes: K a draw, B a budget, G a
grid point.
"""

from __future__ import annotations

import numpy as np
from scalingdsl.spec.constants import FLOPS_PER_PARAMETER_TOKEN
from scalingdsl.spec.errors import FitError

from ..core.fit_result import Array, Fit, Optimum, Points
from ..core.warn import warn
from ..predict import predict, predict_draws
from .growth_exponents import optimum_along, sizes_at

N_BUDGETS, N_GRID = 40, 81


def surface_optimum(fit: Fit, points: Points) -> Optimum:
    """Compute-optimal sizes on a fitted surface.

    Raises:
        FitError: No budget has its optimum inside the data.
    """
    n, d = points.variables["N"], points.variables["D"]
    box = (float(np.min(n)), float(np.max(n)), float(np.min(d)), float(np.max(d)))
    budgets = compute_range(points, N_BUDGETS)
    grids = [_grid(budget, box) for budget in budgets]
    usable = np.array([len(g) > 0 for g in grids])
    if not np.any(usable):
        raise FitError("no compute budget crosses the box of the data's N and D")
    budgets, grids = budgets[usable], [g for g in grids if len(g)]
    n_BG = np.stack(grids)
    d_BG = budgets[:, None] / (FLOPS_PER_PARAMETER_TOKEN * n_BG)
    others = {v: np.full(n_BG.size, float(np.median(x))) for v, x in points.variables.items() if v in fit.variables}
    at = {**others, "N": n_BG.ravel(), "D": d_BG.ravel()}
    value_BG = predict(fit, at).reshape(n_BG.shape)
    lowest = np.argmin(value_BG, axis=1)
    inside = (lowest > 0) & (lowest < n_BG.shape[1] - 1)
    if np.sum(inside) < 2:
        raise FitError("the optimum lies on the edge of the data at (almost) every compute: vary N more at each C")
    left_out = int(np.sum(~inside))
    held = ", ".join(f"{v} = {x[0]:.4g}" for v, x in others.items() if v not in ("N", "D"))
    said = [warn("FIT158", f"at {held}, the median of the cells")] if held else []
    edge = f"{left_out} of {len(inside)} budgets have their optimum on the edge of the data"
    drawn_KBG = predict_draws(fit, at).reshape(-1, *n_BG.shape)
    log_n, loss = _lowest(np.log(n_BG), np.concatenate([value_BG[None], drawn_KBG]))
    return optimum_along(
        "surface",
        budgets[inside],
        sizes_at(log_n[:, inside], budgets[inside]),
        loss[:, inside],
        fit.status,
        (*fit.warnings, *([warn("FIT152", edge)] if left_out else []), *said),
    )


def compute_range(points: Points, count: int) -> Array:
    """Compute over the points' range, evenly spaced on a logarithmic scale, shape (count,)."""
    return np.geomspace(float(np.min(points.flops)), float(np.max(points.flops)), count)


def _grid(budget: float, box: tuple[float, float, float, float]) -> Array:
    """N inside the box for which D = C / 6N is inside it too, shape (G,), or none."""
    low = max(box[0], budget / (FLOPS_PER_PARAMETER_TOKEN * box[3]))
    high = min(box[1], budget / (FLOPS_PER_PARAMETER_TOKEN * box[2]))
    return np.geomspace(low, high, N_GRID) if high > 1.05 * low else np.empty(0)


def _lowest(log_n: Array, value: Array) -> tuple[Array, Array]:
    """Place and value of the lowest point along the last axis, refined by a parabola through its neighbours."""
    at = np.clip(np.argmin(value, axis=-1), 1, value.shape[-1] - 2)
    x = np.broadcast_to(log_n, value.shape)
    left, middle, right = (np.take_along_axis(value, (at + k)[..., None], -1)[..., 0] for k in (-1, 0, 1))
    centre = np.take_along_axis(x, at[..., None], -1)[..., 0]
    step = np.take_along_axis(x, (at + 1)[..., None], -1)[..., 0] - centre
    bend = left - 2 * middle + right
    shift = np.where(bend > 0, 0.5 * (left - right) / np.where(bend > 0, bend, 1.0), 0.0)
    shift = np.clip(shift, -1.0, 1.0)
    return centre + shift * step, middle - 0.25 * (left - right) * shift
