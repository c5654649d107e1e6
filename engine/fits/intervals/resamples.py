"""Bootstrap resamples of the data, made a few at a time: targets and weights.

Axes: K a draw, X a point.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..core.fit_result import Array
from ..solver.problem import Problem
from . import bootstrap_random
from .wild_bootstrap import disturbances

Kind = Literal["cases", "clusters", "wild"]


class Resampler:
    """The data of a problem whose best vector is u, to be resampled.

    `cluster` identifies each point's throughout a study.
    """

    def __init__(self, kind: Kind, problem: Problem, u: Array, cluster: NDArray[np.int64], seed: int) -> None:
        self.kind, self.cluster, self.seed = kind, cluster, seed
        self.target, self.weight = problem.target, problem.weight
        residual, jacobian = problem.linearised(u[None])
        inside = (u > problem.low) & (u < problem.high)
        self.fitted = self.target + residual[0]
        #: Derivative of the fitted values by the free entries of u, each point weighted, shape (X, P).
        self.tangent = (jacobian[0, inside] * np.sqrt(self.weight)).T
        self.names, self.of_point = np.unique(cluster, return_inverse=True)

    def draws(self, first: int, count: int) -> tuple[Array, Array]:
        """Targets and weights of draws first, first + 1, ..., shape (K, X) each."""
        shape = (count, len(self.target))
        if self.kind == "wild":
            residual = self.target - self.fitted
            errors = disturbances(residual, self.tangent, self.cluster, count, self.seed, first)
            return self.fitted + errors, np.broadcast_to(self.weight, shape)
        names, of_point = self.names, self.of_point
        if self.kind == "cases" and len(names) < len(of_point):
            names = of_point = np.arange(len(of_point))
        counts = bootstrap_random.counts(self.seed, count, names, first)
        return np.broadcast_to(self.target, shape), self.weight * counts[:, of_point]

    def without(self, group: NDArray[np.int64], first: int, count: int) -> tuple[Array, Array]:
        """The data less the clusters of groups first, first + 1, ..., `group` numbering each cluster's."""
        left_out = group[self.of_point][None, :] == np.arange(first, first + count)[:, None]
        return np.broadcast_to(self.target, left_out.shape), self.weight * ~left_out
