"""Draws of a law whose level may be 0, refitted without it.

A level is never negative. Where the truth is 0, what noise adds to the estimate is half the time more and never less,
so the draws start from too high a level, and so does all that they say beyond the points, where the level is most of
the loss: 95 % intervals of predictions held the truth in 83 to 90 % of tables. Where the draws reach 0 there are two
laws to reckon with, the one that was fitted and the one without a level; predictions take their draws from both in
turn, and their intervals hold the truth in 95 to 97 % (`python -m tests.benchmarks.coverage`).

Reference: Andrews 2000, "Inconsistency of the bootstrap when a parameter is on the boundary of the parameter space".
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..core.fit_result import Array
from ..solver.levenberg_marquardt import minimise
from ..solver.multistart import Solution
from .bootstrap import LEVEL, bootstrap
from .resamples import Kind

#: Distance from 0, as a share of the largest loss, at which a level is 0.
NOTHING = 1e-6


def draws_without_level(
    solution: Solution, draws_KP: Array, cluster: NDArray[np.int64], *, kind: Kind, seed: int
) -> Array | None:
    """Draws of u with every level at 0 that may be 0, shape (K, P); None where none may.

    Args:
        solution: The fit.
        draws_KP: Its draws, some of whose levels may lie at 0.
        cluster: Number of each point's cluster, shape (point,).
        kind: Of the bootstrap that made them.
        seed: Of the draws.
    """
    problem = solution.problem
    if not draws_KP.size:
        return None
    level = np.array([problem.form.parameter(c.parameter).kind == "level" for c in problem.columns], dtype=bool)
    with np.errstate(invalid="ignore"):
        reached = level & (np.mean(draws_KP <= NOTHING, axis=0) >= (1.0 - LEVEL) / 2.0)
    if not np.any(reached):
        return None
    without = problem.changed(high=np.where(reached, problem.low, problem.high))
    (u,), (value,) = minimise(without, solution.u[None])
    at_zero = replace(solution, problem=without, u=u, value=float(value), answers=u[None])
    return bootstrap(at_zero, cluster, kind=kind, n_draws=len(draws_KP), seed=seed, bend=False)[0]
