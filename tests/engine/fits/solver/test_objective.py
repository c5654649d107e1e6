"""Penalties: their values by hand, their derivatives by difference, and that no scale stops the solver."""

from __future__ import annotations

import numpy as np
import pytest
from scalingdsl.engine.fits import Points, fit_law
from scalingdsl.engine.fits.solver.objective import SPACES, make_objective, spread_delta
from scalingdsl.spec.errors import FitError

LOSS = np.array([3.0, 2.5, 2.2, 2.1, 2.05])


def test_huber_is_quadratic_inside_delta_and_linear_outside() -> None:
    huber = make_objective("huber", LOSS, 0.5)
    np.testing.assert_allclose(huber.penalty(np.array([-2.0, -0.5, 0.2, 1.0])), [0.875, 0.125, 0.02, 0.375])


def test_squares_and_absolute_values_are_plain() -> None:
    residual = np.array([-2.0, 0.5])
    np.testing.assert_allclose(make_objective("mse", LOSS).penalty(residual), [4.0, 0.25])
    np.testing.assert_allclose(make_objective("lad", LOSS).penalty(residual), [2.0, 0.5])


@pytest.mark.parametrize("name", sorted(SPACES))
@pytest.mark.parametrize("overestimate", [1.0, 10.0])
def test_slope_is_the_derivative(name: str, overestimate: float) -> None:
    penalty = make_objective(name, LOSS, 0.3 if "huber" in name else None, overestimate)
    residual = np.array([-1.0, -0.1, 0.2, 0.9])
    step = 1e-7
    by_difference = (penalty.smooth(residual + step) - penalty.smooth(residual - step)) / (2 * step)
    np.testing.assert_allclose(penalty.slope(residual), by_difference, rtol=1e-6, atol=1e-15)


def test_default_deltas() -> None:
    assert make_objective("huber", LOSS).delta == 1e-3
    assert make_objective("huber-raw", LOSS).delta == pytest.approx(1.4826 * 0.15)
    assert spread_delta(np.array([1.0, 1.0, 1.0, 2.0])) == pytest.approx(0.1 * np.std([1, 1, 1, 2]))
    assert spread_delta(np.full(4, 2.0)) > 0


@pytest.mark.parametrize(
    ("name", "delta", "message"),
    [
        ("hubert", None, "no objective is called 'hubert'; the objectives are huber, lad, log-mse, huber-raw, mse"),
        ("huber", -1.0, "delta must be a positive number, not -1"),
        ("mse", 0.1, "the objective mse has no delta; huber and huber-raw have"),
    ],
)
def test_what_is_not_an_objective(name: str, delta: float | None, message: str) -> None:
    with pytest.raises(FitError) as error:
        make_objective(name, LOSS, delta)
    assert str(error.value) == message


@pytest.mark.parametrize("name", sorted(SPACES))
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_the_fit_does_not_depend_on_the_unit_of_the_loss(name: str, scale: float) -> None:
    x = np.geomspace(1e6, 1e9, 12)
    loss = scale * (2.0 + 300 * x**-0.4 + 1e-3 * np.cos(np.arange(12)))
    fit = fit_law("power", Points({"N": x}, loss), objective=name, bootstrap=0)
    assert fit.status == "converged"
    assert fit.params["alpha"] == pytest.approx(0.4, abs=0.01)
    assert fit.params["E"] / scale == pytest.approx(2.0, abs=0.01)
