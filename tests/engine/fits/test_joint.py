"""Panels that share parameters."""

from __future__ import annotations

import numpy as np
import pytest
from scalingdsl.engine.fits import Fit, Points, fit_law, form
from scalingdsl.engine.fits.fit_law import worth
from scalingdsl.engine.fits.solver.problem import Column

#: What a parameter and a token of each optimiser are worth.
WORTH = {"adamw": (1.0, 1.0), "muon": (1.02, 2.08), "soap": (1.0, 2.57)}
SHARED = ("E", "alpha", "beta")


def three_optimisers(noise: float) -> Points:
    """One law, three optimisers, twenty-four cells each."""
    n, ratio = (x.ravel() for x in np.meshgrid(np.geomspace(5e6, 1.5e8, 6), [20.0, 50.0, 100.0, 200.0]))
    d = n * ratio
    loss = np.concatenate([1.7 + 400 * (a * n) ** -0.34 + 1200 * (b * d) ** -0.30 for a, b in WORTH.values()])
    group = tuple(name for name in WORTH for _ in n)
    z = np.random.default_rng(3).normal(size=len(loss))
    return Points({"N": np.tile(n, 3), "D": np.tile(d, 3)}, loss * np.exp(noise * z), group=group)


def joint(noise: float, draws: int = 0) -> Fit:
    """The joint fit."""
    return fit_law("chinchilla", three_optimisers(noise), shared=SHARED, bootstrap=draws)


def test_shared_and_own_parameters_are_recovered() -> None:
    fit = joint(0.0)
    assert fit.status == "converged"
    assert fit.starts_agreeing == fit.starts
    assert [fit.params[name] for name in SHARED] == pytest.approx([1.7, 0.34, 0.30], rel=1e-6)
    for name, (n_worth, d_worth) in WORTH.items():
        assert fit.params[f"A[{name}]"] == pytest.approx(400 * n_worth**-0.34, rel=1e-6)
        assert fit.params[f"rho_N[{name}]"] == pytest.approx(n_worth, rel=1e-6)
        assert fit.params[f"rho_D[{name}]"] == pytest.approx(d_worth, rel=1e-6)


def test_worth_has_intervals_and_the_first_panel_is_the_unit() -> None:
    fit = joint(0.002, 200)
    assert fit.intervals["rho_D[muon]"].low < 2.08 < fit.intervals["rho_D[muon]"].high
    assert fit.params["rho_D[muon]"] == pytest.approx(2.08, rel=0.05)
    assert tuple(fit.intervals["rho_N[adamw]"]) == (1.0, 1.0)


def test_worth_beyond_any_number_is_infinite() -> None:
    """Draws whose shared exponent runs to 0."""
    params = {Column("A", "one"): np.array([2.0]), Column("A", "two"): np.array([1.0])}
    found = worth(form("chinchilla").law, params | {Column("alpha", None): np.array([1e-4])})
    assert found[Column("rho_N", "two")] == [np.inf]


def test_sharing_narrows_what_separate_fits_leave_open() -> None:
    points = three_optimisers(0.005)
    together = fit_law("chinchilla", points, shared=SHARED, bootstrap=100)
    rows = np.arange(24)
    one = Points({k: v[rows] for k, v in points.variables.items()}, points.loss[rows])
    alone = fit_law("chinchilla", one, bootstrap=100)
    width = {
        f: i.high - i.low for f, i in (("together", together.intervals["beta"]), ("alone", alone.intervals["beta"]))
    }
    assert width["together"] < 0.7 * width["alone"]


@pytest.mark.parametrize("shared", [("E",), ("A", "B"), ("alpha",), (*SHARED, "A")])
def test_any_parameters_may_be_shared(shared: tuple[str, ...]) -> None:
    fit = fit_law("chinchilla", three_optimisers(0.0), shared=shared, bootstrap=0)
    for name in ("E", "A", "alpha", "B", "beta"):
        assert (name in fit.params) == (name in shared)
        assert (f"{name}[soap]" in fit.params) == (name not in shared)
    assert fit.rmse_log < (1e-2 if "A" in shared else 1e-6)


def test_panels_that_share_nothing_are_fits_of_their_own() -> None:
    points = three_optimisers(0.002)
    fit = fit_law("chinchilla", points, bootstrap=0)
    rows = np.arange(24, 48)
    muon = Points({k: v[rows] for k, v in points.variables.items()}, points.loss[rows])
    alone = fit_law("chinchilla", muon, bootstrap=0)
    assert fit.params["beta[muon]"] == pytest.approx(alone.params["beta"], rel=1e-4)


def test_a_panel_with_too_few_cells_for_a_fit_of_its_own_still_joins() -> None:
    points = three_optimisers(0.0)
    keep = np.concatenate([np.arange(48), [50, 60, 70]])
    fewer = Points(
        {k: v[keep] for k, v in points.variables.items()}, points.loss[keep], group=tuple(points.group[i] for i in keep)
    )
    fit = fit_law("chinchilla", fewer, shared=SHARED, bootstrap=0)
    assert fit.params["rho_D[soap]"] == pytest.approx(2.57, rel=1e-4)
