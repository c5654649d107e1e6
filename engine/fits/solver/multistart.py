"""Multistart: the best parameters of a problem, and a verdict on whether they are the best.

Starts come from a grid with the linear part solved exactly, are walked downhill together, and the share of them that
ends in the same place is part of the answer. The outcome is a value: a fit on its bound or without a unique answer is
said to be so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..core.fit_result import Array, Status
from .identifiability import identified
from .joint_starts import joint_starts
from .levenberg_marquardt import minimise
from .objective import Objective
from .problem import Problem
from .starts import grid_starts, promising

#: Two starts agree when their objectives differ by less than this, relatively.
AGREEMENT = 1e-6
#: Share of starts that must agree.
AGREEING_SHARE = 0.25
#: Where delta lies far below the residuals it is approached in steps of this factor.
SHARPEN = 30.0
#: Steps of every start, and more where too few agree after them; the best one then goes on until nothing is gained.
START_STEPS, PATIENT_STEPS = 50, 150
#: Decrease still worth a step of a start: well below what tells agreeing starts from others.
START_TOLERANCE = 1e-9
#: Points above which starts are found, and first walked, on some of them: where to begin takes no more.
MANY, SOME = 5_000, 2_000


@dataclass(frozen=True)
class Solution:
    """The best vector u, shape (P,), its objective (as reported, summed), the verdict and what it rests on."""

    u: Array
    value: float
    status: Status
    starts: int
    agreeing: int
    #: Names of parameters at a bound.
    at_bound: tuple[str, ...]
    condition: float
    steps: int
    #: Entries of u that the points do not identify, and vectors as good as the best, which comes first, shape (A, P).
    loose: tuple[int, ...]
    answers: Array
    #: Whether the best vector is a start that no step could better, and yet not exact.
    unmoved: bool = False


def solve(problem: Problem, weight: Array, objective: Objective, *, exhaustive: bool = False) -> Solution:
    """Fit the problem.

    Args:
        problem: Law and points.
        weight: Of each point, shape (point,).
        objective: What is minimised.
        exhaustive: Polish every point of the grid of starts, as a cross-check on the choice of a few.
    """
    target = problem.target(problem.loss, objective)
    if problem.n_free == 0:
        u = np.empty(0)
        return Solution(u, _reported(problem, u, target, weight, objective), "converged", 0, 0, (), 1.0, 0, (), u[None])
    if len(problem.group_names) > 1:
        starts = joint_starts(problem, weight, objective, lambda *part: solve(*part).u)
    else:
        starts = _starts(problem, target, weight, objective, exhaustive)
    gentle = stages(problem, starts[0], target, objective)
    found, values, steps = starts, np.empty(0), 0
    for stage in gentle:
        reached = minimise(problem, found, target, weight, stage, max_steps=START_STEPS, tolerance=START_TOLERANCE)
        found, values, steps = reached.u, reached.value, steps + reached.steps
    agrees = agreeing(problem, values, weight, objective)
    if np.sum(agrees) < min_agreeing(len(starts)) and np.any(np.isfinite(values)):
        reached = minimise(problem, found, target, weight, gentle[-1], max_steps=PATIENT_STEPS)
        found, values, steps = reached.u, reached.value, steps + reached.steps
    best = int(np.argmin(values))
    if not np.isfinite(values[best]):
        return Solution(found[best], np.nan, "failed", len(starts), 0, (), 0.0, steps, (), found[best][None])
    polished = minimise(problem, found[best : best + 1], target, weight, gentle[-1])
    found[best], values[best], steps = polished.u[0], polished.value[0], steps + polished.steps
    judged = _judged(problem, found, values, best, steps, target, weight, objective, gentle[-1])
    moved = not np.array_equal(found[best], starts[best]) or values[best] <= rounding(problem, weight, objective)
    return judged if moved else replace(judged, unmoved=True)


def _starts(problem: Problem, target: Array, weight: Array, objective: Objective, exhaustive: bool) -> Array:
    """Starts from the grid, all or the promising ones; on a large table, walked downhill on some of its points."""
    many = len(problem.loss) > MANY
    if many:
        rows = np.sort(np.random.default_rng(0).permutation(len(problem.loss))[:SOME])
        problem, target, weight = problem.some(rows), target[rows], weight[rows]
    starts = grid_starts(problem, weight, objective)
    if not exhaustive:
        starts = starts[promising(problem, starts, target, weight, objective)]
    if not many:
        return starts
    for stage in stages(problem, starts[0], target, objective):
        starts = minimise(problem, starts, target, weight, stage, max_steps=START_STEPS, tolerance=START_TOLERANCE).u
    return starts


def _judged(
    problem: Problem,
    found: Array,
    values: Array,
    best: int,
    steps: int,
    target: Array,
    weight: Array,
    objective: Objective,
    smooth: Objective,
) -> Solution:
    """The best vector with its verdict."""
    u = found[best]
    agrees = agreeing(problem, values, weight, objective)
    edge = 1e-9 * (problem.high - problem.low)
    outside = (u <= problem.low + edge) | (u >= problem.high - edge)
    at_bound = tuple(dict.fromkeys(c.parameter for c, out in zip(problem.columns, outside) if out))

    def settle(moved: Array) -> Array:
        reached = minimise(problem, moved, target, weight, smooth)
        return reached.u[agreeing(problem, np.append(reached.value, values[best]), weight, objective)[:-1]]

    seen = identified(problem, u, found[agrees], weight, objective, settle)
    status: Status = "converged"
    if seen.loose:
        status = "unidentified"
    elif at_bound:
        status = "at bound"
    elif np.sum(agrees) < min_agreeing(len(found)):
        status = "starts disagree"
    value = _reported(problem, u, target, weight, objective)
    n_agreeing = int(np.sum(agrees))
    return Solution(u, value, status, len(found), n_agreeing, at_bound, seen.condition, steps, seen.loose, seen.answers)


def agreeing(problem: Problem, values: Array, weight: Array, objective: Objective) -> NDArray[np.bool_]:
    """True for starts that reached the best objective, shape (S,)."""
    best = np.min(values)
    with np.errstate(invalid="ignore"):  # none agree where none is finite
        return np.asarray(values - best <= AGREEMENT * best + rounding(problem, weight, objective))


def min_agreeing(n_starts: int) -> float:
    """Starts that must agree."""
    return max(2.0, AGREEING_SHARE * n_starts)


def rounding(problem: Problem, weight: Array, objective: Objective) -> float:
    """Rounding error of an objective that is 0."""
    unit = 1.0 if objective.space == "log" else problem.scale
    return float(np.finfo(float).eps * np.sum(weight) * unit**2)


def stages(problem: Problem, u: Array, target: Array, objective: Objective) -> tuple[Objective, ...]:
    """The objective, preceded by gentler ones where its delta lies far below the residuals."""
    if np.isinf(objective.delta):
        return (objective,)
    size = float(np.median(np.abs(problem.residual(u[None], target, objective))))
    deltas = [objective.delta]
    while deltas[0] * SHARPEN < size:
        deltas.insert(0, deltas[0] * SHARPEN)
    return tuple(objective.smoothed(d) for d in deltas)


def _reported(problem: Problem, u: Array, target: Array, weight: Array, objective: Objective) -> float:
    residual = problem.residual(u[None], target, objective)[0]
    return float(np.sum(weight * objective.penalty(residual)))
