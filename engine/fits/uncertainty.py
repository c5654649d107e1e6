"""Intervals by bootstrap: refit many disturbed copies of the data, all at once, each started where the fit ended.

    cases, clusters   every cell, or every cluster of cells, is drawn anew
    wild              the variables stay; residuals keep their place and, cluster by cluster, get a random sign

Which when: drawing anew needs many clusters and keeps whatever the noise is; slices and small grids would lose the
points that carry the exponent, so they keep their variables (wild). Runs that differ by seed or lie on one trajectory
are one cluster.

Reference: Davison and Hinkley 1997, chapters 5 and 6; Efron 1987 for BCa; wild as in the appendix of arXiv:2601.10684.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from . import chance
from .levenberg import minimise
from .objective import Objective
from .problem import Problem
from .result import Array, Interval
from .solve import Solution, stages
from .wild import disturbances

Kind = Literal["cases", "clusters", "wild"]

#: Fewer clusters than this are not resampled.
MIN_RESAMPLED = 20
#: Refits stop earlier than the fit itself: far below the width of any interval.
REFIT_TOLERANCE, REFIT_STEPS = 1e-7, 60
#: Refits done together, to bound memory: entries of the residual's derivative, 8 bytes each.
BATCH_ENTRIES = 2_000_000
LEVEL = 0.95


@dataclass(frozen=True)
class Draws:
    """Refits `u`, shape (draw, P), and leave-one-cluster-out refits, shape (cluster, P), which bend the intervals."""

    kind: Kind
    u: Array
    jackknife: Array


def choose_kind(asked: str, n_variables: int, cluster: NDArray[np.int64]) -> Kind:
    """The bootstrap for this fit: the one asked for, or by the rule above."""
    n_clusters = len(np.unique(cluster))
    if asked in ("cases", "clusters", "wild"):
        return asked  # type: ignore[return-value]
    if n_variables == 1 or n_clusters < MIN_RESAMPLED:
        return "wild"
    return "cases" if n_clusters == len(cluster) else "clusters"


def bootstrap(
    problem: Problem,
    solution: Solution,
    weight: Array,
    objective: Objective,
    cluster: NDArray[np.int64],
    *,
    kind: Kind,
    n_draws: int,
    seed: int,
) -> Draws:
    """Refit `n_draws` disturbed copies of the data; `cluster` numbers the group of each point, shape (point,)."""
    if problem.n_free == 0 or n_draws == 0:
        return Draws(kind, np.empty((n_draws, problem.n_free)), np.empty((0, problem.n_free)))
    own, of_point = np.unique(cluster, return_inverse=True)
    target = problem.target(problem.loss, objective)
    weights, targets = np.broadcast_to(weight, (n_draws, len(weight))), np.broadcast_to(target, (n_draws, len(target)))
    if kind == "wild":
        residual = -problem.residual(solution.u[None], target, objective)[0]
        inside = (solution.u > problem.low) & (solution.u < problem.high)
        _, jacobian = problem.linearised(solution.u[None], target, objective)
        tangent = (jacobian[0, inside] * np.sqrt(weight)).T
        targets = target - residual + disturbances(residual, tangent, of_point, own, n_draws, seed)
    else:
        if kind == "cases" and len(own) < len(cluster):
            own = of_point = np.arange(len(cluster))
        weights = weight * chance.counts(seed, n_draws, own)[:, of_point]
    final = stages(problem, solution.u, target, objective)[-1]
    # Where other answers are as good, draws start at all of them in turn: what depends on the choice then scatters.
    u = refit(problem, solution.answers, targets, weights, final)
    left_out = weight * (of_point[None, :] != np.arange(len(own))[:, None])
    return Draws(kind, u, refit(problem, solution.u, np.broadcast_to(target, left_out.shape), left_out, final))


def refit(problem: Problem, u: Array, targets: Array, weights: Array, objective: Objective) -> Array:
    """Best vectors for many targets and weights of shape (draw, point), shape (draw, P).

    All start at u, shape (P,), or at its rows in turn, shape (A, P).
    """
    starts = np.atleast_2d(u)[np.arange(len(targets)) % len(np.atleast_2d(u))]
    size = max(1, BATCH_ENTRIES // max(1, problem.n_free * len(problem.loss)))
    parts = [
        minimise(
            problem,
            starts[i : i + size],
            targets[i : i + size],
            weights[i : i + size],
            objective,
            max_steps=REFIT_STEPS,
            tolerance=REFIT_TOLERANCE,
        ).u
        for i in range(0, len(targets), size)
    ]
    return np.concatenate(parts)


def interval(draws: Array, estimate: float, jackknife: Array | None = None, level: float = LEVEL) -> Interval:
    """The central interval of the draws, corrected for bias and skew (BCa) where leave-one-out estimates are given.

    Args:
        draws: Bootstrap draws, shape (draw,); those that are not finite are dropped.
        estimate: The fit's own value.
        jackknife: The value with one cluster left out, shape (cluster,).
        level: Coverage.
    """
    draws = draws[np.isfinite(draws)]
    if not len(draws) or not np.isfinite(estimate):
        return Interval(np.nan, np.nan)
    normal, tail = NormalDist(), (1.0 - level) / 2.0
    low, high = tail, 1.0 - tail
    if jackknife is not None and len(jackknife) > 2 and np.all(np.isfinite(jackknife)):
        below = (np.sum(draws < estimate) + 0.5 * np.sum(draws == estimate)) / len(draws)
        bias = normal.inv_cdf(float(np.clip(below, 1e-3, 1 - 1e-3)))
        # Skew has no unit: in units of the largest value no square of a coefficient such as 1e120 overflows.
        jackknife = np.ldexp(jackknife, -int(np.frexp(np.max(np.abs(jackknife)))[1]))
        away = np.mean(jackknife) - jackknife
        spread = float(np.sum(away**2)) ** 1.5
        skew = float(np.sum(away**3)) / (6.0 * spread) if spread > 0 else 0.0
        low, high = (_corrected(normal.inv_cdf(q), bias, skew, normal) for q in (low, high))
    found = np.quantile(draws, [low, high])
    return Interval(float(found[0]), float(found[1]))


def _corrected(z: float, bias: float, skew: float, normal: NormalDist) -> float:
    shrunk = 1.0 - skew * (bias + z)
    return normal.cdf(bias + (bias + z) / shrunk) if shrunk > 0.1 else normal.cdf(z)
