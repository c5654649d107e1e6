"""Starts that need no guess: a grid over what the law is not linear in, the linear rest solved exactly at each grid
point.

This is variable projection. The grid is in pure numbers (exponents, or rates times the typical x), so starts do not
depend on units; the linear parameters are found by weighted least squares with every one of them at least 0, which
for the up to four of them is exact by trying which are 0.
"""

from __future__ import annotations

from itertools import combinations, product

import numpy as np

from .objective import Objective
from .problem import Problem
from .result import Array

#: Starts that are polished: the best of the grid, and the best of each of as many regions of it.
N_BEST, N_REGIONS = 8, 8
#: Share of the loss at which a coefficient that should be 0 starts.
ALMOST_NONE = 1e-12


def grid_starts(problem: Problem, target: Array, weight: Array, objective: Objective) -> Array:
    """Promising vectors u, shape (S, P), best first."""
    curved = [p for p in problem.free if p.name not in problem.form.linear]
    axes = [p.grid for p in curved if p.grid is not None]
    assert len(axes) == len(curved), "a parameter in which a law is not linear needs a grid"
    points = np.array(list(product(*axes)))
    u = np.zeros((len(points), problem.n_free))
    for i, p in enumerate(curved):
        u[:, problem.index[p.name][0]] = problem.entry(p, points[:, i])
    linear = [p for p in problem.free if p.name in problem.form.linear]
    if linear:
        solve_linear(problem, u, weight, objective)
    residual = problem.residual(u, target, objective)
    value = np.sum(weight * objective.smooth(residual), axis=1)
    order = np.argsort(np.where(np.isfinite(value), value, np.inf), kind="stable")
    return u[_chosen(order, len(points))]


def _chosen(order: np.ndarray[tuple[int], np.dtype[np.intp]], n: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Grid points to polish: the best, and the best of each stretch of the grid, lest there be another basin."""
    best = list(order[:N_BEST])
    place = np.empty(n, dtype=np.intp)
    place[order] = np.arange(n)
    regions = [r for r in np.array_split(np.arange(n), N_REGIONS) if len(r)]
    best += [region[np.argmin(place[region])] for region in regions]
    return np.array(list(dict.fromkeys(int(i) for i in best)), dtype=np.intp)


def solve_linear(problem: Problem, u_SP: Array, weight: Array, objective: Objective) -> None:
    """Put the best linear parameters into every row of `u_SP`, by weighted least squares of the loss.

    On log loss the weights are divided by the squared loss, which turns absolute into relative errors to first order.
    """
    form, linear = problem.form, [p for p in problem.free if p.name in problem.form.linear]
    params = dict(problem.params(u_SP))
    for p in linear:
        params[p.name] = np.zeros((len(u_SP), 1))
    shape = (len(u_SP), len(problem.loss))
    offset = np.broadcast_to(form.value(problem.variables, params), shape)
    partial = form.gradient(problem.variables, params)
    basis = np.stack([np.broadcast_to(partial[p.name], shape) for p in linear], axis=1)
    per_point = weight / problem.loss**2 if objective.space == "log" else np.broadcast_to(weight, problem.loss.shape)
    weighted = basis * per_point
    gram = weighted @ basis.swapaxes(1, 2)
    right = weighted @ (problem.loss - offset)[:, :, None]
    solution = _nonnegative(gram, right[:, :, 0])
    for i, p in enumerate(linear):
        # A coefficient of exactly 0 has no logarithm: it starts far below anything the data could show.
        found = np.maximum(solution[:, i], problem.scale * ALMOST_NONE) if p.logarithmic else solution[:, i]
        u_SP[:, problem.index[p.name][0]] = problem.entry(p, found)


def _nonnegative(gram: Array, right: Array) -> Array:
    """argmin over z >= 0 of z'Gz/2 - r'z for a stack of small problems: tries every set of positive entries."""
    n, size = right.shape
    best, best_value = np.zeros((n, size)), np.zeros(n)
    for count in range(1, size + 1):
        for kept in combinations(range(size), count):
            at = np.array(kept)
            part, rhs = gram[:, at[:, None], at], right[:, at]
            trace = np.trace(part, axis1=1, axis2=2)[:, None, None]
            ridge = np.eye(count) * (1e-13 * trace + np.finfo(float).tiny)
            z = np.linalg.solve(part + ridge, rhs[:, :, None])[:, :, 0]
            value = -0.5 * np.sum(rhs * z, axis=1)
            better = np.all(z >= 0, axis=1) & (value < best_value)
            best_value[better] = value[better]
            best[np.ix_(better, at)] = z[better]
    return best
