"""Starts that need no guess: a grid over what the law is not linear in, the linear rest solved exactly at each grid
point.

This is variable projection. The grid is in pure numbers (exponents, or rates times the typical x), so starts do not
depend on units; the linear parameters are found by weighted least squares with every one of them at least 0, which
for the up to four of them is exact by trying which are 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.vocabulary.words.laws import Parameter

from ..core.fit_result import Array
from ..core.form import EXPONENT_GRID
from ..core.nonnegative_least_squares import Normal, normal, solved
from .problem import Problem

#: Starts that are polished: the best of the grid, and the best of each of as many regions of it.
N_BEST, N_REGIONS = 8, 8
#: Residuals of starts that are looked at together.
BLOCK_ENTRIES = 10_000
#: Panels whose own values shared parameters start at.
N_PANELS = 6
#: Share of the loss at which a coefficient that should be 0 starts.
ALMOST_NONE = 1e-12


def grid_starts(problem: Problem) -> Array:
    """Every start of the grid, shape (S, P), neighbours next to each other."""
    u = _seeds(problem)
    if any(p.name in problem.form.linear for p in problem.free):
        _solve_linear(problem, u)
    return u


def _blocks(problem: Problem, u_SP: Array) -> list[Array]:
    """Views of the starts, few enough at a time for their residuals to stay in the processor's cache."""
    return np.array_split(u_SP, max(1, len(u_SP) * len(problem.loss) // BLOCK_ENTRIES))


def promising(problem: Problem, u_SP: Array) -> NDArray[np.intp]:
    """Starts to polish: the best, and the best of each stretch of the grid, lest there be another basin."""
    with np.errstate(all="ignore"):
        value = np.concatenate(
            [
                np.sum(problem.weight * problem.objective.smooth(problem.residual(rows)), axis=1)
                for rows in _blocks(problem, u_SP)
            ]
        )
    value = np.where(np.isfinite(value), value, np.inf)
    order = np.argsort(value, kind="stable")
    chosen = list(order[:N_BEST])
    stretches = np.array_split(np.arange(len(u_SP)), N_REGIONS)
    chosen += [stretch[np.argmin(value[stretch])] for stretch in stretches if len(stretch)]
    return np.array(list(dict.fromkeys(int(i) for i in chosen)), dtype=np.intp)


def _seeds(problem: Problem) -> Array:
    """Every start considered, with what the law is linear in left at 0."""
    if problem.form.seeds is not None:
        values = problem.form.seeds(problem.variables, problem.loss)
    else:
        every = {p.name: EXPONENT_GRID for p in problem.free if p.kind == "exponent"} | dict(problem.form.grids)
        grids = {p.name: every[p.name] for p in problem.free if p.name in every}
        points = np.array(list(product(*grids.values())))
        values = {name: points[:, i] for i, name in enumerate(grids)}
    rows = max((len(v) for name, v in values.items()), default=1)
    u = np.zeros((rows, problem.n_free))
    for p in problem.free:
        if p.name in values:
            u[:, problem.index[p.name][0]] = problem.entry(p, values[p.name])
        else:
            assert p.name in problem.form.linear, f"{problem.form.word} gives no start for {p.name}"
    return np.unique(u, axis=0)


def _solve_linear(problem: Problem, u_SP: Array) -> None:
    """Put the best linear parameters into every row of `u_SP`, by weighted least squares of the loss.

    On log loss the weights are divided by the squared loss, which turns absolute into relative errors to first order.
    """
    linear = [p for p in problem.free if p.name in problem.form.linear]
    weight = problem.weight / problem.loss**2 if problem.objective.space == "log" else problem.weight
    solution = solved([_normal(problem, linear, rows, weight) for rows in _blocks(problem, u_SP)])
    for i, p in enumerate(linear):
        # A coefficient of exactly 0 has no logarithm: it starts far below anything the data could show.
        found = np.maximum(solution[:, i], problem.scale * ALMOST_NONE) if p.logarithmic else solution[:, i]
        u_SP[:, problem.index[p.name][0]] = problem.entry(p, found)


def _normal(problem: Problem, linear: Sequence[Parameter], u_SP: Array, weight: Array) -> Normal:
    """Least squares for the linear parameters at some starts."""
    params = dict(problem.params(u_SP))
    for p in linear:
        params[p.name] = np.zeros((len(u_SP), 1))
    shape = (len(u_SP), len(problem.loss))
    with np.errstate(all="ignore"):
        offset = np.nan_to_num(np.broadcast_to(problem.form.value(problem.variables, params), shape))
        partial = problem.form.gradient(problem.variables, params)
        basis = np.nan_to_num(np.stack([np.broadcast_to(partial[p.name], shape) for p in linear], axis=1))
    return normal(basis, problem.loss - offset, weight)


def joint_starts(problem: Problem, solve: Callable[[Problem], Array]) -> Array:
    """Starting vectors of a problem with panels, shape (S, P); `solve` gives each panel's best vector.

    Every panel is fitted alone and all of them as one; shared parameters start at the one fit's value, at the panels'
    median, or at some panel's own, the others at their panel's own. In the solver's units a coefficient is the size of
    its term at the centre of the data, which hardly depends on the exponent, so mixing the two does no harm.
    """

    def alone(points: NDArray[np.intp], fallback: dict[str, float] | None) -> dict[str, float]:
        """Parameters in the joint problem's units, of these points fitted by themselves."""
        part = problem.part(points)
        if fallback is not None and len(part.loss) < part.n_free:
            return fallback
        found = part.raw(solve(part)[None])
        raw = {column.parameter: value for column, value in found.items()}
        scaled = problem.form.rescale(raw, {v: 1.0 / unit for v, unit in problem.units.items()})
        return {name: float(value[0]) for name, value in scaled.items()}

    pooled = alone(np.arange(len(problem.loss)), None)
    groups = problem.group_names
    own = {g: alone(np.flatnonzero(problem.group_of_point == i), pooled) for i, g in enumerate(groups)}
    middle = {name: float(np.median([own[g][name] for g in groups])) for name in pooled}
    candidates = [pooled, middle, *(own[g] for g in groups[:N_PANELS])]
    rows = [
        [
            problem.entry(
                problem.form.parameter(c.parameter),
                np.array((shared if c.group is None else own[c.group])[c.parameter]),
            )
            for c in problem.columns
        ]
        for shared in candidates
    ]
    return np.unique(np.array(rows, dtype=np.float64), axis=0)
