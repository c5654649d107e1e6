"""The kernel surface: what it predicts where cells are missing, stand apart, repeat or are wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scalingdsl.engine.fits import Points, fit_law, predict
from scalingdsl.engine.fits.core.fit_result import Array
from scalingdsl.engine.fits.surface_fit import MAX_CELLS
from scalingdsl.engine.fits.surfaces import kernel_regression
from scalingdsl.spec.errors import FitError


def law(n: Array, d: Array) -> Array:
    return np.asarray(1.8 + 480.0 * n**-0.35 + 2100.0 * d**-0.37)


def scattered(n_points: int = 120, noise: float = 0.002) -> Points:
    """Cells anywhere between 44M and 16B parameters and 1e9 and 1e11 tokens."""
    rng = np.random.default_rng(3)
    n, d = 10 ** rng.uniform(7.6, 10.2, n_points), 10 ** rng.uniform(9.0, 11.0, n_points)
    return Points({"N": n, "D": d}, law(n, d) + noise * rng.normal(size=n_points))


@pytest.mark.slow
def test_a_cell_that_stands_apart_is_predicted_from_the_others() -> None:
    """Half a decade beyond all others in N and D, where a surface that falls back to the mean is far too high."""
    points = scattered()
    n, d = np.array([5e10]), np.array([3e11])
    assert predict(fit_law("kernel", points, bootstrap=0), {"N": n, "D": d}) == pytest.approx(law(n, d), abs=0.06)


@pytest.mark.slow
def test_a_few_wrong_cells_hardly_move_the_surface() -> None:
    points = scattered()
    true = law(points.variables["N"], points.variables["D"])
    wrong = points.loss.copy()
    wrong[::25] += 0.4
    clean, moved = (
        predict(fit_law("kernel", p, bootstrap=0), p.variables) for p in (points, replace(points, loss=wrong))
    )
    others = np.arange(points.n) % 25 > 0
    assert np.sqrt(np.mean((clean - true) ** 2)) < 0.003
    assert np.sqrt(np.mean((moved - true)[others] ** 2)) < 0.006


def test_errors_of_folds_are_those_of_fits_without_them() -> None:
    rng = np.random.default_rng(0)
    at, y = rng.normal(size=(30, 2)), rng.normal(size=30)
    gram = kernel_regression.covariance(at, at, 2.0)
    fold = np.arange(0, 30, 5)
    # A threshold above every residual: weights stay 1, so that the fit without a fold is plain ridge regression.
    errors = dict(kernel_regression._left_out_errors(gram, y, (fold,), delta=1e6))
    rest = np.setdiff1d(np.arange(30), fold)
    for ridge, error in errors.items():
        dual = np.linalg.solve(gram[np.ix_(rest, rest)] + ridge * np.eye(len(rest)), y[rest])
        assert error == pytest.approx(np.mean(np.abs(y[fold] - gram[np.ix_(fold, rest)] @ dual)), rel=1e-6)


def test_folds_hold_every_cell_once_a_division_and_clusters_whole() -> None:
    cluster = np.repeat(np.arange(12), 3)
    folds = kernel_regression._folds(cluster)
    assert len(folds) == kernel_regression.FOLDS * kernel_regression.DIVISIONS
    assert sorted(np.concatenate(folds)) == sorted(np.tile(np.arange(36), kernel_regression.DIVISIONS))
    for fold in folds:
        assert all(np.isin(np.flatnonzero(cluster == c), fold).all() for c in cluster[fold])
    assert sorted(np.concatenate(kernel_regression._folds(np.zeros(10, dtype=np.int64)))) == sorted(
        np.tile(np.arange(10), kernel_regression.DIVISIONS)
    )


@pytest.mark.slow
def test_many_cells_are_judged_by_some_and_too_many_refused() -> None:
    points = scattered(kernel_regression.MOST_JUDGED + 100)
    fit = fit_law("kernel", points, bootstrap=0)
    true = law(points.variables["N"], points.variables["D"])
    assert np.sqrt(np.mean((predict(fit, points.variables) - true) ** 2)) < 0.001
    many = np.geomspace(1e6, 1e9, MAX_CELLS + 1)
    with pytest.raises(FitError, match="5001 cells; a network surface takes 5000 at most"):
        fit_law("network", Points({"N": many, "D": many}, 1.0 + many**-0.1))
