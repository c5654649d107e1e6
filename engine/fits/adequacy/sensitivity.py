"""Doubts that take a refit: do the exponents hang on a few extreme points, or on the threshold of the penalty?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from ..core.fit_result import Array, FitWarning, Interval
from ..core.warning_codes import warn
from ..solver.levenberg_marquardt import minimise
from ..solver.multistart import Solution, stages
from ..solver.prepare import Request
from ..solver.problem import Problem

#: Share of the points, those of highest loss, that no exponent may hang on; and how many points make the question fair.
HIGHEST, MIN_POINTS = 0.02, 25
#: Standard errors by which an exponent may move without them.
MAX_MOVE = 2.0
#: Factor by which the threshold is changed either way.
DELTA_FACTOR = 10.0


def of_highest(
    request: Request, problem: Problem, solution: Solution, draws: Mapping[str, Array]
) -> Iterator[FitWarning]:
    """Exponents that move by more than two standard errors when the few highest losses are left out."""
    if request.points.n < MIN_POINTS:
        return
    count = max(1, round(HIGHEST * request.points.n))
    weight = request.points.weights.copy()
    weight[np.argsort(problem.loss)[-count:]] = 0.0
    moved = _refitted(request, problem, solution, weight, 1.0)
    for name, i in _exponents(request, problem):
        error = float(np.std(draws[name]))
        away = float(moved[i] - solution.u[i])
        if error > 0 and abs(away) > MAX_MOVE * error:
            sentence = f"without the {count} highest losses {name} is {moved[i]:.4g} instead of {solution.u[i]:.4g}"
            yield warn("FIT124", sentence)


def of_delta(
    request: Request, problem: Problem, solution: Solution, intervals: Mapping[str, Interval]
) -> Iterator[FitWarning]:
    """Exponents that leave their own interval when the threshold of Huber's penalty is ten times larger or smaller."""
    if request.objective.name not in ("huber", "huber-raw"):
        return
    for factor in (DELTA_FACTOR, 1.0 / DELTA_FACTOR):
        moved = _refitted(request, problem, solution, request.points.weights, factor)
        for name, i in _exponents(request, problem):
            low, high = intervals.get(name, (-np.inf, np.inf))
            if not low <= moved[i] <= high and high > low:
                delta = request.objective.delta
                sentence = (
                    f"{name} is {solution.u[i]:.4g} at delta {delta:.3g} and {moved[i]:.4g} at {delta * factor:.3g}"
                )
                yield warn("FIT131", sentence)
                return


def _exponents(request: Request, problem: Problem) -> list[tuple[str, int]]:
    """Names of exponents and their places in u, where they stand for themselves."""
    kinds = {p.name: p.kind for p in problem.free}
    return [(request.shown(c), i) for i, c in enumerate(problem.columns) if kinds[c.parameter] == "exponent"]


def _refitted(request: Request, problem: Problem, solution: Solution, weight: Array, factor: float) -> Array:
    """The best vector with other weights or another threshold, started at the solution."""
    penalty = request.objective.smoothed(request.objective.delta * factor)
    target = problem.target(problem.loss, penalty)
    smooth = stages(problem, solution.u, target, penalty)[-1]
    return np.asarray(minimise(problem, solution.u[None], target, weight, smooth, max_steps=60, tolerance=1e-9).u[0])
