"""The theory of percolation clusters: published values, limits, ties, and its place among the laws."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scalingdsl.engine.fits import Points, fit_law, predict, predict_draws
from scalingdsl.engine.fits.core.fit_result import Array
from scalingdsl.engine.fits.forms._percolation import (
    MEAN_FIELD,
    Exponents,
    allocation,
    break_rank,
    data_loss,
    exponents,
    model_loss,
    spent,
)
from scalingdsl.engine.fits.selection.validation import validation_of
from scalingdsl.spec.errors import FitError
from scalingdsl.spec.requests.table_law import read_table_law

SIZES = np.array([10.0, 100.0, 1e3, 1e4, 3e4])


def test_the_two_curves_of_the_mean_field() -> None:
    assert_allclose(model_loss(SIZES), [0.685, 0.334, 0.1333, 0.0478, 0.0287], atol=5e-4)
    assert_allclose(data_loss(SIZES), [0.680, 0.330, 0.1408, 0.0561, 0.0355], atol=5e-4)


def test_both_curves_are_one_up_to_one() -> None:
    for curve in (model_loss, data_loss):
        assert_allclose(curve(np.array([0.0, 0.5, 1.0])), 1.0)


def local_slope(curve: Callable[[Array], Array], low: float, high: float) -> float:
    """Minus the least-squares slope of log loss against the logarithm of the variable, over a range."""
    at = np.geomspace(low, high, 64)
    return -float(np.polyfit(np.log(at), np.log(curve(at)), 1)[0])


@pytest.mark.parametrize(
    ("low", "high", "model", "data"),
    [(30, 1e3, 0.380, 0.358), (30, 3e3, 0.395, 0.368), (1e3, 3e4, 0.452, 0.405), (1e5, 1e6, 0.483, 0.432)],
)
def test_slopes_over_finite_ranges(low: float, high: float, model: float, data: float) -> None:
    assert local_slope(model_loss, low, high) == pytest.approx(model, abs=1e-3)
    assert local_slope(data_loss, low, high) == pytest.approx(data, abs=1e-3)


@pytest.mark.parametrize(
    ("dimension", "alpha", "tail", "r", "r_linear"),
    [
        (2, 17.20, 0.945, 1.055, 2.110),
        (3, 4.285, 0.811, 0.791, 1.581),
        (4, 2.183, 0.686, 0.654, 1.307),
        (5, 1.387, 0.581, 0.565, 1.130),
        (6, 1.053, 0.513, 0.5, 1.0),
        (7, 1.0, 0.5, 0.5, 1.0),
        (100, 1.0, 0.5, 0.5, 1.0),
    ],
)
def test_exponents_of_lattices(dimension: int, alpha: float, tail: float, r: float, r_linear: float) -> None:
    law = exponents(dimension)
    assert law.alpha == pytest.approx(alpha, abs=1e-3)
    assert (law.tail, law.r) == pytest.approx((tail, r), abs=1e-3)
    assert exponents(dimension, c=4).r == pytest.approx(r_linear, abs=1e-3)


def test_the_mean_field_spends_as_k_to_the_minus_four_thirds() -> None:
    assert MEAN_FIELD.b == pytest.approx(-1 / 3)
    assert break_rank(np.array([500.0]))[0] == pytest.approx(58.0, abs=0.05)


LAWS = [MEAN_FIELD, exponents(2), exponents(5), Exponents(1.0, 1.0), Exponents(0.5, 3.0)]


@pytest.mark.parametrize("law", LAWS)
def test_the_break_rank_inverts_what_is_spent(law: Exponents) -> None:
    n = np.geomspace(0.1, 1e7, 200)
    rank = break_rank(n, law)
    assert np.all(np.diff(rank) > 0)
    assert_allclose(spent(np.log(rank), law), n, rtol=1e-9)


@pytest.mark.parametrize("law", LAWS)
def test_an_allocation_is_the_best_there_is(law: Exponents) -> None:
    """Moving a little between clusters gains nothing: weight times slope is one value wherever any is spent."""
    n = 1000.0
    last = break_rank(np.array([n]), law)[0]
    ranks = np.arange(1.0, 2000.0)
    found = allocation(n, ranks, law)
    used = ranks <= last
    assert np.all(found[~used] == 0)
    assert np.all(found[used] >= 1 - 1e-9)
    worth = ranks[used] ** -(1 + law.alpha) * law.r * found[used] ** -(law.r + 1)
    assert_allclose(worth, worth[0], rtol=1e-9)
    # As an integral over ranks, what is spent is N: exactly so where n_k = a k^(b - 1) with a = b N / (k_br^b - 1).
    a = law.b * n / (last**law.b - 1) if law.b else n / np.log(last)
    assert_allclose(found[used], a * ranks[used] ** (law.b - 1), rtol=1e-6)


def test_equal_exponents_of_model_and_manifold_have_a_logarithm() -> None:
    """r = alpha: b = 0 and N = k ln k."""
    law = Exponents(1.0, 1.0)
    assert law.b == 0
    near = Exponents(1.0, 1.0 + 1e-7)
    assert_allclose(model_loss(SIZES, law), model_loss(SIZES, near), rtol=1e-5)
    k = break_rank(SIZES, law)
    assert_allclose(k * np.log(k), SIZES, rtol=1e-9)


def test_equal_exponents_of_data_and_tail_have_a_logarithm() -> None:
    """r = tail: L ~ (1 + r ln alpha + r ln D) D^-r, the limit of the two powers on either side."""
    law = Exponents(2.0, 2 / 3)
    assert law.tail == law.r
    r, ln = law.r, np.log(law.alpha)
    written = (1 + r * ln + r * np.log(SIZES)) * SIZES**-r / (1 + r * ln)
    assert_allclose(data_loss(SIZES, law), written, rtol=1e-12)
    assert_allclose(data_loss(SIZES, Exponents(2.0, 2 / 3 + 1e-8)), written, rtol=1e-6)


@pytest.mark.parametrize("law", [exponents(2), exponents(5), Exponents(0.5, 3.0)])
def test_the_data_curve_is_two_powers(law: Exponents) -> None:
    c1 = law.alpha ** -(law.tail + 1) / (1 - law.tail / law.r)
    c2 = law.alpha ** -(law.r + 1) / (1 - law.r / law.tail)
    written = (c1 * SIZES**-law.tail + c2 * SIZES**-law.r) / (c1 + c2)
    assert_allclose(data_loss(SIZES, law), written, rtol=1e-9)


@pytest.mark.parametrize(
    ("law", "model", "data"),
    [(Exponents(1.0, 0.3), 0.3, 0.3), (Exponents(0.5, 3.0), 0.5, 1 / 3), (Exponents(1.0, 4.0), 1.0, 0.5)],
)
def test_the_lesser_exponent_wins_in_the_limit(law: Exponents, model: float, data: float) -> None:
    assert local_slope(lambda x: model_loss(x, law), 1e10, 1e12) == pytest.approx(model, abs=0.01)
    assert local_slope(lambda x: data_loss(x, law), 1e10, 1e12) == pytest.approx(data, abs=0.01)


# --- among the laws ---------------------------------------------------------------------------------------------------


def test_a_theory_is_compared_by_factors() -> None:
    n = np.geomspace(30, 3000, 8)
    off = np.exp(0.1 * np.where(np.arange(8) % 2, 1, -1))
    fit = fit_law("brill", Points({"N": n}, model_loss(n) * off))
    assert (fit.params, fit.draws, fit.intervals, fit.status) == ({}, {}, {}, "converged")
    assert fit.rmse == pytest.approx(0.1)
    assert fit.rmse_log == fit.rmse
    assert_allclose(predict(fit, {"N": n}), model_loss(n))
    assert_allclose(predict_draws(fit, {"N": n}), model_loss(n)[None, :])


def test_a_theory_of_data_is_another_curve() -> None:
    d = np.geomspace(30, 3000, 8)
    assert fit_law("brill", Points({"D": d}, data_loss(d))).rmse == 0
    assert fit_law("brill", Points({"D": d}, model_loss(d))).rmse > 0.01


@pytest.mark.parametrize(("numbers", "law"), [({"c": 4.0}, exponents(7, 4)), ({"dim": 3.0, "c": 4.0}, exponents(3, 4))])
def test_a_theory_takes_the_learner_and_the_lattice(numbers: dict[str, float], law: Exponents) -> None:
    x = np.geomspace(30, 3000, 8)
    for quantity, curve in (("N", model_loss), ("D", data_loss)):
        fit = fit_law("brill", Points({quantity: x}, curve(x, law)), fixed=numbers)
        assert fit.rmse == pytest.approx(0, abs=1e-12)
        assert fit.params == {}
        assert fit_law("brill", Points({quantity: x}, curve(x, law))).rmse > 0.05


def test_its_defaults_are_the_mean_field_of_a_neighbour() -> None:
    assert exponents(7, 2.0) == MEAN_FIELD
    n = np.geomspace(30, 3000, 8)
    same = fit_law("brill", Points({"N": n}, model_loss(n)), fixed={"c": 2.0, "dim": 100.0})
    assert same.value == fit_law("brill", Points({"N": n}, model_loss(n))).value


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({"c": 0.0}, "`c` of `brill` is a number from 0.01 to 100"),
        ({"dim": 3.5}, "`dim` of `brill` is a whole number from 2 to 1,000,000"),
        ({"c": SIZES}, "`c` of `brill` is one number, the same for every cell"),
        ({"alpha": 1.0}, "brill takes no alpha; it takes c and dim"),
    ],
)
def test_numbers_that_a_theory_does_not_take(numbers: dict[str, float | Array], said: str) -> None:
    with pytest.raises(FitError) as caught:
        fit_law("brill", Points({"N": SIZES}, 1 / SIZES), fixed=numbers)
    assert str(caught.value) == said


def test_a_theory_of_anything_else_is_refused() -> None:
    with pytest.raises(FitError) as caught:
        fit_law("brill", Points({"width": SIZES}, 1 / SIZES))
    assert str(caught.value) == "brill says nothing about width; it is a law in N or in D"


def test_a_theory_is_validated_with_the_numbers_it_was_given() -> None:
    n = np.geomspace(1e2, 1e5, 12)
    law = exponents(4, 3.0)
    fit = fit_law("brill", Points({"N": n}, model_loss(n, law)), fixed={"dim": 4.0, "c": 3.0})
    assert fit.mse == validation_of(fit) == 0.0


def test_a_theory_is_asked_for_like_any_law() -> None:
    request = read_table_law("brill(N)", ("N", "loss"))
    assert (request.law, request.variables) == ("brill", (("x", "N"),))
    assert read_table_law("brill(N, c=4)", ("N", "loss")).fixed == (("c", "4"),)
