"""Laws of one variable, and data that cannot carry one."""

from __future__ import annotations

import numpy as np
import pytest
from scalingdsl.engine.fits import Fit, Points, fit_law, predict
from scalingdsl.engine.fits.core.fit_result import Array
from scalingdsl.spec.errors import FitError

X = np.geomspace(1e6, 1e9, 12)


def codes(fit: Fit) -> set[str]:
    """Codes of a fit's warnings."""
    return {w.code for w in fit.warnings}


def power_law(x: Array = X, noise: float = 0.0, seed: int = 0) -> Array:
    """2 + 300 x^-0.4 with normal noise."""
    return 2.0 + 300.0 * x**-0.4 + noise * np.random.default_rng(seed).normal(size=len(x))


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        ("N", {"E": 2.0, "A": 300.0, "alpha": 0.4}),
        ("D", {"E": 2.0, "B": 300.0, "beta": 0.4}),
        ("C", {"E": 2.0, "K": 300.0, "gamma": 0.4}),
        ("problems", {"E": 2.0, "A": 300.0, "alpha": 0.4}),
    ],
)
def test_recovers_a_power_law_under_the_names_of_its_variable(variable: str, expected: dict[str, float]) -> None:
    fit = fit_law("power", Points({variable: X}, power_law()), bootstrap=0)
    assert fit.params == pytest.approx(expected, rel=1e-6)
    assert (fit.status, fit.objective, fit.variables) == ("converged", "huber-raw", (variable,))
    assert fit.warnings == ()


def test_recovers_an_exponential() -> None:
    x = np.linspace(1.0, 40.0, 15)
    fit = fit_law("exponential", Points({"D": x}, 1.5 + 2.0 * np.exp(-0.1 * x)), bootstrap=0)
    assert fit.params == pytest.approx({"E": 1.5, "A": 2.0, "rate": 0.1}, rel=1e-6)


def test_offset_fixed_to_zero_is_a_straight_line_on_logarithmic_axes() -> None:
    fit = fit_law("power", Points({"N": X}, 50.0 * X**-0.1), fixed={"E": 0.0}, bootstrap=50)
    assert fit.params == pytest.approx({"E": 0.0, "A": 50.0, "alpha": 0.1}, rel=1e-9)
    assert fit.fixed == ("E",)
    assert set(fit.intervals) == {"A", "alpha"}
    assert np.all(fit.draws["E"] == 0.0)


def test_offset_fixed_to_a_value_per_cell() -> None:
    entropy = np.linspace(1.0, 2.0, len(X))
    fit = fit_law("power", Points({"D": X}, entropy + 300 * X**-0.4), fixed={"E": entropy}, bootstrap=0)
    assert fit.params["beta"] == pytest.approx(0.4, rel=1e-9)


def test_a_fixed_coefficient_and_a_fixed_exponent() -> None:
    by_coefficient = fit_law("power", Points({"D": X}, power_law()), fixed={"B": 300.0}, bootstrap=0)
    by_exponent = fit_law("power", Points({"D": X}, power_law()), fixed={"beta": 0.4}, bootstrap=0)
    assert by_coefficient.params == pytest.approx({"E": 2.0, "B": 300.0, "beta": 0.4}, rel=1e-7)
    assert by_exponent.params == pytest.approx({"E": 2.0, "B": 300.0, "beta": 0.4}, rel=1e-9)


def test_nothing_free_is_a_theory_curve() -> None:
    theory = {"E": 2.0, "A": 300.0, "alpha": 0.4}
    fit = fit_law("power", Points({"N": X}, power_law() + 0.01), fixed=theory, bootstrap=10)
    assert (fit.status, fit.params) == ("converged", theory)
    assert fit.rmse == pytest.approx(0.01)
    assert predict(fit, {"N": X}) == pytest.approx(power_law())


def test_slices_get_a_wild_bootstrap_whose_interval_holds_the_truth() -> None:
    fit = fit_law("power", Points({"N": X}, power_law(noise=1e-3)), bootstrap=500)
    assert fit.bootstrap == "wild"
    assert fit.intervals["alpha"].low < 0.4 < fit.intervals["alpha"].high
    assert fit.intervals["E"].low < 2.0 < fit.intervals["E"].high


def test_draws_of_two_fits_on_the_same_clusters_move_together() -> None:
    cluster = np.arange(12)
    noise = 1e-3 * np.random.default_rng(5).normal(size=12)
    one = fit_law("power", Points({"N": X}, power_law() + noise, cluster), bootstrap=200)
    two = fit_law("power", Points({"N": X}, power_law() + 0.5 * noise, cluster), bootstrap=200)
    assert np.corrcoef(one.draws["E"], two.draws["E"])[0, 1] > 0.9


def test_fewer_cells_than_parameters_is_a_status() -> None:
    fit = fit_law("power", Points({"D": X[:2]}, power_law(X[:2])), bootstrap=30)
    assert fit.status == "too few points"
    assert [w.message for w in fit.warnings] == ["2 cells for 3 free parameters: measure at least 3"]
    assert np.isnan(fit.params["beta"])
    assert fit.draws["beta"].shape == (30,)


def test_constant_loss_is_unidentified() -> None:
    fit = fit_law("power", Points({"N": X}, np.full(len(X), 2.0)), bootstrap=20)
    assert fit.status == "unidentified"
    assert "FIT104" in codes(fit)


def test_a_constant_variable_is_unidentified() -> None:
    loss = power_law(noise=1e-2)
    fit = fit_law("power", Points({"N": np.full(len(X), 1e6)}, loss), bootstrap=0)
    assert fit.status == "unidentified"


def test_no_floor_in_sight_says_so() -> None:
    fit = fit_law("power", Points({"N": X}, 50.0 * X**-0.1 * np.exp(0.02 * np.sin(np.arange(12)))), bootstrap=0)
    assert fit.params["E"] < 1.0
    below = fit_law("power", Points({"N": X}, 10.0 - 0.3 * np.log(X)), bootstrap=0)
    assert below.params["E"] == 0.0
    assert below.status == "at bound"
    assert "FIT102" in codes(below)


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (np.array([3.0, np.nan, 2.0]), "the loss is not finite in row 1"),
        (np.array([3.0, 2.5, np.inf]), "the loss is not finite in row 2"),
    ],
)
def test_losses_that_are_no_numbers_fail_with_their_row(loss: Array, message: str) -> None:
    fit = fit_law("power", Points({"N": X[:3]}, loss), bootstrap=0)
    assert fit.status == "failed"
    assert [w.message for w in fit.warnings] == [message]


def test_log_objectives_refuse_losses_without_a_logarithm() -> None:
    loss = power_law() - power_law()[3]
    fit = fit_law("power", Points({"N": X}, loss), objective="huber", bootstrap=0)
    assert [w.message for w in fit.warnings] == ["the loss is not positive in row 3, and huber needs its logarithm"]


def test_variables_must_be_positive() -> None:
    fit = fit_law("power", Points({"N": X - X[2]}, power_law()), bootstrap=0)
    assert [w.message for w in fit.warnings] == ["N is not positive and finite in row 0"]


def test_unknown_laws_and_parameters_are_errors() -> None:
    with pytest.raises(FitError, match="no law is called 'powr'; the laws are"):
        fit_law("powr", Points({"N": X}, power_law()))
    with pytest.raises(FitError, match="power has no parameter beta; it has E, A, alpha"):
        fit_law("power", Points({"N": X}, power_law()), fixed={"beta": 0.4})
