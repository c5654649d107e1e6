"""Before anything is trained: how wide the intervals of a study's exponents will be, and a better grid for the same
money.

The widths come from refitting losses simulated with an assumed law and noise on the planned grid, and are scaled to
what Student's tails will add where few points are spared. The search for a better grid ranks candidates by the
curvature of the objective, which is quick, and simulates only the winner.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
from scalingdsl.spec.constants import FLOPS_PER_PARAMETER_TOKEN
from scipy.special import ndtri, stdtrit

from ..core.fit_result import Array
from ..forms import declaration, form
from ..intervals.bootstrap import LEVEL, refit
from ..solver.objective import make_objective
from ..solver.problem import Problem

N_SIMULATED = 600
#: Powers of two by which an end of a grid may move.
FARTHEST = 2
#: Sizes and token counts that a grid has at least: an exponent and an offset need three.
FEWEST = 4
LAW = "chinchilla"
#: Parameters of the public re-analysis of the Chinchilla runs (Besiroglu et al. 2024, arXiv:2404.10102): the default
#: assumption.
ASSUMED = {"E": 1.8172, "A": 477.83, "alpha": 0.3473, "B": 2143.4, "beta": 0.3672}


@dataclass(frozen=True)
class Grid:
    """A product of sizes and token counts."""

    n: tuple[float, ...]
    d: tuple[float, ...]

    def variables(self) -> dict[str, Array]:
        """N and D of every cell."""
        n, d = np.meshgrid(self.n, self.d, indexing="ij")
        return {"N": n.ravel(), "D": d.ravel()}

    @property
    def flops(self) -> float:
        """Compute of all cells."""
        at = self.variables()
        return float(np.sum(FLOPS_PER_PARAMETER_TOKEN * at["N"] * at["D"]))


def expected_widths(
    variables: Mapping[str, Array], noise: float, *, params: Mapping[str, float] = ASSUMED, law: str = LAW
) -> dict[str, float]:
    """Widths of the 95 % intervals, by parameter, that a fit of the law to this grid will have.

    Args:
        variables: N and D of the planned cells, shape (cell,) each.
        noise: Standard deviation of log loss, run to run.
        params: The assumed law's parameters; those of the re-analysed Chinchilla law by default.
        law: Its word.
    """
    problem, u = _assumed(variables, params, declaration(law).objective, declaration(law).delta, law)
    n = len(problem.loss)
    errors = noise * np.random.default_rng(0).normal(size=(N_SIMULATED, n))
    simulated = problem.loss[None] * np.exp(errors)
    target = np.log(simulated) if problem.objective.space == "log" else simulated
    found = problem.raw(refit(problem, u, target))
    left, tail = max(1.0, float(n - problem.n_free)), (1 - LEVEL) / 2
    students = float(stdtrit(left, 1 - tail) / ndtri(1 - tail))
    return {c.parameter: students * float(np.diff(np.quantile(v, [tail, 1 - tail]))[0]) for c, v in found.items()}


def _assumed(
    variables: Mapping[str, Array],
    params: Mapping[str, float],
    objective: str,
    delta: float | None = None,
    law: str = LAW,
) -> tuple[Problem, Array]:
    """The problem with exact losses under an objective, and its solution by construction."""
    wanted = form(law)
    generic = {v: np.asarray(variables[v], dtype=np.float64) for v in wanted.variables}
    assumed = {name: np.asarray(float(params[name])) for name in wanted.parameter_names}
    loss = np.asarray(wanted.value(generic, assumed))
    problem = Problem(wanted, generic, loss, make_objective(objective, loss, delta))
    scaled = wanted.rescale(assumed, {v: 1.0 / unit for v, unit in problem.units.items()})
    u = np.array([float(problem.entry(wanted.parameter(c.parameter), scaled[c.parameter])) for c in problem.columns])
    return problem, u


def better_grid(grid: Grid, noise: float, *, params: Mapping[str, float] = ASSUMED) -> Grid:
    """A product grid of at most the same compute and as many cells whose exponents will be known best.

    Step by step: the smallest and largest size and token count move by a factor of two, up to four in all, or sizes are
    traded for token counts, as long as that helps.

    Args:
        grid: The planned grid.
        noise: Standard deviation of log loss.
        params: The assumed law.
    """
    cells = len(grid.n) * len(grid.d)
    shapes = [(k, cells // k) for k in range(FEWEST, cells // FEWEST + 1)] or [(len(grid.n), len(grid.d))]

    def moved_grid(ends: tuple[int, ...], shape: int) -> Grid | None:
        """The grid whose ends are moved by these powers of two, if it is one and no dearer."""
        low_n, high_n, low_d, high_d = (
            x * 2.0**k for x, k in zip((grid.n[0], grid.n[-1], grid.d[0], grid.d[-1]), ends)
        )
        if low_n * 2 > high_n or low_d * 2 > high_d:
            return None
        n, d = shapes[shape]
        found = Grid(tuple(np.geomspace(low_n, high_n, n).tolist()), tuple(np.geomspace(low_d, high_d, d).tolist()))
        return found if found.flops <= grid.flops else None

    best, best_score = grid, _score(grid, params, noise)
    at = ((0, 0, 0, 0), min(range(len(shapes)), key=lambda i: abs(shapes[i][0] - len(grid.n))))
    improved = True
    while improved:
        improved = False
        # One or two ends move by a factor of two: a grid that reaches further must save elsewhere.
        steps = (step for step in product((-1, 0, 1), repeat=4) if 1 <= sum(map(abs, step)) <= 2)
        moves = [(tuple(np.add(at[0], step).tolist()), at[1]) for step in steps]
        # Another shape may pay only together with other ends, so each is tried where the ends are now.
        moves += [(at[0], shape) for shape in range(len(shapes))]
        for ends, shape in moves:
            other = moved_grid(ends, shape) if max(abs(e) for e in ends) <= FARTHEST else None
            score = np.inf if other is None else _score(other, params, noise)
            if other is not None and score < best_score:
                best, best_score, at, improved = other, score, (ends, shape), True
    return best


def _score(grid: Grid, params: Mapping[str, float], noise: float) -> float:
    """Product of the standard errors of both exponents, from the curvature of the objective."""
    problem, u = _assumed(grid.variables(), params, "log-mse")
    _, jacobian = problem.linearised(u[None])
    size = np.linalg.norm(jacobian[0], axis=1)
    covariance = np.linalg.pinv((jacobian[0] / size[:, None]) @ (jacobian[0] / size[:, None]).T, hermitian=True)
    errors = noise * np.sqrt(np.diag(covariance)) / size
    names = [c.parameter for c in problem.columns]
    return float(np.prod([errors[names.index(p)] for p in ("alpha", "beta")]))
