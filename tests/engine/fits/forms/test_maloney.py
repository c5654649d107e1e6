"""The law of random features at the best ridge: against the model itself, in numpy, and against what it must obey."""

from __future__ import annotations

import numpy as np
import pytest
from scalingdsl.engine.fits import Points, fit_law
from scalingdsl.engine.fits.core.fit_result import Array
from scalingdsl.engine.fits.forms import form
from scalingdsl.engine.fits.forms._spectrum import kept_by_a, shares
from scalingdsl.engine.fits.forms.maloney import at_ridge

from ..features import PENALTIES, scale, simulated

SIZES = np.array([7.0, 20.0, 150.0, 400.0, 990.0])
N, D = (x.ravel() for x in np.meshgrid(SIZES, np.array([5.0, 20.0, 130.0, 400.0, 998.0, 3e4]), indexing="ij"))


def law(n: Array, d: Array, M: float = 1000.0, alpha: float = 0.7, A: float = 2.0) -> Array:
    """Losses of the law."""
    return form("maloney").value({"N": n, "D": d}, {"A": np.array(A), "M": np.array(M), "alpha": np.array(alpha)})


@pytest.mark.slow
@pytest.mark.parametrize("alpha", [0.5, 1.0, 1.5])
def test_features_trained_in_earnest_have_the_laws_loss(alpha: float) -> None:
    """Eight draws of 800 latents: nothing is fitted. Leading features are few, so small sizes scatter the most."""
    sizes = (40, 80, 160, 320)
    rng = np.random.default_rng(5)
    draws = [list(simulated(800, alpha, sizes, rng)) for _ in range(8)]
    n, d = (np.array([float(cell[i]) for cell in draws[0]]) for i in (0, 1))
    losses = np.mean([[cell[2] for cell in draw] for draw in draws], axis=0)
    best = np.argmin(losses, axis=1)
    assert set(best) <= set(range(1, len(PENALTIES) - 1))
    ratio = np.min(losses, axis=1) / law(n, d, 800.0, alpha, scale(800, alpha))
    assert np.all(np.abs(np.log(ratio)) < 0.1), ratio
    assert np.all(np.abs(np.log(ratio[np.minimum(n, d) >= 160])) < 0.04), ratio


def test_without_a_ridge_it_is_the_published_form() -> None:
    """L = A' n Delta / (1 - n/max) with n = min(N, D), where the sum of lambda / (lambda + Delta) is n."""
    a, M, n = 2.0, 3000.0, 250.0
    low, high = -20.0, 40.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        kept = M * float(shares(np.array(middle), np.array(a)).kept)
        low, high = (middle, high) if kept > n else (low, middle)
    for most in (300.0, 1000.0, 1e6):
        found = at_ridge(np.array(high + 1e-9), np.array(n), np.array(most), np.array(a), np.array(M))
        constant = (np.pi / 2) ** a  # of A', which is 1 here
        published = np.exp(high) * M**-a * n / (1 - n / most) / constant
        halves = (n - 0.5) * (most - 0.5) / (n * most)
        assert float(found.loss) == pytest.approx(published * halves, rel=1e-5)


def test_no_other_ridge_is_better() -> None:
    """And so the derivatives, taken at a fixed ridge, are those of the loss itself."""
    log_g = np.linspace(-12.0, 25.0, 4000)[:, None]
    n, d = N + 0.5, D + 0.5
    any_ridge = at_ridge(log_g, n, d, np.array(1.7), np.array(1000.5))
    possible = (any_ridge.spare[0] > 0) & (any_ridge.spare[1] > 0)
    found = np.min(np.where(possible, any_ridge.loss, np.inf), axis=0)
    np.testing.assert_allclose(law(N, D, A=1.0), found, rtol=1e-4)
    assert np.all(law(N, D, A=1.0) <= found * (1 + 1e-12))
    params = {"A": np.array(2.0), "M": np.array(1000.0), "alpha": np.array(0.7)}
    partial = form("maloney").gradient({"N": N, "D": D}, params)
    step = 1e-5
    by_alpha = (law(N, D, alpha=0.7 + step) - law(N, D, alpha=0.7 - step)) / (2 * step)
    by_latents = (law(N, D, M=1000.0 + step) - law(N, D, M=1000.0 - step)) / (2 * step)
    np.testing.assert_allclose(partial["alpha"], by_alpha, rtol=1e-7)
    np.testing.assert_allclose(partial["M"], by_latents, rtol=1e-4, atol=1e-12)


def test_features_and_samples_trade_places_and_more_of_either_helps() -> None:
    np.testing.assert_array_equal(law(N, D), law(D, N))
    for alpha in (1e-4, 0.3, 1.0, 3.0, 8.0):
        sizes = np.geomspace(5.0, 1000.0, 30)
        for latents in (1001.0, 1e5, 1e15, 1e30):
            loss = law(sizes[:, None], sizes, latents, alpha)
            assert np.all((loss > 0) & (loss < np.inf))
            if sizes[0] > 1 / alpha:
                assert max(np.max(np.diff(loss, axis=axis)) for axis in (0, 1)) < 0


@pytest.mark.parametrize("alpha", [0.4, 1.0, 2.0])
def test_endless_latents_have_a_closed_form(alpha: float) -> None:
    n, d = N + 0.5, D + 0.5
    kept = 2 * n * d / (n + d + np.sqrt((n - d) ** 2 + 8 * n * d / (alpha * (1 + alpha))))
    closed = kept ** -(1 + alpha) * N * D / (n + d - 2 * (1 - 1 / alpha) * kept)
    np.testing.assert_allclose(law(N, D, 1e30, alpha, 1.0), closed, rtol=1e-9)
    many = np.array([1e5, 1e6])
    np.testing.assert_allclose(law(many, np.full(2, 1e14), 1e30, alpha, 1.0), many**-alpha, rtol=1e-4)


def test_as_many_features_and_samples_as_latents_leave_no_loss() -> None:
    assert law(np.array([1000.0, 2000.0, 1000.0, 999.0]), np.array([1000.0, 1500.0, 1e9, 1e9])).tolist()[:3] == [0] * 3
    assert law(np.array([999.0]), np.array([1e9]))[0] > 0
    points = Points({"N": N, "D": D}, law(N, D))
    impossible = fit_law("maloney", points, fixed={"M": 300.0}, bootstrap=0)
    assert (impossible.status, [w.code for w in impossible.warnings]) == ("failed", ["FIT106"])


def test_shares_equal_the_integrals_they_are() -> None:
    u = (np.arange(200_000) + 0.5) / 200_000
    for a in (1.3, 2.0, 4.0):
        for log_g in (-9.0, -1.0, -1e-3, 0.0, 1e-3, 1.0, 6.0):
            left = 1.0 / (1.0 + np.exp(log_g) * u**a)
            found = shares(np.array(log_g), np.array(a))
            assert float(found.kept) == pytest.approx(np.mean(left), rel=1e-8)
            assert float(found.edge) == pytest.approx(np.mean(left - left**2), rel=1e-8)
            by_a = np.mean(-(left**2) * np.exp(log_g) * u**a * np.log(u))
            assert float(kept_by_a(np.array(log_g), np.array(a))) == pytest.approx(by_a, rel=1e-6)


def test_table_without_an_end_in_sight() -> None:
    """Latents far beyond the data: the exponent is found all the same, and M is no more than a lower bound."""
    rng = np.random.default_rng(0)
    loss = law(N, D, 1e9) * np.exp(0.01 * rng.normal(size=len(N)))
    fit = fit_law("maloney", Points({"N": N, "D": D}, loss), objective="log-mse", bootstrap=100)
    low, high = fit.intervals["alpha"]
    assert 0.66 < low < high < 0.74
    assert fit.told["M"].status in ("above", "unidentified")
    assert np.quantile(fit.draws["M"], 0.975) > 1e5
