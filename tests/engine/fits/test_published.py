"""Published fits: reached on tables that may be shipped, recovered from synthetic ones where the data may not.

The digitised Chinchilla points carry no licence; `docs/how-to/fit-a-table.md` has the command for a reader's own copy.
The isoFLOP bias table is in `test_optima.py`, the repeated-data law in `test_recovery.py`.
"""

from __future__ import annotations

import numpy as np
import pytest
from scalingdsl.engine.fits import Fit, Points, fit_law
from scalingdsl.engine.fits.core.fit_result import Array

from .gemstones import PUBLISHED, gemstones

#: Besiroglu et al. 2024, arXiv:2404.10102: the re-analysed points, and their bootstrap's standard errors.
REANALYSED = {"E": 1.81722, "A": 477.83, "alpha": 0.34731, "B": 2143.4, "beta": 0.36717}
STANDARD_ERRORS = {"E": 0.0257, "alpha": 0.0154, "beta": 0.0206}
#: Scatter of those points around the law, and their number.
SCATTER, N_POINTS = 0.011, 240


def points(noise: float, seed: int = 0) -> Points:
    """240 runs on nine isoFLOP profiles from 6e18 to 3e21 FLOPs, as those points lie."""
    rng = np.random.default_rng(seed)
    flops = np.geomspace(6e18, 3e21, 9)[rng.integers(0, 9, N_POINTS)]
    n = np.sqrt(flops / 120) * np.exp(rng.uniform(-1.6, 1.6, N_POINTS))
    d = flops / (6 * n)
    return Points({"N": n, "D": d}, law(n, d) * np.exp(noise * rng.normal(size=N_POINTS)))


def law(n: Array, d: Array) -> Array:
    """The published law."""
    p = REANALYSED
    return np.asarray(p["E"] + p["A"] * n ** -p["alpha"] + p["B"] * d ** -p["beta"])


@pytest.mark.parametrize("objective", ["huber", "mse", "log-mse", "lad"])
def test_the_published_law_is_recovered_from_exact_points(objective: str) -> None:
    fit = fit_law("chinchilla", points(0.0), objective=objective, bootstrap=0)
    assert fit.params == pytest.approx(REANALYSED, rel=1e-5)


def test_the_published_law_is_recovered_from_noisy_points_with_errors_of_the_published_size() -> None:
    fits: list[Fit] = [fit_law("chinchilla", points(SCATTER, seed), bootstrap=300, seed=seed) for seed in range(3)]
    for name, error in STANDARD_ERRORS.items():
        for fit in fits:
            assert abs(fit.params[name] - REANALYSED[name]) < 4 * error
        own = float(np.mean([np.std(fit.draws[name]) for fit in fits]))
        assert 0.4 * error < own < 2.5 * error, name


def test_a_mean_of_penalties_would_stop_where_it_started() -> None:
    """A mean of tiny penalties stops other optimisers at once; here the objective's scale changes nothing."""
    seen = points(SCATTER)
    plain = fit_law("chinchilla", seen, bootstrap=0)
    mean = fit_law(
        "chinchilla",
        Points(seen.variables, seen.loss, weight=np.full(N_POINTS, 1e-9 / N_POINTS)),
        bootstrap=0,
    )
    assert mean.params == pytest.approx(plain.params, rel=1e-6)
    assert mean.value * N_POINTS * 1e9 == pytest.approx(plain.value, rel=1e-9)


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_every_start_of_the_grid_agrees_with_the_published_optimum(name: str) -> None:
    few, every = (fit_law("chinchilla", gemstones(name), bootstrap=0, exhaustive=e) for e in (False, True))
    assert few.value == pytest.approx(every.value, rel=1e-9)
    assert every.value <= PUBLISHED[name] + 5e-11
