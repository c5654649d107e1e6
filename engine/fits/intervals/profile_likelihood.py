"""Profile-likelihood intervals: the values of one parameter that the others can still make up for.

For each value v of a parameter the others are refitted; f(v) is the objective reached. v is inside the interval while

    2 (f(v) - f_min) mean(psi') (n - p) / sum(psi^2) <= t^2

with t Student's quantile for n - p degrees of freedom: the likelihood ratio where the penalty is a square, its robust
version (Heritier and Ronchetti 1994) where it is Huber's. Unlike a bootstrap it needs no draws, and unlike a standard
error it is not symmetric and knows the parameter's bounds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.errors import FitError
from scipy.special import stdtrit

from ..core.fit_result import Array, Fit, Interval
from ..core.progress_callback import ProgressCallback, ignore_progress
from ..solver.levenberg_marquardt import minimise
from ..solver.multistart import solve
from ..solver.prepare import prepare
from ..solver.problem import Problem
from .bootstrap import LEVEL
from .sandwich import standard_errors

#: Values tried on either side, and how far out the first try goes, in standard errors.
N_VALUES, REACH = 40, 8.0
#: Times the reach is doubled until the profile has risen enough.
WIDENINGS = 6
#: Standard error from which the search starts at least.
SMALLEST = float(np.sqrt(np.finfo(float).tiny))


def profile_intervals(fit: Fit, *, progress: ProgressCallback = ignore_progress) -> dict[str, Interval]:
    """The 95 % profile-likelihood interval of every free parameter that the points identify.

    An end that the data leave open is the parameter's bound.

    Args:
        fit: A law fitted to points that stand for themselves.
        progress: Called before each parameter.

    Raises:
        FitError: The fit has no parameters, could not be made, or its points come in clusters, which no likelihood
            here knows of.
    """
    if not fit.params or not fit.succeeded:
        raise FitError(f"{fit.law} ({fit.status}) has no parameters to profile")
    if fit.n_clusters < fit.n:
        raise FitError(
            f"{fit.n} points in {fit.n_clusters} clusters: a profile takes points for independent, and would be too "
            "narrow; use the bootstrap"
        )
    request = prepare(fit.law, fit.details.points, fit.details.options)
    # A coefficient's value means something at fixed units only: with units of the data's centre it would move with
    # its exponent.
    problem = request.problem(plain=frozenset(request.form.variables))
    assert isinstance(problem, Problem), "what was fitted can be fitted again"
    u = solve(problem).u
    found = {}
    for at, column in enumerate(problem.columns):
        progress("profiles", at, len(problem.columns))
        name = request.shown(column)
        if name in fit.unidentified:
            continue
        values = problem.raw(_with(u, at, profile_ends(problem, u, at)))[column]
        found[name] = Interval(float(values[0]), float(values[1]))
    return found


def profile_ends(problem: Problem, u: Array, at: int, cluster: NDArray[np.int64] | None = None) -> Interval:
    """The ends of the interval of one entry of u; one that the data leave open is its bound.

    Points of one cluster count as far as their errors go together in what moves this entry: the rise is as many times
    as large as the variance of the entry over clusters is that over points.
    """
    rise = _limit(problem, u) * (1.0 if cluster is None else _clustered(problem, u, at, cluster))
    error = max(standard_errors(problem, u)[at], SMALLEST)
    _, (lowest,) = minimise(problem, u[None])
    return Interval(*(_end(problem, u, at, side * error, rise, lowest) for side in (-1.0, 1.0)))


def _limit(problem: Problem, u: Array) -> float:
    """The rise f(v) - f_min of the objective at the ends of the interval."""
    residual = problem.residual(u[None])[0]
    left = max(1, len(problem.loss) - problem.n_free)
    slopes = float(np.sum(problem.weight * problem.objective.slope(residual) ** 2)) / left
    bends = float(np.mean(problem.objective.curvature(residual)))
    return float(stdtrit(left, 0.5 + LEVEL / 2)) ** 2 / (2.0 * bends / max(slopes, np.finfo(float).tiny))


def _clustered(problem: Problem, u: Array, at: int, cluster: NDArray[np.int64]) -> float:
    """Variance of an entry of u over that of independent points, at least 1, with the tails of so few clusters."""
    residual, jacobian = problem.linearised(u[None])
    columns = np.nan_to_num(jacobian[0]) * np.sqrt(problem.weight)
    pull = np.linalg.pinv(columns @ columns.T, hermitian=True)[at] @ columns
    pull *= np.sqrt(problem.weight) * problem.objective.slope(residual[0])
    _, of_point = np.unique(cluster, return_inverse=True)
    together, apart = float(np.sum(np.bincount(of_point, pull) ** 2)), float(np.sum(pull**2))
    n, share = len(pull), max(0.0, 1.0 - problem.n_free / len(pull))
    tails = [float(stdtrit(max(1.0, k * share), 0.5 + LEVEL / 2)) for k in (int(np.max(of_point)) + 1, n)]
    return max(1.0, together / apart if apart > 0 else 1.0) * (tails[0] / tails[1]) ** 2


def _end(problem: Problem, u: Array, at: int, step: float, rise: float, lowest: float) -> float:
    """The value at which the profile has risen by `rise` above `lowest` in the direction of `step`, or the bound."""
    bound = problem.high[at] if step > 0 else problem.low[at]
    held = np.arange(len(u)) == at
    reach = REACH * step
    for _ in range(WIDENINGS):
        far = bound if abs(reach) >= abs(bound - u[at]) else u[at] + reach
        values = np.linspace(u[at], far, N_VALUES)
        found = minimise(problem, _with(u, at, values), held=held)[1] - lowest
        above = np.flatnonzero(found > rise)
        if len(above):
            k = int(above[0])
            share = (rise - found[k - 1]) / (found[k] - found[k - 1]) if k else 0.0
            return float(values[k - 1] + share * (values[k] - values[k - 1])) if k else float(u[at])
        if far == bound:
            return float(bound)
        reach *= 4.0
    return float(bound)


def _with(u: Array, at: int, values: Sequence[float] | Array) -> Array:
    """Copies of u with each of the values at one entry, shape (value, P)."""
    moved = np.tile(u, (len(values), 1))
    moved[:, at] = values
    return moved
