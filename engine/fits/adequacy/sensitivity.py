"""Doubts that take a refit: do the exponents hang on a few extreme points, or on the threshold of the penalty?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..core.fit_result import Array, Fit, FitWarning
from ..core.warn import warn
from ..solver.levenberg_marquardt import minimise
from ..solver.multistart import Solution
from ..solver.prepare import Request
from ..solver.problem import Problem

#: Share of the points, those of highest loss, that no exponent may hang on; and how many points make the question fair.
HIGHEST, MIN_POINTS = 0.02, 25
#: Standard errors by which an exponent may move without them.
MAX_MOVE = 2.0
#: Factor by which the threshold is changed either way.
DELTA_FACTOR = 10.0


def of_highest(request: Request, solution: Solution, fit: Fit) -> Iterator[FitWarning]:
    """Exponents that move by more than two standard errors when the few highest losses are left out."""
    problem = solution.problem
    if fit.n < MIN_POINTS:
        return
    count = max(1, round(HIGHEST * fit.n))
    weight = problem.weight.copy()
    weight[np.argsort(problem.loss)[-count:]] = 0.0
    moved = _refitted(problem.changed(weight=weight), solution)
    for name, i in _exponents(request, problem):
        error = float(np.std(fit.draws[name]))
        away = float(moved[i] - solution.u[i])
        if error > 0 and abs(away) > MAX_MOVE * error:
            sentence = f"without the {count} highest losses {name} is {moved[i]:.4g} instead of {solution.u[i]:.4g}"
            yield warn("FIT124", sentence)


def of_delta(request: Request, solution: Solution, fit: Fit) -> Iterator[FitWarning]:
    """Exponents that leave their own interval when the threshold of Huber's penalty is ten times larger or smaller."""
    if fit.delta is None:
        return
    for delta in (fit.delta * DELTA_FACTOR, fit.delta * (1.0 / DELTA_FACTOR)):
        moved = _refitted(solution.problem.changed(delta=delta), solution)
        for name, i in _exponents(request, solution.problem):
            low, high = fit.intervals.get(name, (-np.inf, np.inf))
            if not low <= moved[i] <= high and high > low:
                were = f"{name} is {solution.u[i]:.4g} at delta {fit.delta:.3g}"
                yield warn("FIT131", f"{were} and {moved[i]:.4g} at {delta:.3g}")
                return


def _exponents(request: Request, problem: Problem) -> list[tuple[str, int]]:
    """Names of exponents and their places in u, where they stand for themselves."""
    kinds = {p.name: p.kind for p in problem.free}
    return [(request.shown(c), i) for i, c in enumerate(problem.columns) if kinds[c.parameter] == "exponent"]


def _refitted(problem: Problem, solution: Solution) -> Array:
    """The best vector of a problem alike, started at the solution."""
    return np.asarray(minimise(problem, solution.u[None], max_steps=60, tolerance=1e-9)[0][0])
