"""`manifold(dim)`: points spread evenly over a torus, and a function on it with kinks but no jumps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.vocabulary.words.percolation import Manifold

from ..registry import implements
from ..seeded import generators
from .declared_points import Declared

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Torus:
    """A torus of side 1, and the origin of its function.

    Axes: n point, d dimension.
    """

    #: [d]
    origin: Floats
    #: Points held out for testing.
    tested: int

    @property
    def dim(self) -> int:
        """Dimension."""
        return len(self.origin)

    def points(self, random: np.random.Generator, n: int) -> Floats:
        """Points drawn evenly, shape (n, d), in [0, 1)."""
        return random.random((n, self.dim))

    def value(self, at_nd: Floats) -> Floats:
        """The coordinates' distances from the origin, summed and brought to mean 0 and variance 1, shape (n,).

        A distance along a circle of length 1 is uniform on [0, 1/2]: mean 1/4, variance 1/48. The sum has the slope of
        the plane almost everywhere and a kink on every coordinate's origin and antipode: Lipschitz, nowhere smoother.
        """
        away = np.abs(at_nd - self.origin)
        along = np.minimum(away, 1.0 - away)
        return np.asarray((np.sum(along, axis=1) - self.dim / 4) / np.sqrt(self.dim / 48))


class TorusPoints(Declared[Manifold]):
    """The source `manifold(...)`: for each seed a torus whose function has an origin of its own."""

    def draw(self, seed: int) -> Torus:
        """The torus of a seed."""
        return Torus(next(generators(seed, "graph", 0)).random(self.term.dim), self.term.tested)

    def facts(self, drawn: Torus) -> Mapping[str, float]:
        """Nothing is counted of a torus."""
        return {}


@implements(Manifold)
def manifold(term: Manifold, base: Path) -> TorusPoints:
    """Points are drawn where they are used; the declaration is all there is."""
    return TorusPoints(term)
