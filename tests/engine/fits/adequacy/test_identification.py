"""Parameters that the points leave open: from one side, from neither, and those that they tell."""

from __future__ import annotations

import numpy as np
import pytest
from scalingdsl.engine.fits import Fit, Points, fit_law


def noisy(n: int, noise: float, seed: int, alpha: float = 0.5) -> Points:
    """A slice of n sizes over a factor of 16 with relative noise."""
    x = np.geomspace(1e4, 16e4, n)
    rng = np.random.default_rng(seed)
    return Points({"N": x}, (2.0 + 100.0 * x**-alpha) * np.exp(noise * rng.normal(size=n)))


def message(fit: Fit) -> str:
    return next((w.message for w in fit.warnings if w.code == "FIT116"), "")


def test_a_parameter_that_the_points_tell_is_identified() -> None:
    x = np.geomspace(1e3, 1e7, 14)
    noise = np.exp(1e-3 * np.random.default_rng(0).normal(size=14))
    fit = fit_law("power", Points({"N": x}, (2.0 + 100.0 * x**-0.5) * noise), bootstrap=200)
    assert (fit.status, fit.unidentified) == ("converged", ())
    assert {told.status for told in fit.told.values()} == {"identified"}


def test_an_exponent_whose_interval_spans_the_range_is_unidentified() -> None:
    """It has no interval, nor has its coefficient, and the fit does not say that it converged."""
    fit = fit_law("power", noisy(5, 0.05, 1), bootstrap=300)
    assert fit.status == "unidentified"
    assert set(fit.unidentified) >= {"alpha", "A"}
    assert not {"alpha", "A"} & set(fit.intervals)
    assert "alpha is unidentified, 95 % from" in message(fit)


@pytest.mark.slow
def test_pure_noise_tells_no_exponent() -> None:
    """An interval that is a sliver at the bound is where refits pile up, not what the points say."""
    x = np.geomspace(1e4, 16e4, 5)
    told = []
    for seed in range(20):
        loss = 3.0 + 0.01 * np.random.default_rng(seed).normal(size=5)
        fit = fit_law("power", Points({"N": x}, loss), bootstrap=100)
        told.append(fit.told["alpha"].status)
        assert fit.status != "converged"
        low, high = fit.intervals.get("alpha", (0.0, 8.0))
        assert not (low > 7.2 and high <= 8.0)
    assert told.count("unidentified") > 13


def test_a_level_that_may_be_nothing_is_told_from_above() -> None:
    """Its upper end is told; a fit whose E lies at 0 says so as before."""
    x = np.geomspace(1e3, 1e6, 12)
    fits = [
        fit_law("power", Points({"N": x}, 100.0 * x**-0.3 * np.exp(0.01 * rng.normal(size=12))), bootstrap=200)
        for rng in map(np.random.default_rng, range(8))
    ]
    told = [fit.told["E"] for fit in fits]
    assert {t.status for t in told} == {"below"}
    assert all(0 < t.bound < np.min(fit.details.points.loss) for fit, t in zip(fits, told))
    assert {fit.status for fit in fits} <= {"at bound", "one-sided"}
    assert told[0].words == f"below {told[0].bound:.3g}"


def test_an_exponent_that_may_be_as_steep_as_is_looked_for_is_told_from_below() -> None:
    x = np.geomspace(1.0, 30.0, 12)
    rng = np.random.default_rng(1)
    fit = fit_law("power", Points({"N": x}, 2.0 + x**-6.5 + 0.1 * rng.normal(size=12)), bootstrap=300)
    assert fit.told["alpha"].status == "above"
    assert fit.told["alpha"].words.startswith("above ")
    assert fit.status == "one-sided"


def test_what_is_fixed_is_said_to_be() -> None:
    fit = fit_law("power", noisy(8, 1e-3, 0), fixed={"E": 2.0}, bootstrap=100)
    assert fit.told["E"].status == "fixed"


def test_fixed_exponents_leave_a_linear_problem_with_one_answer() -> None:
    """One start is enough, and a start that solves it exactly has nothing to gain."""
    n, d = (x.ravel() for x in np.meshgrid(np.geomspace(1e6, 1e9, 5), np.geomspace(1e7, 1e10, 5)))
    loss = (1.7 + 50.0 * n**-0.34 + 200.0 * d**-0.37) * np.exp(2e-3 * np.random.default_rng(0).normal(size=25))
    points = Points({"N": n, "D": d}, loss)
    for objective in (None, "mse", "log-mse"):
        fit = fit_law("chinchilla", points, fixed={"alpha": 0.34, "beta": 0.37}, objective=objective, bootstrap=200)
        assert fit.status == "converged"
        assert not {w.code for w in fit.warnings} & {"FIT103", "FIT108"}


@pytest.mark.slow
def test_what_is_told_from_one_side_is_rarely_wrong_in_much_noise() -> None:
    """Refits of a fit at a bound stay there; the likelihood knows that the points allow more."""
    x = np.geomspace(1e6, 1e8, 8)
    wrong = 0
    for seed in range(40):
        noise = np.exp(0.03 * np.random.default_rng(seed).normal(size=8))
        told = fit_law("power", Points({"N": x}, (1.8 + 0.5 * (x / 1e6) ** -0.15) * noise), bootstrap=80).told["alpha"]
        wrong += (told.status == "below" and told.bound < 0.15) or (told.status == "above" and told.bound > 0.15)
    assert wrong <= 1  # 11 by the refits alone


def test_what_is_told_from_one_side_has_no_interval() -> None:
    x = np.geomspace(1e3, 1e6, 12)
    rng = np.random.default_rng(0)
    fit = fit_law("power", Points({"N": x}, 100.0 * x**-0.3 * np.exp(0.01 * rng.normal(size=12))), bootstrap=200)
    assert fit.told["E"].status == "below"
    assert set(fit.intervals) == {"A", "alpha"}
