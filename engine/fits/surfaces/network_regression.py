"""A small network as a regression of the loss: two hidden layers with GELU on scaled log10 variables.

Huber's penalty plus weight decay, minimised by L-BFGS from a few seeded starts with gradients written out; no torch.

Reference: appendix of arXiv:2601.10684, which uses 256 units, AdamW and early stopping: see `trained_network`, which
`units=` asks for. Sixteen units and a full minimisation give nearly the same surface on grids of a few hundred cells,
in a fraction of a second and the same bits every time.
"""

from __future__ import annotations

import numpy as np
from scalingdsl.spec.vocabulary.words.laws import Network
from scipy.special import erf

from ..core.fit_result import Array, Points
from .smooth_surface import SmoothSurface, dual_draws, huber_weights, implements, inputs_of
from .trained_network import train_network

HIDDEN = 16
WEIGHT_DECAY = 1e-4
RESTARTS = 3
MAX_STEPS = 600


@implements(Network)
def fit_network(
    points: Points, names: tuple[str, ...], *, n_draws: int, seed: int, delta: float, units: float
) -> SmoothSurface:
    """Fit the surface to cells, `names` being the variables it is a function of; `units` 0 for the usual network."""
    inputs = inputs_of(points.variables, names)
    if units:
        return train_network(points, inputs, int(units), n_draws=n_draws, seed=seed, delta=delta)
    at = inputs(points.variables)
    middle, spread = float(np.mean(points.loss)), float(np.std(points.loss)) or 1.0
    y, threshold = (points.loss - middle) / spread, delta / spread
    shapes = ((HIDDEN, at.shape[1]), (HIDDEN,), (HIDDEN, HIDDEN), (HIDDEN,), (1, HIDDEN), (1,))
    found = min(
        (_trained(at, y, threshold, shapes, np.random.default_rng((seed, start))) for start in range(RESTARTS)),
        key=lambda pair: pair[0],
    )
    weights = found[1]
    fitted, jacobian = _linearised(weights, shapes, at)
    residual = y - fitted
    ridge = len(y) * WEIGHT_DECAY * threshold / huber_weights(residual, threshold)
    draws, freedom = dual_draws(jacobian @ jacobian.T, ridge, residual, points.clusters, n_draws, seed)
    return SmoothSurface(
        inputs,
        lambda z: middle + spread * _linearised(weights, shapes, z)[0],
        lambda z: spread * _linearised(weights, shapes, z)[1] @ jacobian.T,
        draws,
        freedom,
    )


Shapes = tuple[tuple[int, ...], ...]


def _trained(at: Array, y: Array, delta: float, shapes: Shapes, rng: np.random.Generator) -> tuple[float, Array]:
    """Objective and weights from one random start."""
    from scipy.optimize import minimize  # loads half of scipy, which no law needs

    start = np.concatenate(
        [(rng.normal(size=s) / np.sqrt(s[-1]) if len(s) > 1 else 0.5 * rng.normal(size=s)).ravel() for s in shapes]
    )

    def objective(weights: Array) -> tuple[float, Array]:
        fitted, jacobian = _linearised(weights, shapes, at)
        residual = fitted - y
        clipped = np.clip(residual, -delta, delta)
        penalty = float(np.mean(clipped * (residual - 0.5 * clipped))) / delta
        slope = jacobian.T @ clipped / (len(y) * delta)
        return penalty + 0.5 * WEIGHT_DECAY * float(weights @ weights), slope + WEIGHT_DECAY * weights

    result = minimize(objective, start, jac=True, method="L-BFGS-B", options={"maxiter": MAX_STEPS, "ftol": 1e-9})
    return float(result.fun), np.asarray(result.x)


def _linearised(weights: Array, shapes: Shapes, at: Array) -> tuple[Array, Array]:
    """Output at inputs, shape (Z,), and its derivative by every weight, shape (Z, weight)."""
    parts = np.split(weights, np.cumsum([int(np.prod(s)) for s in shapes])[:-1])
    w1, b1, w2, b2, w3, b3 = (part.reshape(s) for part, s in zip(parts, shapes))
    in_1 = at @ w1.T + b1
    out_1, bend_1 = _gelu(in_1)
    in_2 = out_1 @ w2.T + b2
    out_2, bend_2 = _gelu(in_2)
    value = out_2 @ w3[0] + b3[0]
    back_2 = w3[0] * bend_2
    back_1 = (back_2 @ w2) * bend_1
    n = len(at)
    derivative = [
        (back_1[:, :, None] * at[:, None, :]).reshape(n, -1),
        back_1,
        (back_2[:, :, None] * out_1[:, None, :]).reshape(n, -1),
        back_2,
        out_2,
        np.ones((n, 1)),
    ]
    return value, np.concatenate(derivative, axis=1)


def _gelu(z: Array) -> tuple[Array, Array]:
    """x Phi(x) and its derivative."""
    phi = 0.5 * (1.0 + erf(z / np.sqrt(2.0)))
    return z * phi, phi + z * np.exp(-0.5 * z**2) / np.sqrt(2.0 * np.pi)
