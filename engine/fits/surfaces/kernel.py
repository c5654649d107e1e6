"""Robust kernel regression of the loss: main effects of each variable and their interaction.

k(x, x') = sum over variables RBF(x_i - x'_i) + RBF(x - x'), all with unit weight and length, on scaled log10
variables; Huber's penalty plus ridge/2 a'Ka, by reweighting: (W K + ridge I) a = W y. The ridge has the smallest
leave-one-out error on a grid.

Reference: appendix of arXiv:2601.10684, which leaves the ridge open.
"""

from __future__ import annotations

import numpy as np

from ..result import Array, Points
from .base import Smooth, cluster_of, dual_draws, inputs_of

RIDGES = np.geomspace(1e-6, 1.0, 13)
#: Threshold of Huber's penalty, nats a token.
DELTA = 1e-3
REWEIGHTINGS = 50


def fit_kernel(points: Points, names: tuple[str, ...], *, n_draws: int, seed: int, delta: float = DELTA) -> Smooth:
    """Fit the surface to cells, `names` being the variables it is a function of."""
    inputs = inputs_of(points.variables, names)
    at = inputs(points.variables)
    middle = float(np.mean(points.loss))
    y = points.loss - middle
    gram = covariance(at, at)
    ridge = min(RIDGES, key=lambda r: left_out_error(gram, y, float(r)))
    weight = np.ones_like(y)
    dual: Array = np.zeros_like(y)
    for _ in range(REWEIGHTINGS):
        before = dual
        dual = np.asarray(np.linalg.solve(gram + np.diag(ridge / weight), y), dtype=np.float64)
        residual = y - gram @ dual
        weight = np.maximum(np.minimum(1.0, delta / np.maximum(np.abs(residual), 1e-300)), 1e-3)
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


def left_out_error(gram: Array, y: Array, ridge: float) -> float:
    """Median squared error of predicting each point from the others, in closed form; a median, for outliers' sake."""
    inverse = np.linalg.inv(gram + ridge * np.eye(len(y)))
    return float(np.median((inverse @ y / np.diag(inverse)) ** 2))
