"""A spectrum that falls as a power of the rank, lambda_I = I^-a for I up to M, seen through a ridge.

With f_I = lambda_I / (lambda_I + Delta), the share of direction I that a ridge Delta leaves, and g = Delta M^a, the
ranks being many,

    sum of f        = M F(g)    F(g) = integral over u in [0, 1] of 1 / (1 + g u^a)
    sum of f - f^2  = M P(g)    P(g) = -g dF/dg = (F(g) - 1 / (1 + g)) / a

F is an alternating series in g, and up to its limiting power law one in 1/g; the terms of both are moments of a
measure on [0, 1], so the weights of Cohen, Rodriguez Villegas and Zagier 2000 ("Convergence acceleration of
alternating series", algorithm 1) leave an error below 5.8^-TERMS for every g.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from ..core.fit_result import Array

#: Enough for eleven digits.
TERMS = 15


def _weights(terms: int) -> tuple[float, ...]:
    """w such that the sum of (-1)^k x_k over all k is that of w_k x_k over `terms` of them, x being moments."""
    root = 3.0 + 8.0**0.5
    d = (root**terms + root**-terms) / 2.0
    b, c = -1.0, -d
    found = []
    for k in range(terms):
        c = b - c
        found.append(c / d)
        b *= (k + terms) * (k - terms) / ((k + 0.5) * (k + 1.0))
    return tuple(found)


WEIGHTS = _weights(TERMS)


class Shares(NamedTuple):
    """F and P at some g and a."""

    kept: Array
    edge: Array


def limit(a: Array) -> Array:
    """c of F(g) -> c g^(-1/a) for many ranks, (pi/a) / sin(pi/a)."""
    return np.asarray(np.pi / a / np.sin(np.pi / a))


def limit_slope(a: Array) -> Array:
    """d log c / da."""
    return np.asarray((np.pi / a / np.tan(np.pi / a) - 1.0) / a)


def shares(log_g: Array, a: Array) -> Shares:
    """F and P at real `log_g`; `a` above 1, real or complex; shapes broadcast."""
    few = log_g > 0.0
    if np.all(few):
        return _few(log_g, a)
    most = _most(np.minimum(log_g, 0.0), a)
    return Shares(*(np.where(few, x, y) for x, y in zip(_few(np.maximum(log_g, 0.0), a), most)))


def _most(log_g: Array, a: Array) -> Shares:
    """For g up to 1, where about three quarters of the ranks stay, or more."""
    g = np.exp(log_g)
    # P by its own series: F - 1 / (1 + g) would lose all digits where g is small.
    kept = _series(g, (1.0 / (1.0 + k * a) for k in range(TERMS)))
    return Shares(kept, g * _series(g, (k / (1.0 + k * a) for k in range(1, TERMS + 1))))


def _few(log_g: Array, a: Array) -> Shares:
    """For g from 1 on: the power law of endless ranks, less what ranks beyond M would add to it."""
    v = np.exp(-log_g)
    beyond = v * _series(v, (1.0 / (k * a - 1.0) for k in range(1, TERMS + 1)))
    kept = limit(a) * np.exp(-log_g / a) - beyond
    return Shares(kept, (kept - v / (1.0 + v)) / a)


def kept_by_a(log_g: Array, a: Array) -> Array:
    """dF/da at fixed g; dP/da is (dF/da - P) / a."""
    g, v = np.exp(np.minimum(log_g, 0.0)), np.exp(-np.maximum(log_g, 0.0))
    most = _series(g, (-k / (1.0 + k * a) ** 2 for k in range(TERMS)))
    endless = limit(a) * np.exp(-log_g / a) * (limit_slope(a) + log_g / a**2)
    few = endless - v * _series(v, (-k / (k * a - 1.0) ** 2 for k in range(1, TERMS + 1)))
    return np.where(log_g > 0.0, few, most)


def _series(x: Array, coefficients: Iterable[Array]) -> Array:
    """Sum of (-x)^k times the coefficients, by Horner's rule."""
    weighted = [weight * c for weight, c in zip(WEIGHTS, coefficients)]
    total = weighted[-1]
    for term in weighted[-2::-1]:
        total = total * x + term
    return np.asarray(total)
