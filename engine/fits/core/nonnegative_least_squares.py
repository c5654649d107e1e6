"""Least squares with unknowns that may not be negative, many small problems at once.

Axes: S a problem, Q an unknown, X a point.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from .fit_result import Array


class Normal(NamedTuple):
    """Normal equations in units of the columns: shapes (S, Q, Q), (S, Q), and the units (S, Q)."""

    gram: Array
    right: Array
    scale: Array


def nonnegative_squares(basis_SQX: Array, target: Array, weight: Array) -> Array:
    """argmin over z >= 0 of sum over points of weight (z . basis - target)^2, shape (S, Q).

    Args:
        basis_SQX: One row of values an unknown.
        target: Shape (X,) or (S, X).
        weight: Likewise.
    """
    return solved([normal(basis_SQX, target, weight)])


#: Larger sums of products are of no start that could be used; their squares are still finite.
LARGE = 1e150


def normal(basis_SQX: Array, target: Array, weight: Array) -> Normal:
    """The normal equations of such problems; arguments as of `nonnegative_squares`."""
    weight = np.broadcast_to(weight, (basis_SQX.shape[0], basis_SQX.shape[2]))
    # Unit columns: a term in plain units may be a billionth of the offset, and still matter.
    largest = np.max(np.abs(basis_SQX), axis=2, keepdims=True)
    largest = np.where(largest > 0, largest, 1.0)
    unit = basis_SQX / largest
    weighted = unit * weight[:, None, :]
    # A start from which a law overflows is none: whatever comes of it is not finite where it is tried.
    with np.errstate(all="ignore"):
        gram = weighted @ unit.swapaxes(1, 2)
        right = (weighted @ np.broadcast_to(target, weight.shape)[:, :, None])[:, :, 0]
        right = np.clip(np.nan_to_num(right), -LARGE, LARGE)
        size = np.sqrt(np.diagonal(gram, axis1=1, axis2=2))
        size = np.where(size > 0, size, 1.0)
        scale = np.nan_to_num(size * largest[:, :, 0])
    return Normal(gram / (size[:, :, None] * size[:, None, :]), right / size, scale)


def solved(parts: Sequence[Normal]) -> Array:
    """The solutions of problems made part by part, shape (S, Q)."""
    gram, right, scale = (np.concatenate(x) for x in zip(*parts))
    return np.asarray(_nonnegative(gram, right) / scale)


def additive(terms: Sequence[Array], loss: Array) -> Array:
    """E and the coefficients of E + sum of terms, by relative errors, shape (S, 1 + terms); all positive."""
    stacked = np.stack([np.ones_like(terms[0]), *terms], axis=1)
    return np.maximum(nonnegative_squares(stacked, loss, 1 / loss**2), 1e-12 * float(np.max(np.abs(loss))))


def _nonnegative(gram: Array, right: Array) -> Array:
    """argmin over z >= 0 of z'Gz/2 - r'z for a stack of small problems: tries every set of positive entries."""
    n, size = right.shape
    best, best_value = np.zeros((n, size)), np.zeros(n)
    for count in range(1, size + 1):
        for kept in combinations(range(size), count):
            at = np.array(kept)
            part, rhs = gram[:, at[:, None], at], right[:, at]
            trace = np.trace(part, axis1=1, axis2=2)[:, None, None]
            ridge = np.eye(count) * (1e-13 * trace + np.finfo(float).tiny)
            z = np.linalg.solve(part + ridge, rhs[:, :, None])[:, :, 0]
            value = -0.5 * np.sum(rhs * z, axis=1)
            better = np.all(z >= 0, axis=1) & (value < best_value)
            best_value[better] = value[better]
            best[np.ix_(better, at)] = z[better]
    return best
