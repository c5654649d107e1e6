"""Growth of optima with compute: N ~ C^a, D ~ C^b, L - E ~ C^-gamma, from optima at several budgets and their draws.

Axes: K a draw, B a budget.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scalingdsl.spec.constants import FLOPS_PER_PARAMETER_TOKEN

from ..core.fit_result import Array, Curve, FitWarning, Optimum, Status
from ..forms import form
from ..intervals.bootstrap import interval, refit
from ..solver.multistart import solve
from ..solver.objective import make_objective
from ..solver.problem import Problem

#: Budgets that a power law with an offset needs.
MIN_BUDGETS = 3


def straight(flops: Array, size_KB: Array) -> tuple[Array, Array]:
    """Exponent and factor of the straight line through log size against log C, shape (K,) each."""
    x = np.log(flops)
    away = x - np.mean(x)
    y = np.log(size_KB)
    slope = y @ away / float(away @ away) if len(x) > 1 else np.full(len(y), np.nan)
    return np.asarray(slope), np.exp(np.mean(y, axis=1) - slope * np.mean(x))


def falling(flops: Array, loss: Array) -> dict[str, Array]:
    """E, K and gamma of E + K C^-gamma through the optima's losses and their draws, shape (1 + K,) each."""
    names = {"E": "E", "A": "K", "alpha": "gamma"}
    if len(flops) < MIN_BUDGETS:
        return {name: np.full(len(loss), np.nan) for name in names.values()}
    problem = Problem(form("power"), {"x": flops}, loss[0], make_objective("mse", loss[0]))
    u = solve(problem).u[None]
    if len(loss) > 1:
        u = np.concatenate([u, refit(problem, u, loss[1:])])
    return {names[column.parameter]: value for column, value in problem.raw(u).items()}


def optimum_along(
    method: str,
    budgets: Array,
    size: dict[str, Array],
    loss: Array,
    status: Status,
    warnings: tuple[FitWarning, ...],
) -> Optimum:
    """The optimum whose sizes and losses at budgets are these: a, b, gamma, E, N_1, D_1, K and the curves.

    Args:
        method: How it was found.
        budgets: Compute, shape (B,).
        size: N and D of the optima and of their draws, shape (1 + K, B) each.
        loss: Their losses, shape (1 + K, B).
        status: Of what it was found from.
        warnings: Likewise.
    """
    both: dict[str, Array] = {}
    for quantity, power, factor in (("N", "a", "N_1"), ("D", "b", "D_1")):
        parts = [straight(budgets, x) for x in (size[quantity][:1], size[quantity][1:])]
        both[power], both[factor] = (np.concatenate(x) for x in zip(*parts))
    both |= falling(budgets, loss)
    return optimum_of(method, both, {"N": size["N"], "D": size["D"], "L": loss}, budgets, status, warnings)


def optimum_of(
    method: str,
    values: Mapping[str, Array],
    curves: Mapping[str, Array],
    flops: Array,
    status: Status,
    warnings: tuple[FitWarning, ...],
    jackknife: Mapping[str, Array] = {},
) -> Optimum:
    """The optimum of these numbers, shape (1 + K,), and curves, shape (1 + K, compute): each itself and its draws."""
    params = {name: float(v[0]) for name, v in values.items()}
    draws = {name: v[1:] for name, v in values.items()}
    intervals = {k: interval(draws[k], v, jackknife.get(k)) for k, v in params.items() if len(draws[k])}
    bands = {name: _curve(flops, x[0], x[1:]) for name, x in curves.items()}
    return Optimum(method, params, intervals, draws, bands, status, warnings)


def _curve(flops: Array, value: Array, draws_KB: Array) -> Curve:
    """A quantity with its 95 % band from draws, shape (draw, compute); the band is NaN where there are none."""
    if not len(draws_KB):
        nothing = np.full_like(value, np.nan)
        return Curve(flops, value, nothing, nothing)
    bands = [interval(draws_KB[:, i], float(value[i])) for i in range(len(flops))]
    return Curve(flops, value, np.array([b.low for b in bands]), np.array([b.high for b in bands]))


def sizes_at(log_n: Array, budgets: Array) -> dict[str, Array]:
    """N and D at budgets, from log N."""
    n = np.exp(log_n)
    return {"N": n, "D": budgets / (FLOPS_PER_PARAMETER_TOKEN * n)}
