"""Every law recovers the parameters that synthetic losses were made with."""

from __future__ import annotations

import numpy as np
import pytest
from scalingdsl.engine.fits import Points, fit_law, forms
from scalingdsl.engine.fits.core.fit_result import Array
from scalingdsl.engine.fits.forms import form


def grid(*axes: Array) -> list[Array]:
    """A product of axes, flat."""
    return [x.ravel() for x in np.meshgrid(*axes, indexing="ij")]


N, D = grid(np.geomspace(1e7, 1e10, 7), np.geomspace(1e8, 1e11, 8))
N3, D3, U3 = grid(np.geomspace(1e7, 1e10, 6), np.geomspace(1e9, 3e11, 7), np.array([1e9, 1e10]))
FRESH = D3 >= U3
X = np.geomspace(1e6, 1e11, 24)
LONG = np.geomspace(1e5, 1e12, 60)
FEATURES, SAMPLES = grid(*[20.0 * 2.0 ** np.arange(8)] * 2)

CASES: dict[str, tuple[dict[str, Array], dict[str, float]]] = {
    "chinchilla": ({"N": N, "D": D}, {"E": 1.8, "A": 480.0, "alpha": 0.35, "B": 2100.0, "beta": 0.37}),
    "tied": ({"N": N, "D": D}, {"E": 1.8, "A": 300.0, "B": 900.0, "alpha": 0.35}),
    "kaplan": ({"N": N, "D": D}, {"N_c": 6.4e13, "alpha": 0.076, "D_c": 1.8e13, "beta": 0.103}),
    "interaction": (
        {"N": N, "D": D},
        {"E": 1.8, "A": 400.0, "alpha": 0.34, "B": 900.0, "beta": 0.3, "mix": 0.5},
    ),
    "overtraining": ({"N": N, "D": D}, {"E": 1.8, "A": 150.0, "B": 200.0, "eta": 0.15}),
    "repeated": (
        {"N": N3[FRESH], "D": D3[FRESH], "U": U3[FRESH]},
        {"E": 1.87, "A": 521.0, "alpha": 0.353, "B": 1488.0, "beta": 0.36, "R_D": 15.4, "R_N": 5.3},
    ),
    "maloney": ({"N": FEATURES, "D": SAMPLES}, {"A": 3.0, "M": 4000.0, "alpha": 0.5}),
    "power": ({"x": X}, {"E": 1.5, "A": 300.0, "alpha": 0.3}),
    "exponential": ({"x": np.linspace(1.0, 40.0, 15)}, {"E": 1.5, "A": 2.0, "rate": 0.1}),
    "m1": ({"x": X}, {"A": 30.0, "alpha": 0.15}),
    "m2": ({"x": X}, {"E": 1.5, "A": 300.0, "alpha": 0.3}),
    "m3": ({"x": X}, {"A": 30.0, "alpha": 0.15, "g": 1e-9}),
    "m4": ({"x": X}, {"E": 0.3, "ceiling": 5.0, "s": 1.3, "A": 300.0, "alpha": 0.4}),
    "broken": ({"x": X}, {"E": 0.5, "A": 30.0, "c_0": 0.1, "c_1": 0.25, "d_1": 1e8, "f_1": 0.4}),
    "broken2": (
        {"x": LONG},
        {"E": 0.3, "A": 30.0, "c_0": 0.1, "c_1": 0.3, "d_1": 1e7, "f_1": 0.3, "c_2": -0.2, "d_2": 1e10, "f_2": 0.3},
    ),
    "sigmoid": ({"x": np.linspace(1.8, 15.0, 30)}, {"floor": 0.25, "top": 0.95, "rate": 1.5, "middle": 6.0}),
}


def losses(word: str) -> Array:
    """What the law gives."""
    variables, params = CASES[word]
    return form(word).value(variables, {k: np.asarray(v) for k, v in params.items()})


def test_every_law_has_a_case() -> None:
    assert set(CASES) | {"broken3"} == set(forms())


@pytest.mark.parametrize("word", sorted(CASES))
def test_exact_losses_give_exact_parameters(word: str) -> None:
    variables, params = CASES[word]
    fit = fit_law(word, Points(variables, losses(word)), objective="log-mse", bootstrap=0)
    found = {generic: fit.params[shown] for generic, shown in fit.details.names.items()}
    assert found == pytest.approx(params, rel=1e-4)


@pytest.mark.parametrize("word", sorted(set(CASES) - {"broken2", "m4", "sigmoid"}))
def test_noisy_losses_give_parameters_within_four_standard_errors(word: str) -> None:
    """A 95 % interval reaches two standard errors either way; coverage itself is counted over many tables."""
    variables, params = CASES[word]
    noise = np.exp(0.002 * np.random.default_rng(7).normal(size=len(losses(word))))
    fit = fit_law(word, Points(variables, losses(word) * noise), objective="log-mse", bootstrap=200)
    for generic, shown in fit.details.names.items():
        low, high = fit.intervals[shown]
        assert 1.5 * low - 0.5 * high <= params[generic] <= 1.5 * high - 0.5 * low, generic


def test_three_bends_follow_a_curve_with_three() -> None:
    bends = [(1e6, 0.3, 0.3), (1e8, -0.2, 0.2), (1e10, 0.4, 0.3)]
    loss = 0.2 + 30 * LONG**-0.1 * np.prod([(1 + (LONG / d) ** (1 / f)) ** (-c * f) for d, c, f in bends], axis=0)
    fit = fit_law("broken3", Points({"x": LONG}, loss), objective="log-mse", bootstrap=0)
    assert fit.rmse_log < 2e-3


def test_data_constrained_law_equals_the_published_one_to_nine_digits() -> None:
    """Muennighoff et al. 2023: their fitted constants, and two losses that their code prints."""
    params = {
        "E": np.exp(0.6254804),
        "A": np.exp(6.255414),
        "B": np.exp(7.3049974),
        "alpha": 0.3526596,
        "beta": 0.3526596,
        "R_D": 15.387756,
        "R_N": 5.309743,
    }
    at = {"N": np.array([6.34e9, 8.67e9]), "D": np.array([242e9, 178e9]), "U": np.array([25e9, 25e9])}
    loss = form("repeated").value(at, {k: np.asarray(v) for k, v in params.items()})
    np.testing.assert_allclose(loss, [2.2256440889984477, 2.2269634075087867], atol=1e-9, rtol=0)


def test_interaction_covers_the_additive_law_and_kaplans() -> None:
    for word, mix in (("chinchilla", 1.0), ("kaplan", 0.103)):
        variables, _ = CASES[word]
        fit = fit_law("interaction", Points(variables, losses(word)), objective="log-mse", bootstrap=0)
        assert fit.rmse_log < 1e-6
        assert fit.params["mix"] == pytest.approx(mix, rel=1e-2)


def test_every_start_polished_gives_the_same_optimum() -> None:
    variables, _ = CASES["chinchilla"]
    noise = np.exp(0.01 * np.random.default_rng(3).normal(size=len(N)))
    points = Points(variables, losses("chinchilla") * noise)
    few, all_of_them = (fit_law("chinchilla", points, bootstrap=0, exhaustive=e) for e in (False, True))
    assert all_of_them.starts > 300
    assert few.value == pytest.approx(all_of_them.value, rel=1e-9)


def test_a_law_of_the_users_own() -> None:
    variables, _ = CASES["chinchilla"]
    points = Points(variables, losses("chinchilla") * np.exp(0.003 * np.random.default_rng(1).normal(size=len(N))))
    own = fit_law("E + A*N^-alpha + B*D^-beta", points, bootstrap=50)
    shipped = fit_law("chinchilla", points, bootstrap=50)
    assert own.value == pytest.approx(shipped.value, rel=1e-9)
    assert own.params == pytest.approx(shipped.params, rel=1e-5)
    assert own.intervals["beta"] == pytest.approx(shipped.intervals["beta"], rel=1e-2)


def test_exact_with_weights_that_leave_a_point_out() -> None:
    loss = losses("power")
    loss[5] *= 3.0
    weight = np.where(np.arange(len(X)) == 5, 0.0, 1.0)
    fit = fit_law("power", Points({"N": X}, loss, weight=weight), objective="mse", bootstrap=0)
    assert fit.params["alpha"] == pytest.approx(0.3, rel=1e-6)


def test_an_asymmetric_objective_finds_the_floor() -> None:
    """Runs that are worse than they could be lie above the law; punishing overestimates keeps the law below them."""
    slack = np.abs(np.random.default_rng(2).normal(size=len(N)))
    points = Points({"N": N, "D": D}, losses("chinchilla") * np.exp(0.02 * slack))
    middle, floor = (fit_law("chinchilla", points, bootstrap=0, overestimate=f) for f in (1.0, 10.0))
    assert np.mean(middle.residuals > 0) < 0.6
    assert np.mean(floor.residuals > 0) > 0.8
