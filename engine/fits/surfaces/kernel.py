"""Robust kernel regression of the loss: main effects of each variable and their interaction.

k(x, x') = sum over variables RBF(x_i - x'_i) + RBF(x - x'), all with unit weight and length, on scaled log10
variables; Huber's penalty plus ridge/2 a'Ka, by reweighting: (W K + ridge I) a = W y. The ridge has the smallest
mean absolute leave-one-out error on a grid, at the weights that it leads to: reweighting makes a ridge stiffer, so that
the best one for equal weights is far from it.

Reference: appendix of arXiv:2601.10684, which leaves the ridge open.
"""

from __future__ import annotations

import numpy as np

from ..result import Array, Points
from .base import Smooth, cluster_of, dual_draws, inputs_of

RIDGES = np.geomspace(1e-6, 1e-1, 11)
#: Threshold of Huber's penalty, nats a token.
DELTA = 1e-3
REWEIGHTINGS = 50
#: Reweightings after which a ridge is judged.
JUDGED_AFTER = 6


def fit_kernel(points: Points, names: tuple[str, ...], *, n_draws: int, seed: int, delta: float = DELTA) -> Smooth:
    """Fit the surface to cells, `names` being the variables it is a function of."""
    inputs = inputs_of(points.variables, names)
    at = inputs(points.variables)
    middle = float(np.mean(points.loss))
    y = points.loss - middle
    gram = covariance(at, at)
    ridge = min(RIDGES, key=lambda r: left_out_error(gram, y, float(r), delta))
    weight = np.ones_like(y)
    dual: Array = np.zeros_like(y)
    for _ in range(REWEIGHTINGS):
        before = dual
        dual = np.asarray(np.linalg.solve(gram + np.diag(ridge / weight), y), dtype=np.float64)
        weight = huber_weights(y - gram @ dual, delta)
        if np.max(np.abs(dual - before)) <= 1e-10 * np.max(np.abs(dual)):
            break
    cluster = cluster_of(points.cluster, points.n)
    draws, freedom = dual_draws(gram, ridge / weight, y - gram @ dual, cluster, n_draws, seed)
    return Smooth(inputs, lambda z: middle + covariance(z, at) @ dual, lambda z: covariance(z, at), draws, freedom)


def covariance(left: Array, right: Array) -> Array:
    """The kernel between two sets of inputs, shape (left, right)."""
    square = (left[:, None, :] - right[None, :, :]) ** 2
    own = np.sum(np.exp(-0.5 * square), axis=2)
    return np.asarray(own + np.exp(-0.5 * np.sum(square, axis=2)) * (left.shape[1] > 1))


def huber_weights(residual: Array, delta: float) -> Array:
    """Weights under which least squares have the slope of Huber's penalty; the floor keeps the system solvable."""
    return np.asarray(np.maximum(np.minimum(1.0, delta / np.maximum(np.abs(residual), 1e-300)), 1e-3))


def left_out_error(gram: Array, y: Array, ridge: float, delta: float) -> float:
    """Mean absolute error of predicting each point from the others, in closed form, at the weights of the fit."""
    weight = np.ones_like(y)
    for _ in range(JUDGED_AFTER):
        inverse = np.linalg.inv(gram + np.diag(ridge / weight))
        dual = inverse @ y
        weight = huber_weights(ridge / weight * dual, delta)
    return float(np.mean(np.abs(dual / np.diag(inverse))))
