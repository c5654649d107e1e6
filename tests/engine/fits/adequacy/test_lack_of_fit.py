"""Lack of fit: a right law is seldom said to miss, whatever its noise, and a wrong one mostly is."""

from __future__ import annotations

import numpy as np
import pytest
from scalingdsl.engine.fits import Fit, Points, fit_law

X = np.geomspace(1e4, 1e7, 9)


def cells(seed: int, *, seeds: int = 3, unequal: float = 0.0, falling: float = 0.0, wiggle: float = 0.0) -> Points:
    """Means over seeds of 2 + 300 x^-.5 with some noise, whose size differs at random and falls with x."""
    rng = np.random.default_rng(seed)
    noise = 0.004 * np.exp(unequal * rng.normal(size=len(X))) * (X / X[0]) ** -falling
    seen = (2.0 + 300.0 * X**-0.5)[:, None] * np.exp(noise[:, None] * rng.normal(size=(len(X), seeds)))
    seen *= (1.0 + wiggle * np.sin(1.5 * np.log(X)))[:, None]
    return Points({"N": X}, seen.mean(axis=1), scatter=seen.std(axis=1, ddof=1), replicates=np.full(len(X), seeds))


def fitted(points: Points) -> Fit:
    return fit_law("power", points, bootstrap=0)


@pytest.mark.parametrize(("seeds", "unequal", "falling"), [(2, 0.0, 0.0), (3, 0.0, 0.4), (3, 1.0, 0.0), (2, 1.0, 0.4)])
def test_a_right_law_is_seldom_said_to_miss(seeds: int, unequal: float, falling: float) -> None:
    found = [fitted(cells(s, seeds=seeds, unequal=unequal, falling=falling)).misfit for s in range(60)]
    ratios = [m.ratio for m in found if m is not None]
    assert len(ratios) == 60
    assert sum(m.p < 0.01 for m in found if m is not None) <= 4
    assert 0.7 < np.median(ratios) < 1.3


def test_a_wrong_law_is_said_to_miss_and_by_how_much() -> None:
    fits = [fitted(cells(s, falling=0.2, wiggle=0.05)) for s in range(10)]
    assert all(fit.misfit and fit.misfit.ratio > 5 for fit in fits)
    assert all("FIT128" in {w.code for w in fit.warnings} for fit in fits)
    message = next(w.message for w in fits[0].warnings if w.code == "FIT128")
    assert message.startswith("the law misses the means of replicates by ")
    assert "times their noise" in message


def test_rows_that_repeat_a_setting_are_replicates_as_seeds_are() -> None:
    """The same losses as rows, or as means with their scatter: one misfit, but for the curvature of a logarithm."""
    rng = np.random.default_rng(4)
    seen = (2.0 + 300.0 * X**-0.5)[:, None] * np.exp(0.003 * rng.normal(size=(len(X), 3)))
    rows = fit_law("power", Points({"N": np.repeat(X, 3)}, seen.ravel(), np.repeat(np.arange(9), 3)), bootstrap=0)
    means = fitted(Points({"N": X}, seen.mean(1), scatter=seen.std(1, ddof=1), replicates=np.full(9, 3)))
    assert rows.misfit is not None
    assert means.misfit is not None
    assert rows.misfit.ratio == pytest.approx(means.misfit.ratio, rel=0.01)
    assert rows.misfit.settings == means.misfit.settings == 9


def test_without_replicates_nothing_is_said() -> None:
    assert fitted(Points({"N": X}, 2.0 + 300.0 * X**-0.5)).misfit is None
    through = Points({"N": np.repeat(X[:3], 2)}, np.repeat([3.0, 2.5, 2.3], 2) + np.tile([0.0, 0.01], 3))
    assert fitted(through).misfit is None


def test_a_few_settings_with_replicates_speak_for_the_others() -> None:
    points = cells(1, wiggle=0.05)
    some = Points(
        points.variables,
        points.loss,
        scatter=np.where(np.arange(9) < 3, points.scatter, np.nan),
        replicates=np.where(np.arange(9) < 3, 3, 1),
    )
    found = fitted(some).misfit
    assert found is not None
    assert (found.settings, found.p < 0.01) == (3, True)
