"""Growth of optima with compute: N ~ C^a, D ~ C^b, L - E ~ C^-gamma, from optima at several budgets and their draws.

Axes: K a draw, B a budget.
"""

from __future__ import annotations

import numpy as np
from scalingdsl.spec.vocabulary.constants import FLOPS_PER_PARAMETER_TOKEN

from ..core.fit_result import Array, FitWarning, Optimum, Status
from ..forms import form
from ..intervals.bootstrap import interval, refit
from ..intervals.curves import curve_of
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


def falling(flops: Array, loss: Array, loss_KB: Array) -> tuple[dict[str, Array], dict[str, Array]]:
    """E, K and gamma of E + K C^-gamma through the optima's losses: estimate, shape (1,), and draws, shape (K,)."""
    names = {"E": "E", "A": "K", "alpha": "gamma"}
    if len(flops) < MIN_BUDGETS:
        return {v: np.full(1, np.nan) for v in names.values()}, {
            v: np.full(len(loss_KB), np.nan) for v in names.values()
        }
    problem = Problem(form("power"), {"x": flops}, loss, make_objective("mse", loss))
    u = solve(problem).u
    refits = refit(problem, u, loss_KB) if len(loss_KB) else np.empty((0, len(u)))
    both = [{names[c.parameter]: v for c, v in problem.raw(vector).items()} for vector in (u[None], refits)]
    return both[0], both[1]


def optimum_along(
    method: str,
    budgets: Array,
    size: dict[str, Array],
    loss: Array,
    size_KB: dict[str, Array],
    loss_KB: Array,
    status: Status,
    warnings: tuple[FitWarning, ...],
) -> Optimum:
    """The optimum whose sizes and losses at budgets are these: a, b, gamma, E, N_1, D_1, K and the curves.

    Args:
        method: How it was found.
        budgets: Compute, shape (B,).
        size: N and D of the optima, shape (B,) each.
        loss: Their losses, shape (B,).
        size_KB: Draws of N and D.
        loss_KB: Draws of the losses.
        status: Of what it was found from.
        warnings: Likewise.
    """
    estimate: dict[str, Array] = {}
    draws: dict[str, Array] = {}
    for quantity, power, factor in (("N", "a", "N_1"), ("D", "b", "D_1")):
        estimate[power], estimate[factor] = straight(budgets, size[quantity][None])
        draws[power], draws[factor] = straight(budgets, size_KB[quantity])
    best, best_K = falling(budgets, loss, loss_KB)
    estimate, draws = {**estimate, **best}, {**draws, **best_K}
    params = {name: float(value[0]) for name, value in estimate.items()}
    intervals = {name: interval(draws[name], params[name]) for name in params if len(draws[name])}
    curves = {q: curve_of(budgets, size[q], size_KB[q]) for q in ("N", "D")}
    curves["L"] = curve_of(budgets, loss, loss_KB)
    return Optimum(method, params, intervals, draws, curves, status, warnings)


def sizes_at(log_n: Array, budgets: Array) -> dict[str, Array]:
    """N and D at budgets, from log N."""
    n = np.exp(log_n)
    return {"N": n, "D": budgets / (FLOPS_PER_PARAMETER_TOKEN * n)}
