"""Multistart: the best parameters of a problem, and a verdict on whether they are the best.

Starts come from a grid with the linear part solved exactly, are walked downhill together, and the share of them that
ends in the same place is part of the answer. The outcome is a value: a fit on its bound or without a unique answer is
said to be so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..core.fit_result import Array, Status
from .identifiability import not_identified
from .levenberg_marquardt import minimise
from .problem import Problem
from .starts import grid_starts, joint_starts, promising

#: Two starts agree when their objectives differ by less than this, relatively.
AGREEMENT = 1e-6
#: Share of starts that must agree.
AGREEING_SHARE = 0.25
#: Where delta lies far below the residuals it is approached in steps of this factor.
SHARPEN = 30.0
#: Steps of every start, and more where too few agree after them; the best one then goes on until nothing is gained.
START_STEPS, PATIENT_STEPS = 50, 150
#: Cosine of the angle between residuals and a derivative below which no step could gain anything.
FLAT = 1e-6
#: Decrease still worth a step of a start: well below what tells agreeing starts from others.
START_TOLERANCE = 1e-9
#: Points above which starts are found, and first walked, on some of them: where to begin takes no more.
MANY, SOME = 5_000, 2_000


@dataclass(frozen=True)
class Solution:
    """The best vector u of a problem, shape (P,), its objective (as reported, summed) and the verdict."""

    problem: Problem
    u: Array
    value: float
    status: Status
    #: Vectors as good as the best, which comes first, shape (A, P), and entries of u that the points do not identify.
    answers: Array
    loose: tuple[int, ...] = ()
    #: Names of parameters at a bound.
    at_bound: tuple[str, ...] = ()
    starts: int = 0
    agreeing: int = 0
    #: Whether the best vector is a start that no step could better, and yet not exact.
    unmoved: bool = False


def solve(problem: Problem, *, exhaustive: bool = False) -> Solution:
    """Fit the problem; `exhaustive` polishes every start of the grid, as a cross-check on the choice of a few."""
    if problem.n_free == 0:
        u = np.empty(0)
        return Solution(problem, u, _reported(problem, u), "converged", u[None])
    if len(problem.group_names) > 1:
        starts = joint_starts(problem, lambda part: solve(part).u)
    else:
        starts = _starts(problem, exhaustive)
    found, values = _walked(problem, starts)
    enough = min(max(2.0, AGREEING_SHARE * len(starts)), len(starts))
    if np.sum(_agreeing(problem, values)) < enough and np.any(np.isfinite(values)):
        found, values = minimise(problem, found, max_steps=PATIENT_STEPS)
    best = int(np.argmin(values))
    if not np.isfinite(values[best]):
        return Solution(problem, found[best], np.nan, "failed", found[best][None], starts=len(starts))
    (u,), (least,) = minimise(problem, found[best : best + 1])
    found[best], values[best] = u, least
    agrees = _agreeing(problem, values)
    edge = 1e-9 * (problem.high - problem.low)
    outside = (u <= problem.low + edge) | (u >= problem.high - edge)
    at_bound = tuple(dict.fromkeys(c.parameter for c, out in zip(problem.columns, outside) if out))

    def settle(moved: Array) -> Array:
        ends, reached = minimise(problem, moved)
        return ends[_agreeing(problem, np.append(reached, least))[:-1]]

    loose, answers = not_identified(problem, u, found[agrees], settle)
    status: Status = "converged"
    if loose:
        status = "unidentified"
    elif at_bound:
        status = "at bound"
    elif np.sum(agrees) < enough:
        status = "starts disagree"
    unmoved = np.array_equal(u, starts[best]) and least > _rounding(problem) and not _flat(problem, u)
    n_agreeing = int(np.sum(agrees))
    return Solution(
        problem, u, _reported(problem, u), status, answers, loose, at_bound, len(starts), n_agreeing, bool(unmoved)
    )


def _starts(problem: Problem, exhaustive: bool) -> Array:
    """Starts from the grid, all or the promising ones; on a large table, walked downhill on some of its points."""
    many = len(problem.loss) > MANY
    if many:
        problem = problem.some(np.sort(np.random.default_rng(0).permutation(len(problem.loss))[:SOME]))
    starts = grid_starts(problem)
    if not exhaustive:
        starts = starts[promising(problem, starts)]
    return _walked(problem, starts)[0] if many else starts


def _walked(problem: Problem, starts: Array) -> tuple[Array, Array]:
    """Ends of some steps from every start, and their objectives.

    Where delta lies far below the residuals, objectives with a larger one are minimised before.
    """
    deltas = [problem.objective.delta]
    if np.isfinite(deltas[0]):
        size = float(np.median(np.abs(problem.residual(starts[:1]))))
        while deltas[0] * SHARPEN < size:
            deltas.insert(0, deltas[0] * SHARPEN)
    for delta in deltas:
        starts, values = minimise(
            problem.changed(delta=delta), starts, max_steps=START_STEPS, tolerance=START_TOLERANCE
        )
    return starts, values


def _flat(problem: Problem, u: Array) -> bool:
    """True at an optimum: the objective has no slope to speak of along any entry of u that is free to move.

    A law that is linear in all that is fitted, its squares minimised, is solved exactly by its start.
    """
    residual, jacobian = problem.linearised(u[None])
    slope = np.sqrt(problem.weight) * problem.objective.slope(residual[0])
    columns = jacobian[0] * np.sqrt(problem.weight)
    size = np.linalg.norm(columns, axis=1) * np.linalg.norm(slope)
    inside = (u > problem.low) & (u < problem.high)
    return bool(np.all(np.abs(columns @ slope)[inside] <= FLAT * size[inside]))


def _agreeing(problem: Problem, values: Array) -> NDArray[np.bool_]:
    """True for starts that reached the best objective, shape (S,)."""
    best = np.min(values)
    with np.errstate(invalid="ignore"):  # none agree where none is finite
        return np.asarray(values - best <= AGREEMENT * best + _rounding(problem))


def _rounding(problem: Problem) -> float:
    """Rounding error of an objective that is 0."""
    unit = 1.0 if problem.objective.space == "log" else problem.scale
    return float(np.finfo(float).eps * np.sum(problem.weight) * unit**2)


def _reported(problem: Problem, u: Array) -> float:
    return float(np.sum(problem.weight * problem.objective.penalty(problem.residual(u[None])[0])))
