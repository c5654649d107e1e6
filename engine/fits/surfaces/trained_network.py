"""A network as a regression of the loss, trained as its source trains it: two hidden layers with GELU on scaled log10
variables, AdamW on Huber's penalty, stopped early.

At most 5,000 steps over all cells at once, or until the penalty has not gained 1e-6 in 200; the best weights on the way
are kept. Its source leaves the rate and the scales open: here a rate of 1e-3, variables and losses of unit spread, and
a penalty over its threshold, the mean of |residual| where that is large. In nats the gain would end a run half way.

Axes: X a training point, Z a point asked about, H hidden unit.

Reference: appendix of arXiv:2601.10684, which has 512 units for published points and 256 for its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy.special import erf

from ..core.fit_result import Array, Points
from .smooth_surface import Inputs, SmoothSurface, dual_draws, huber_weights

RATE, DECAY, MOMENTS, FLOOR = 1e-3, 1e-4, (0.9, 0.999), 1e-8
MOST_STEPS, PATIENCE, GAIN = 5000, 200, 1e-6

Weights = list[Array]


def train_network(
    points: Points, inputs: Inputs, units: int, *, n_draws: int, seed: int, delta: float
) -> SmoothSurface:
    """The surface of a network of so many units a layer, and its draws by the tangent at the weights that were kept."""
    at = inputs(points.variables)
    middle, spread = float(np.mean(points.loss)), float(np.std(points.loss)) or 1.0
    y = (points.loss - middle) / spread
    weights = _kept(at, y, units, delta / spread, np.random.default_rng((seed, units)))
    residual = y - _value(weights, at)

    def kernel(z: Array) -> Array:
        return _tangent(weights, z, at)

    ridge = len(y) * DECAY * (delta / spread) / huber_weights(residual, delta / spread)
    draws, freedom = dual_draws(kernel(at), ridge, residual, points.clusters, n_draws, seed)
    return SmoothSurface(
        inputs, lambda z: middle + spread * _value(weights, z), lambda z: spread * kernel(z), draws, freedom
    )


def _kept(at: Array, y: Array, units: int, delta: float, rng: np.random.Generator) -> Weights:
    """The best weights of a training run; residuals and threshold are in spreads of the loss."""
    sizes = (at.shape[1], units, units, 1)
    weights: Weights = []
    for wide, high in pairwise(sizes):
        bound = wide**-0.5
        weights += [rng.uniform(-bound, bound, (high, wide)), rng.uniform(-bound, bound, high)]
    first, second = ([np.zeros_like(w) for w in weights] for _ in range(2))
    best, kept, since = np.inf, weights, 0
    for step in range(1, MOST_STEPS + 1):
        residual, slopes = _slopes(weights, at, y, delta)
        clipped = np.clip(residual, -delta, delta)
        penalty = float(np.mean(clipped * (residual - 0.5 * clipped))) / delta
        since = 0 if penalty < best - GAIN else since + 1
        if penalty < best:
            best, kept = penalty, [w.copy() for w in weights]
        if since > PATIENCE:
            break
        for i, slope in enumerate(slopes):
            first[i] += (1.0 - MOMENTS[0]) * (slope - first[i])
            second[i] += (1.0 - MOMENTS[1]) * (slope**2 - second[i])
            moved = first[i] / (1.0 - MOMENTS[0] ** step)
            size = np.sqrt(second[i] / (1.0 - MOMENTS[1] ** step)) + FLOOR
            weights[i] = weights[i] * (1.0 - RATE * DECAY) - RATE * moved / size
    return kept


def _value(weights: Weights, at: Array) -> Array:
    """Output at inputs, shape (Z,)."""
    return np.asarray(_layers(weights, at)[0][-1][:, 0])


def _layers(weights: Weights, at: Array) -> tuple[list[Array], list[Array]]:
    """What each layer reads, and last what comes out; and the slopes of the bends between."""
    reads, bends = [at], []
    pairs = list(zip(weights[::2], weights[1::2]))
    for i, (w, b) in enumerate(pairs):
        z = reads[-1] @ w.T + b
        if i == len(pairs) - 1:
            reads.append(z)
        else:
            phi = 0.5 * (1.0 + erf(z / np.sqrt(2.0)))
            reads.append(z * phi)
            bends.append(phi + z * np.exp(-0.5 * z**2) / np.sqrt(2.0 * np.pi))
    return reads, bends


def _backward(weights: Weights, bends: Sequence[Array], n: int) -> list[Array]:
    """Derivatives of the output by what each layer gives before its bend, first layer first."""
    back = [np.ones((n, 1))]
    for w, bend in zip(reversed(weights[2::2]), reversed(bends)):
        back.insert(0, (back[0] @ w) * bend)
    return back


def _slopes(weights: Weights, at: Array, y: Array, delta: float) -> tuple[Array, Weights]:
    """Residuals, and the gradient of the mean of Huber's penalty over its threshold."""
    reads, bends = _layers(weights, at)
    residual = reads[-1][:, 0] - y
    pull = (np.clip(residual, -delta, delta) / (delta * len(y)))[:, None]
    found: Weights = []
    for read, back in zip(reads, _backward(weights, bends, len(at))):
        found += [(back * pull).T @ read, np.sum(back * pull, axis=0)]
    return residual, found


def _tangent(weights: Weights, z: Array, at: Array) -> Array:
    """Inner products of the gradients by all weights at two sets of inputs, shape (Z, X), layer by layer."""
    there, here = (_layers(weights, points) for points in (z, at))
    backs = (_backward(weights, layers[1], len(points)) for layers, points in ((there, z), (here, at)))
    parts = zip(there[0], here[0], *backs)
    return np.asarray(sum((a @ b.T + 1.0) * (c @ d.T) for a, b, c, d in parts))
