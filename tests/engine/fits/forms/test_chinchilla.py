"""The additive law reaches published optima and recovers known parameters."""

from __future__ import annotations

import numpy as np
import pytest
from scalingdsl.engine.fits import Points, fit_law, predict, predict_draws

from ..gemstones import PUBLISHED, gemstones

KNOWN = {"E": 1.8, "A": 480.0, "alpha": 0.35, "B": 2100.0, "beta": 0.37}


def grid(noise: float, seed: int = 0) -> Points:
    """A 12 by 10 grid of the known law with log-normal noise."""
    n, d = (x.ravel() for x in np.meshgrid(np.geomspace(1e7, 1e10, 12), np.geomspace(1e9, 1e11, 10)))
    loss = KNOWN["E"] + KNOWN["A"] * n ** -KNOWN["alpha"] + KNOWN["B"] * d ** -KNOWN["beta"]
    return Points({"N": n, "D": d}, loss * np.exp(noise * np.random.default_rng(seed).normal(size=len(n))))


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_reaches_the_published_objective(name: str) -> None:
    fit = fit_law("chinchilla", gemstones(name), bootstrap=0)
    assert fit.value <= PUBLISHED[name] + 5e-11  # the published value is rounded to ten places
    assert fit.status == "converged"
    assert fit.objective == "huber"
    assert fit.delta == 1e-3


def test_recovers_exact_parameters_from_exact_losses() -> None:
    fit = fit_law("chinchilla", grid(0.0), bootstrap=0)
    assert fit.params == pytest.approx(KNOWN, rel=1e-6)


def test_intervals_hold_the_truth() -> None:
    fit = fit_law("chinchilla", grid(0.003), bootstrap=400)
    for name, value in KNOWN.items():
        low, high = fit.intervals[name]
        assert low < value < high
    assert fit.bootstrap == "cases"


def test_repeats_bit_for_bit() -> None:
    first, second = (fit_law("chinchilla", grid(0.003), bootstrap=50) for _ in range(2))
    assert first.params == second.params
    assert all(np.array_equal(first.draws[k], second.draws[k]) for k in first.draws)


def test_predictions_agree_with_the_law() -> None:
    points = grid(0.0)
    fit = fit_law("chinchilla", points, bootstrap=20)
    assert predict(fit, points.variables) == pytest.approx(points.loss, rel=1e-8)
    assert predict_draws(fit, points.variables).shape == (20, points.n)
