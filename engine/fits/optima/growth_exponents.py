"""How optima grow with compute: N ~ C^a, D ~ C^b, L - E ~ C^-gamma, from the optima at several budgets and their draws.

Axes: K a draw, B a budget.
"""

from __future__ import annotations

import numpy as np

from ..core.fit_result import Array, Interval
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


def falling(flops: Array, loss: Array, loss_KB: Array) -> tuple[dict[str, Array], dict[str, Array]]:
    """E, K and gamma of E + K C^-gamma through the optima's losses: estimate, shape (1,), and draws, shape (K,)."""
    names = {"E": "E", "A": "K", "alpha": "gamma"}
    if len(flops) < MIN_BUDGETS:
        return {v: np.full(1, np.nan) for v in names.values()}, {
            v: np.full(len(loss_KB), np.nan) for v in names.values()
        }
    problem = Problem(form("power"), {"x": flops}, loss, {})
    squares = make_objective("mse", loss)
    u = solve(problem, np.ones_like(loss), squares).u
    drawn = refit(problem, u, loss_KB, np.ones_like(loss_KB), squares) if len(loss_KB) else np.empty((0, len(u)))
    both = [{names[c.parameter]: v for c, v in problem.raw(vector).items()} for vector in (u[None], drawn)]
    return both[0], both[1]


def grown(
    flops: Array, size: dict[str, Array], loss: Array, size_KB: dict[str, Array], loss_KB: Array
) -> tuple[dict[str, float], dict[str, Interval], dict[str, Array]]:
    """Estimates, intervals and draws of a, b, gamma, E, N_1, D_1, K.

    Args:
        flops: Budgets, shape (B,).
        size: N and D of the optima, shape (B,) each.
        loss: Their losses, shape (B,).
        size_KB: Draws of N and D.
        loss_KB: Draws of the losses.
    """
    estimate: dict[str, Array] = {}
    draws: dict[str, Array] = {}
    for quantity, power, factor in (("N", "a", "N_1"), ("D", "b", "D_1")):
        estimate[power], estimate[factor] = straight(flops, size[quantity][None])
        draws[power], draws[factor] = straight(flops, size_KB[quantity])
    best, drawn = falling(flops, loss, loss_KB)
    estimate, draws = {**estimate, **best}, {**draws, **drawn}
    params = {name: float(value[0]) for name, value in estimate.items()}
    intervals = {name: interval(draws[name], params[name]) for name in params if len(draws[name])}
    return params, intervals, draws
