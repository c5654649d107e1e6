"""The network and the kernel with numbers of their source: what they are, and that they fit as the others do."""

from __future__ import annotations

import numpy as np
import pytest
from scalingdsl.engine.fits import fit_law, predict
from scalingdsl.engine.fits.surfaces.smooth_surface import inputs_of
from scalingdsl.engine.fits.surfaces.trained_network import _slopes, _tangent, _value
from scalingdsl.spec.errors import FitError

from .test_kernel_regression import law, scattered


def test_gradients_of_a_network_are_differences() -> None:
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=s) for s in ((5, 2), (5,), (5, 5), (5,), (1, 5), (1,))]
    at, y = rng.normal(size=(7, 2)), rng.normal(size=7)
    columns, slopes = [], []
    step, threshold = 1e-6, 0.3

    def penalty() -> float:
        residual = _value(weights, at) - y
        clipped = np.clip(residual, -threshold, threshold)
        return float(np.mean(clipped * (residual - 0.5 * clipped))) / threshold

    for w in weights:
        for place in np.ndindex(w.shape):
            w[place] += step
            up, more = _value(weights, at), penalty()
            w[place] -= 2 * step
            down, less = _value(weights, at), penalty()
            w[place] += step
            columns.append((up - down) / (2 * step))
            slopes.append((more - less) / (2 * step))
    jacobian = np.stack(columns, axis=1)
    assert _tangent(weights, at, at) == pytest.approx(jacobian @ jacobian.T, rel=1e-6)
    found = np.concatenate([part.ravel() for part in _slopes(weights, at, y, threshold)[1]])
    assert found == pytest.approx(np.array(slopes), abs=1e-6)


def test_a_given_length_has_no_trend() -> None:
    """Far beyond the cells the surface is their mean; with a ridge of next to nothing it runs through every cell."""
    points = scattered(40, noise=0.0)
    fit = fit_law("kernel", points, fixed={"length": 1.0, "ridge": 1e-9}, bootstrap=0)
    far = {name: values * 1e12 for name, values in points.variables.items()}
    assert predict(fit, far) == pytest.approx(np.full(40, np.mean(points.loss)), abs=1e-6)
    assert predict(fit, points.variables) == pytest.approx(points.loss, abs=1e-5)
    at = inputs_of(points.variables, ("N", "D"))(points.variables)
    square = (at[:, None, :] - at[None, :, :]) ** 2
    gram = np.sum(np.exp(-0.5 * square), axis=2) + np.exp(-0.5 * np.sum(square, axis=2))
    stiff = fit_law("kernel", points, fixed={"length": 1.0, "ridge": 100.0}, bootstrap=0, delta=1e3)
    middle = np.mean(points.loss)
    dual = np.linalg.solve(gram + 100.0 * np.eye(40), points.loss - middle)
    assert predict(stiff, points.variables) == pytest.approx(middle + gram @ dual, rel=1e-9)


@pytest.mark.slow
def test_a_trained_network_tells_the_law() -> None:
    points = scattered(60)
    fit = fit_law("network", points, fixed={"units": 24.0}, bootstrap=20)
    truth = law(points.variables["N"], points.variables["D"])
    assert np.sqrt(np.mean((predict(fit, points.variables) - truth) ** 2)) < 0.006
    assert np.array_equal(
        predict(fit_law("network", points, fixed={"units": 24.0}, bootstrap=0), points.variables),
        predict(fit, points.variables),
    )


def test_numbers_that_a_surface_does_not_take() -> None:
    for fixed in ({"units": 1.5}, {"units": -1.0}, {"length": 1.0}):
        with pytest.raises(FitError):
            fit_law("network", scattered(20), fixed=fixed)
