"""Optima from isoFLOP profiles: at each compute budget, the size of lowest loss.

    isoflop         a parabola in log N through the losses of a budget
    isoflop_curve   an Akima curve through them, which a profile may bend as it likes

A parabola is only the profile's shape near its minimum: on wide grids it misplaces the minimum, the more the further
alpha and beta are apart, and the misplacement grows with extrapolation. The bias that the fitted surface implies for
these very grids is computed and reported. Budgets that cannot have a minimum are refused, each with its reason.

Reference: Hoffmann et al. 2022, section 3.2; Porian et al. 2024, arXiv:2406.19146, for interpolation. Axes: K a draw,
B a budget, X a point.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.errors import FitError

from ..core.fit_result import Array, Fit, FitWarning, Optimum, Points
from ..core.warn import warn
from ..intervals.wild_bootstrap import disturbances
from ..predict import predict
from .closed_form import allocation
from .growth_exponents import optimum_along, sizes_at

#: Runs whose compute differs by less than this factor share a budget; a budget wider than the second is none.
SAME_BUDGET, WIDEST_BUDGET = 1.1, 1.25
#: Sizes that a parabola needs, and that a profile should have.
MIN_SIZES, GOOD_SIZES = 3, 5
#: Points at which a curve is searched for its minimum.
N_SEARCH = 401
#: Relative misplacement of D at the largest budget above which the reader is warned.
MAX_BIAS = 0.01


@dataclass(frozen=True)
class Profile:
    """The runs of one budget: rows of the points, compute, and why it has no optimum, or the empty string."""

    rows: NDArray[np.intp]
    flops: float
    refused: str


def isoflop(points: Points, *, curve: bool = False, n_draws: int = 1000, seed: int = 0) -> Optimum:
    """Compute-optimal sizes from the profiles of the points' budgets.

    Raises:
        FitError: Fewer than two budgets have an optimum; the message gives each one's reason.
    """
    found = profiles(points)
    good = [p for p in found if not p.refused]
    if len(good) < 2:
        reasons = Counter(p.refused for p in found if p.refused)
        reason = "; ".join(f"{count} {'have' if count > 1 else 'has'} {why}" for why, count in reasons.items())
        raise FitError(
            f"{len(good)} of {len(found)} budgets have an optimum, two are needed ({reason or 'one budget'})"
        )
    log_n, loss = _minima(points, good, curve, n_draws, seed)
    budgets = np.array([p.flops for p in good])
    return optimum_along(
        "isoflop_curve" if curve else "isoflop",
        budgets,
        sizes_at(log_n, budgets),
        loss,
        "converged" if len(good) > 2 else "too few points",
        tuple(_doubts(points, found)),
    )


def with_bias(found: Optimum, fit: Fit, points: Points) -> Optimum:
    """An isoFLOP optimum with its distance to a fitted surface's own, and the bias that the surface implies.

    The bias of parabolas is what they find on noise-free losses of that surface, at the same points.
    """
    doubts: list[FitWarning] = []
    try:
        exact = isoflop(replace(points, loss=predict(fit, points.variables)), n_draws=0)
    except FitError:
        return found  # the surface bends otherwise than the data: nothing to compare
    own = {name: float(v[0]) for name, v in allocation({k: np.array([v]) for k, v in fit.params.items()}).items()}
    parabolas = exact.curves["D"]
    misplaced = float(parabolas.value[-1] / (own["D_1"] * parabolas.flops[-1] ** own["b"]) - 1.0)
    if found.method == "isoflop" and abs(misplaced) > MAX_BIAS:
        doubts.append(
            warn(
                "FIT154",
                f"on the fitted surface these parabolas misplace D by {100 * misplaced:+.1f} % at the largest budget "
                f"and a by {exact.params['a'] - own['a']:+.3f}",
            )
        )
    low, high = found.intervals.get("a", (-np.inf, np.inf))
    if not low <= own["a"] <= high:
        gap = f"{found.params['a'] - own['a']:+.3f}"
        doubts.append(warn("FIT155", f"a differs from the fitted surface's by {gap}, more than its interval allows"))
    return replace(found, warnings=(*found.warnings, *doubts))


def profiles(points: Points) -> tuple[Profile, ...]:
    """The points by budget, in order of compute, each with the reason why it has no optimum."""
    n = points.variables["N"]
    flops = points.variables.get("C", points.flops)
    order = np.argsort(flops, kind="stable")
    jumps = np.flatnonzero(np.diff(np.log(flops[order])) > np.log(SAME_BUDGET)) + 1
    return tuple(
        Profile(rows, float(np.exp(np.mean(np.log(flops[rows])))), _refusal(n[rows], flops[rows], points.loss[rows]))
        for rows in np.split(order, jumps)
    )


def _refusal(n: Array, flops: Array, loss: Array) -> str:
    sizes_there = len(np.unique(n))
    if float(np.max(flops) / np.min(flops)) > WIDEST_BUDGET:
        return "runs spread over a range of compute, and form no budget"
    if sizes_there < MIN_SIZES:
        return f"{sizes_there} size{'s' * (sizes_there > 1)}, three are needed"
    slope, bend = parabola(np.log(n), loss[:, None])[1:, 0]
    if bend <= 0:
        return "losses that bend downwards: no minimum"
    centre = -slope / (2 * bend) + float(np.mean(np.log(n)))
    if not np.min(np.log(n)) < centre < np.max(np.log(n)):
        side = "larger" if centre > np.mean(np.log(n)) else "smaller"
        return f"a minimum beyond the sizes tried: add {side} models"
    return ""


def parabola(log_n: Array, loss_XK: Array) -> Array:
    """Coefficients (1, x, x^2) of the least-squares parabola in x = log N - mean, shape (3, K)."""
    x = log_n - np.mean(log_n)
    return np.asarray(np.linalg.lstsq(np.stack([np.ones_like(x), x, x**2], axis=1), loss_XK, rcond=None)[0])


def _minima(points: Points, good: list[Profile], curve: bool, n_draws: int, seed: int) -> tuple[Array, Array]:
    """log N and loss at the minimum of every profile and of its disturbed copies, shape (1 + K, B) each."""
    from scipy.linalg import block_diag

    rows = np.concatenate([p.rows for p in good])
    log_n = [np.log(points.variables["N"][p.rows]) for p in good]
    seen = [points.loss[p.rows] for p in good]
    # One power more than the parabola where there are points for it, so that its misfit is not taken for noise.
    powers = [range(4 if len(np.unique(x)) > 5 else 3) for x in log_n]
    tangents = [np.stack([(x - np.mean(x)) ** k for k in ks], axis=1) for x, ks in zip(log_n, powers)]
    residuals = [y - design @ np.linalg.lstsq(design, y, rcond=None)[0] for y, design in zip(seen, tangents)]
    moved = disturbances(np.concatenate(residuals), block_diag(*tangents), points.clusters[rows], n_draws, seed)
    find = _curve_minimum if curve else _parabola_minimum
    parts = np.split(moved, np.cumsum([len(y) for y in seen])[:-1], axis=1)
    found = [find(x, np.column_stack([y, (y - r + m).T])) for x, y, r, m in zip(log_n, seen, residuals, parts)]
    log_n_B, loss_B = zip(*found)
    return np.stack(log_n_B, axis=1), np.stack(loss_B, axis=1)


def _parabola_minimum(log_n: Array, loss_XK: Array) -> tuple[Array, Array]:
    """log N and loss of the vertex, kept within the sizes tried; a copy that bends downwards ends at its lower edge."""
    base, slope, bend = parabola(log_n, loss_XK)
    x = log_n - np.mean(log_n)
    low, high = float(np.min(x)), float(np.max(x))
    edge = np.where(slope > 0, low, high)
    vertex = np.where(bend > 0, -slope / np.where(bend > 0, 2 * bend, 1.0), edge)
    at = np.clip(vertex, low, high)
    return at + np.mean(log_n), base + slope * at + bend * at**2


def _curve_minimum(log_n: Array, loss_XK: Array) -> tuple[Array, Array]:
    """log N and loss of the lowest point of the curve through the mean loss of each size."""
    from scipy.interpolate import Akima1DInterpolator  # loads half of scipy, which no other law or optimum needs

    x, of_size = np.unique(log_n, return_inverse=True)
    count = np.bincount(of_size)
    mean = np.stack([np.bincount(of_size, weights=column) / count for column in loss_XK.T], axis=1)
    search = np.linspace(x[0], x[-1], N_SEARCH)
    value = Akima1DInterpolator(x, mean, axis=0)(search)
    at = np.argmin(value, axis=0)
    return search[at], np.take_along_axis(value, at[None], 0)[0]


def _doubts(points: Points, found: tuple[Profile, ...]) -> list[FitWarning]:
    doubts = [warn("FIT151", f"C = {p.flops:.3g} is left out: {p.refused}") for p in found if p.refused]
    n = points.variables["N"]
    for p in found:
        there = len(np.unique(n[p.rows]))
        if not p.refused and there < GOOD_SIZES:
            doubts.append(warn("FIT153", f"C = {p.flops:.3g} has {there} sizes"))
    return doubts
