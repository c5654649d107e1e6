"""Robust kernel regression of the loss: a linear trend, main effects of each variable, and their interaction.

k(x, x') = x . x' + sum over variables RBF(x_i - x'_i) + RBF(x - x'), all with unit weight and one length, on scaled
log10 variables; Huber's penalty plus ridge/2 a'Ka, by reweighting: (W K + ridge I) a = W y.

Length and ridge are those of a grid under which a fifth of the cells is best predicted from the others, at the weights
that they lead to: the mean absolute error over some random divisions into fifths, in closed form. A cell's neighbours
tell its loss at almost any length, so leaving out one cell at a time finds lengths that fail at the first gap in the
data; whole fifths leave gaps.

Differs from the source, which has unit length, no trend and a ridge left open: with unit length the surface falls back
to the mean loss within a decade of the data, and so misses cells that stand apart. Where a length is given there is no
trend either, so that `length=1` is the source's.

Reference: appendix of arXiv:2601.10684; folds left out in closed form, e = [(K + R)^-1]_FF^-1 [(K + R)^-1 y]_F: An,
Liu and Venkatesh 2007, "Fast cross-validation algorithms for least squares support vector machine and kernel ridge
regression".
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.vocabulary.words.laws import Kernel
from scipy.linalg import lapack

from ..core.fit_result import Array, Points
from .smooth_surface import SmoothSurface, dual_draws, huber_weights, implements, inputs_of

#: Lengths in units of the variables' spread, and ridges from stiff to soft.
LENGTHS = 2.0 ** np.array([0.0, 0.5, 1.0, 1.5, 2.0])
RIDGES = np.geomspace(1e-1, 1e-7, 7)
REWEIGHTINGS = 50
#: Reweightings of each ridge on the way from stiff to soft, which start from the last one's weights.
REWEIGHTINGS_EACH = 2
FOLDS, DIVISIONS = 5, 3
#: Cells by which length and ridge are chosen; of more, these are drawn.
MOST_JUDGED = 500

Folds = tuple[NDArray[np.intp], ...]


@implements(Kernel)
def fit_kernel(
    points: Points, names: tuple[str, ...], *, n_draws: int, seed: int, delta: float, length: float, ridge: float
) -> SmoothSurface:
    """Fit the surface to cells, `names` being the variables it is a function of; a length or ridge of 0 is found."""
    inputs = inputs_of(points.variables, names)
    at = inputs(points.variables)
    middle = float(np.mean(points.loss))
    y = points.loss - middle
    cluster = points.clusters
    trend = not length
    lengths = (length,) if length else tuple(LENGTHS.tolist())
    if not (length and ridge):
        length, ridge = _chosen(at, y, cluster, delta, lengths, (ridge,) if ridge else tuple(RIDGES.tolist()), trend)
    gram = covariance(at, at, length, trend)
    weight = np.ones_like(y)
    dual: Array = np.zeros_like(y)
    for _ in range(REWEIGHTINGS):
        before = dual
        dual = np.asarray(np.linalg.solve(gram + np.diag(ridge / weight), y), dtype=np.float64)
        weight = huber_weights(ridge / weight * dual, delta)
        if np.max(np.abs(dual - before)) <= 1e-10 * np.max(np.abs(dual)):
            break
    draws, freedom = dual_draws(gram, ridge / weight, y - gram @ dual, cluster, n_draws, seed)

    def between(z: Array) -> Array:
        return covariance(z, at, length, trend)

    return SmoothSurface(inputs, lambda z: middle + between(z) @ dual, between, draws, freedom)


def covariance(left: Array, right: Array, length: float, trend: bool = True) -> Array:
    """The kernel between two sets of inputs, shape (left, right)."""
    square = ((left[:, None, :] - right[None, :, :]) / length) ** 2
    own = np.sum(np.exp(-0.5 * square), axis=2)
    together = np.exp(-0.5 * np.sum(square, axis=2)) * (left.shape[1] > 1)
    return np.asarray(left @ right.T * trend + own + together)


def _chosen(
    at: Array,
    y: Array,
    cluster: NDArray[np.int64],
    delta: float,
    lengths: tuple[float, ...],
    ridges: tuple[float, ...],
    trend: bool,
) -> tuple[float, float]:
    """The length and the ridge, of those given, that predict best what is left out."""
    if len(y) > MOST_JUDGED:
        some = np.sort(np.random.default_rng(0).permutation(len(y))[:MOST_JUDGED])
        at, y, cluster = at[some], y[some], cluster[some]
    folds = _folds(cluster)
    found = [
        (error, length, ridge)
        for length in lengths
        for ridge, error in _left_out_errors(covariance(at, at, length, trend), y, folds, delta, ridges)
    ]
    _, length, ridge = min(found, key=lambda each: each[0])
    return length, ridge


def _folds(cluster: NDArray[np.int64]) -> Folds:
    """Cells left out together: every division holds each cell once, and clusters stay whole."""
    own, of_point = np.unique(cluster, return_inverse=True)
    if len(own) < FOLDS:
        own = of_point = np.arange(len(cluster))
    rng = np.random.default_rng(0)
    divisions = [(rng.permutation(len(own)) % FOLDS)[of_point] for _ in range(DIVISIONS)]
    return tuple(np.flatnonzero(fold == k) for fold in divisions for k in range(FOLDS))


def _left_out_errors(
    gram: Array, y: Array, folds: Folds, delta: float, ridges: tuple[float, ...] = tuple(RIDGES.tolist())
) -> Iterator[tuple[float, float]]:
    """Every ridge with the mean absolute error of predicting each fold from the others, at the weights of the fit."""
    weight = np.ones_like(y)
    for ridge in ridges:
        for _ in range(REWEIGHTINGS_EACH):
            inverse = _inverse(gram + np.diag(ridge / weight))
            dual = inverse @ y
            weight = huber_weights(ridge / weight * dual, delta)
        errors = [np.linalg.solve(inverse[np.ix_(fold, fold)], dual[fold]) for fold in folds if len(fold)]
        yield ridge, float(np.mean(np.abs(np.concatenate(errors))))


def _inverse(matrix: Array) -> Array:
    """Of a symmetric, positive definite matrix; half the work of inverting any."""
    factor, _ = lapack.dpotrf(matrix, lower=1)
    lower, _ = lapack.dpotri(factor, lower=1)
    return np.asarray(np.tril(lower) + np.tril(lower, -1).T)
