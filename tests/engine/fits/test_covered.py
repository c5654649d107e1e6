"""Intervals hold the truth as often as they say where they once did not, on tables of known truth."""

from __future__ import annotations

import numpy as np
import pytest
from scalingdsl.engine.fits import Points, fit_law
from scalingdsl.engine.fits.core.fit_result import Array
from scalingdsl.engine.fits.forms import forms
from scalingdsl.engine.fits.predict import curve_interval, predict_draws
from scalingdsl.engine.fits.selection.extrapolation import predictions

TABLES = 60
OF_RUNS = 60


@pytest.mark.slow
def test_predictions_of_a_law_without_a_level_hold_it() -> None:
    x, beyond = np.geomspace(1e6, 1e9, 8), {"N": np.array([1e10])}
    held = 0
    for seed in range(TABLES):
        loss = 300.0 * x**-0.4 * np.exp(0.01 * np.random.default_rng(1000 + seed).normal(size=8))
        fit = fit_law("power", Points({"N": x}, loss), bootstrap=200)
        (law,) = curve_interval(fit, beyond)
        held += law.low <= 300.0 * 1e10**-0.4 <= law.high
    assert held >= 0.92 * TABLES  # 0.83 where all draws have a level


def test_draws_without_a_level_are_those_of_a_law_that_has_none() -> None:
    x = np.geomspace(1e6, 1e9, 8)
    points = Points({"N": x}, 300.0 * x**-0.4 * np.exp(0.01 * np.random.default_rng(3).normal(size=8)))
    fit, bare = (fit_law("power", points, bootstrap=40, fixed=held) for held in ({}, {"E": 0.0}))
    beyond = {"N": np.array([1e10])}
    assert not np.any(fit.details.without_level["E"])
    assert predict_draws(fit, beyond)[1::2] == pytest.approx(predict_draws(bare, beyond)[1::2], rel=1e-3)
    with_level = fit_law("power", Points({"N": x}, points.loss + 2.0), bootstrap=40)
    assert not with_level.details.without_level


def runs_of_five(seed: int) -> Points:
    """24 runs of five checkpoints each; four fifths of the noise is the run's."""
    rng = np.random.default_rng(seed)
    sizes, tokens = np.tile(np.geomspace(1e7, 3e9, 8), 3), np.geomspace(1e9, 1e11, 5)
    n, d = (x.ravel() for x in np.meshgrid(sizes, tokens, indexing="ij"))
    run = np.repeat(np.arange(24), 5)
    noise = np.sqrt(0.8) * rng.normal(size=24)[run] + np.sqrt(0.2) * rng.normal(size=120)
    return Points({"N": n, "D": d}, (1.8 + 480.0 * n**-0.35 + 2100.0 * d**-0.37) * np.exp(0.003 * noise), run)


@pytest.mark.slow
def test_small_clusters_hold_the_exponent_along_them() -> None:
    held = 0
    for seed in range(OF_RUNS):
        low, high = fit_law("chinchilla", runs_of_five(9000 + seed), bootstrap=40).intervals["beta"]
        held += low <= 0.37 <= high
    assert held >= 0.92 * OF_RUNS  # 0.90 where the runs are drawn anew


def grid_of(variables: tuple[str, ...]) -> dict[str, Array]:
    """Thirty settings of a law's variables."""
    rng = np.random.default_rng(0)
    at = {name: 10 ** rng.uniform(5, 9, 30) for name in variables}
    return at | ({"U": at["D"] / 4} if "U" in at else {})


@pytest.mark.parametrize("law", sorted(forms()))
def test_every_law_predicts_without_draws(law: str) -> None:
    variables = ("D",) if forms()[law].variables == ("x",) else forms()[law].variables
    at = grid_of(variables)
    fit = fit_law(law, Points(at, 1.5 + 3.0 * (next(iter(at.values())) / 1e5) ** -0.3), bootstrap=0)
    (found,) = predictions(fit, [dict.fromkeys(variables, 1e10)])
    assert np.all(np.isnan([found.law, found.run]))
