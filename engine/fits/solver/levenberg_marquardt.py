"""Damped Newton steps for many problems at once: Levenberg and Marquardt's method with Huber's penalty and box bounds.

    (J' H J + lambda diag(J' W J)) step = -J' psi

with psi the penalty's slope, H its curvature (1 within delta, little outside) and W = psi / r. H makes the last steps
fast even where most residuals lie outside delta, where reweighted least squares (W in place of H) crawl; W keeps the
damping sensible. An entry at a bound with the gradient pointing outside is held.

Axes: S a start or bootstrap draw, P an entry of u, X a point.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..core.fit_result import Array
from .problem import Problem

MAX_STEPS = 200
#: Relative decrease predicted by the quadratic model below which a problem is done.
TOLERANCE = 1e-13
#: What is larger has overflowed.
LARGEST = 1e150
TINY = float(np.finfo(np.float64).tiny)
DAMPING_START, DAMPING_LOW, DAMPING_HIGH = 1e-1, 1e-12, 1e9
#: What the damping is multiplied by after a step as good as expected, and after one that did not help; measured on a
#: dozen problems for the most starts home after forty steps.
EASE, TIGHTEN = 0.3, 4.0


def minimise(
    problem: Problem,
    start_SP: Array,
    *,
    target: Array | None = None,
    weight: Array | None = None,
    max_steps: int = MAX_STEPS,
    tolerance: float = TOLERANCE,
    held: NDArray[np.bool_] | None = None,
) -> tuple[Array, Array]:
    """Minimise the weighted sum of penalties from every start: where the steps end, shape (S, P), and its value, (S,).

    Args:
        problem: Law, points and objective.
        start_SP: Starting vectors.
        target: Losses in the objective's space of each start, shape (S, X), where they are not the points' own.
        weight: Weight of each point likewise.
        max_steps: Steps after which what has been reached is given back.
        tolerance: Relative decrease still worth a step.
        held: Entries of u that stay where they start, shape (P,).
    """
    n_starts, n_points = len(start_SP), len(problem.loss)
    objective = problem.objective
    target = np.broadcast_to(problem.target if target is None else target, (n_starts, n_points))
    weight = np.broadcast_to(problem.weight if weight is None else weight, (n_starts, n_points))
    # In units of delta, so that a sum of tiny penalties is still a number of order one.
    scale = 1.0 if np.isinf(objective.delta) else objective.delta**-2

    def value_of(u: Array, rows: NDArray[np.intp]) -> tuple[Array, Array]:
        predicted = problem.predicted(u)
        with np.errstate(all="ignore"):
            residual = (np.log(predicted) if objective.space == "log" else predicted) - target[rows]
            total = scale * np.sum(weight[rows] * objective.smooth(residual), axis=1)
        return np.where(np.isfinite(total), total, np.inf), predicted

    u = np.clip(start_SP, problem.low, problem.high)
    rows: NDArray[np.intp] = np.arange(n_starts)
    value, predicted = value_of(u, rows)
    predicted = np.array(predicted)
    damping = np.full(n_starts, DAMPING_START)
    active = np.isfinite(value)
    for _ in range(max_steps):
        if not active.any():
            break
        rows = np.flatnonzero(active)
        gradient, hessian, ridge = _quadratic(problem, u[rows], predicted[rows], target[rows], weight[rows], scale)
        step, expected = _step(problem, u[rows], gradient, hessian, ridge, damping[rows], held)
        trial = np.clip(u[rows] + step, problem.low, problem.high)
        reached, foreseen = value_of(trial, rows)
        better = reached < value[rows]
        gain = (value[rows] - reached) / np.maximum(expected, TINY)
        done = expected <= tolerance * np.maximum(value[rows], TINY)
        # A step that does not help even when damped to nothing means rounding has been reached.
        done |= ~better & (damping[rows] >= DAMPING_HIGH)
        u[rows[better]] = trial[better]
        value[rows[better]] = reached[better]
        predicted[rows[better]] = foreseen[better]
        factor = np.where(better, np.where(gain > 0.5, EASE, 1.0), TIGHTEN)
        damping[rows] = np.clip(damping[rows] * factor, DAMPING_LOW, DAMPING_HIGH)
        active[rows[done]] = False
    return u, value / scale


def _quadratic(
    problem: Problem, u: Array, predicted: Array, target: Array, weight: Array, scale: float
) -> tuple[Array, Array, Array]:
    """Gradient (S, P), curvature (S, P, P), and the diagonal that damps it (S, P)."""
    residual, jacobian = problem.linearised(u, target, predicted)
    if not np.isfinite(jacobian).all():
        jacobian = np.nan_to_num(jacobian, nan=0.0, posinf=0.0, neginf=0.0)
    penalty = problem.objective
    slope, curvature, share = (weight * f(residual) for f in (penalty.slope, penalty.curvature, penalty.weight))
    # A law of one's own may overflow here: a step that is no number betters nothing.
    with np.errstate(over="ignore", invalid="ignore"):
        gradient = scale * (jacobian @ slope[:, :, None])[:, :, 0]
        hessian = scale * (jacobian * curvature[:, None, :]) @ jacobian.swapaxes(1, 2)
        ridge = scale * (jacobian**2 @ share[:, :, None])[:, :, 0]
    return _bounded(gradient), _bounded(hessian), _bounded(ridge)


def _bounded(values: Array) -> Array:
    """Numbers all within what has not overflowed, 0 for those that are none."""
    if np.abs(values).max(initial=0.0) <= LARGEST:
        return values
    return np.clip(np.nan_to_num(values), -LARGEST, LARGEST)


def _step(
    problem: Problem,
    u: Array,
    gradient: Array,
    hessian: Array,
    ridge: Array,
    damping: Array,
    fixed: NDArray[np.bool_] | None,
) -> tuple[Array, Array]:
    """The damped step (S, P) and the decrease the quadratic model expects of it (S,)."""
    held = ((u <= problem.low) & (gradient > 0)) | ((u >= problem.high) & (gradient < 0))
    if fixed is not None:
        held = held | fixed
    free = ~held
    gradient = np.where(held, 0.0, gradient)
    matrix = hessian * (free[:, :, None] & free[:, None, :])
    floor = 1e-14 * np.max(ridge, axis=1, keepdims=True) + TINY
    diagonal = np.where(held, 1.0, damping[:, None] * np.maximum(ridge, floor) + floor)
    index = np.arange(u.shape[1])
    matrix[:, index, index] += diagonal
    step = -np.linalg.solve(matrix, gradient[:, :, None])[:, :, 0]
    expected = -0.5 * np.einsum("sp,sp->s", gradient, step)
    return np.asarray(step), np.abs(expected)
