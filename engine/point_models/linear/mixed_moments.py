"""Moments of functions of normal numbers: what a feature through a function has in common with another.

Of standard normal u, v with correlation r and a function h with Hermite coefficients c_k, E h(u) h(v) is the sum of
c_k^2 r^k. For max(0, u) that sum is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Nodes of Gauss and Hermite, and terms of a series.
NODES, TERMS = 200, 80


@dataclass(frozen=True)
class Activation:
    """A function of mixtures, and its moments where these are normal."""

    of: Callable[[Floats], Floats]
    #: [N, N] E h(u) h(v) from the covariance of u and v.
    second: Callable[[Floats], Floats]
    #: [N] E h'(u) from the standard deviation of u.
    slope: Callable[[Floats], Floats]


def activation(word: str) -> Activation:
    """The function of that name."""
    return ACTIVATIONS[word]


def _ramp(x: Floats) -> Floats:
    return np.maximum(x, 0.0)


def _ramps(covariance: Floats) -> Floats:
    """Cho and Saul 2009, the arc-cosine kernel of degree 1."""
    size = np.sqrt(np.diag(covariance))
    both = np.outer(size, size)
    cos = np.clip(covariance / both, -1.0, 1.0)
    angle = np.arccos(cos)
    return np.asarray(both * (np.sqrt(1.0 - cos * cos) + (np.pi - angle) * cos) / (2.0 * np.pi))


def _series(function: Callable[[Floats], Floats]) -> Callable[[Floats], Floats]:
    def second(covariance: Floats) -> Floats:
        size = np.sqrt(np.diag(covariance))
        cos = np.clip(covariance / np.outer(size, size), -1.0, 1.0)
        # Odd functions have odd terms alone.
        coefficients = _hermite(function, size)
        total, power = np.zeros_like(cos), cos.copy()
        for k in range(1, TERMS, 2):
            total += np.outer(coefficients[:, k], coefficients[:, k]) * power
            power *= cos * cos
        # Of a number with itself the sum is known whole.
        np.fill_diagonal(total, _mean(function, size, lambda h: h * h))
        return total

    return second


def _nodes() -> tuple[Floats, Floats]:
    x, weight = np.polynomial.hermite_e.hermegauss(NODES)
    return x, weight / np.sqrt(2.0 * np.pi)


def _mean(function: Callable[[Floats], Floats], size: Floats, then: Callable[[Floats], Floats]) -> Floats:
    x, weight = _nodes()
    return np.asarray(then(function(size[:, None] * x)) @ weight)


def _hermite(function: Callable[[Floats], Floats], size: Floats) -> Floats:
    """[N, k] coefficients of h(size u) in the orthonormal Hermite polynomials of u."""
    x, weight = _nodes()
    before, here = np.zeros_like(x), np.ones_like(x)
    values = function(size[:, None] * x) * weight
    found = np.empty((len(size), TERMS))
    for k in range(TERMS):
        found[:, k] = values @ here
        before, here = here, (x * here - np.sqrt(k) * before) / np.sqrt(k + 1)
    return found


def _tanh_slope(size: Floats) -> Floats:
    return _mean(np.tanh, size, lambda h: 1.0 - h * h)


ACTIVATIONS = {
    "linear": Activation(lambda x: x, lambda covariance: covariance, np.ones_like),
    "relu": Activation(_ramp, _ramps, lambda size: np.full_like(size, 0.5)),
    "tanh": Activation(np.tanh, _series(np.tanh), _tanh_slope),
}
