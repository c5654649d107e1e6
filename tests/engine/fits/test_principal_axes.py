"""Principal axes of a table's columns: those of numpy where nothing is missing, and what is missing of a low rank."""

from __future__ import annotations

import numpy as np
import pytest
from scalingdsl.engine.fits.tables.principal_axes import principal_axes
from scalingdsl.spec.errors import FitError

RNG = np.random.default_rng(0)
KEPT = np.arange(40) < 36


def test_axes_are_those_of_the_covariance() -> None:
    table = RNG.normal(size=(40, 5)) @ RNG.normal(size=(5, 5)) * 3.0
    found = principal_axes(table, KEPT)
    size, axes = np.linalg.eigh(np.cov(table[KEPT].T))
    assert found.shares == pytest.approx(size[::-1] / np.sum(size))
    assert np.abs(found.places) == pytest.approx(np.abs((table - table[KEPT].mean(axis=0)) @ axes[:, ::-1]))


def test_what_is_missing_of_one_axis_comes_back() -> None:
    whole = 0.2 + np.outer(RNG.uniform(0, 1, 40), [0.3, 0.5, 0.4, 0.6])
    holes = whole.copy()
    for row in range(0, 40, 4):
        holes[row, row // 4 % 4] = np.nan
    found, full = principal_axes(holes, KEPT), principal_axes(whole, KEPT)
    assert found.places[:, 0] == pytest.approx(full.places[:, 0], abs=1e-4)
    assert found.shares[0] == pytest.approx(1.0, abs=1e-6)


def test_shares_stay_between_their_bounds_and_rows_without_a_number_have_no_place() -> None:
    table = np.clip(np.outer(np.linspace(0, 1.6, 40), [1.0, 0.9, 0.8]), 0, 1)
    table[37] = np.nan
    table[35, 2] = np.nan
    found = principal_axes(table, KEPT)
    assert np.isnan(found.places[37]).all()
    assert np.isfinite(np.delete(found.places, 37, axis=0)).all()
    table[:, 1] = np.nan
    with pytest.raises(FitError, match="a number in every column"):
        principal_axes(table, KEPT)
