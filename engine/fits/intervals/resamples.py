"""Bootstrap resamples of the data, made a few at a time: targets and weights.

Axes: K a draw, X a point.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..core.fit_result import Array
from . import bootstrap_random
from .wild_bootstrap import disturbances

Kind = Literal["cases", "clusters", "wild"]


@dataclass(frozen=True)
class Resampler:
    """The data of a fit, to be resampled.

    Attributes:
        kind: Bootstrap.
        target: Losses in the objective's space, shape (X,).
        weight: Of each point.
        fitted: The law at the optimum, in the same space.
        tangent: Derivative of the fitted values by the free entries of u, each point weighted, shape (X, P).
        of_point: Cluster of each point, counted from 0.
        names: What identifies each cluster throughout a study.
        seed: Of the draws.
    """

    kind: Kind
    target: Array
    weight: Array
    fitted: Array
    tangent: Array
    of_point: NDArray[np.int64]
    names: NDArray[np.int64]
    seed: int

    def draws(self, first: int, count: int) -> tuple[Array, Array]:
        """Targets and weights of draws first, first + 1, ..., shape (K, X) each."""
        shape = (count, len(self.target))
        if self.kind == "wild":
            errors = disturbances(
                self.target - self.fitted, self.tangent, self.of_point, self.names, count, self.seed, first=first
            )
            return self.fitted + errors, np.broadcast_to(self.weight, shape)
        if self.kind == "cases" and len(self.names) < len(self.of_point):
            points = np.arange(len(self.of_point))
            return np.broadcast_to(self.target, shape), self.weight * bootstrap_random.counts(
                self.seed, count, points, first
            )
        counts = bootstrap_random.counts(self.seed, count, self.names, first)
        return np.broadcast_to(self.target, shape), self.weight * counts[:, self.of_point]

    def without(self, group: NDArray[np.int64], first: int, count: int) -> tuple[Array, Array]:
        """The data less the clusters of groups first, first + 1, ..., `group` numbering each cluster's."""
        left_out = group[self.of_point][None, :] == np.arange(first, first + count)[:, None]
        return np.broadcast_to(self.target, left_out.shape), self.weight * ~left_out
