"""`manifold(dim, embed, noise)`: points spread evenly over a torus, and a function on it with kinks but no jumps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.vocabulary.words.percolation import Manifold
from scipy.spatial import cKDTree

from ..registry import implements
from ..seeded import generators
from .declared_points import Declared

Floats = NDArray[np.float64]

#: Streams of role "graph": the origin of the function, how a torus lies in space, points whose dimension is told.
ORIGIN, TURN, TOLD = 0, 1, 2
#: Points whose dimension is told, and neighbours that tell it.
SAMPLE, NEIGHBOURS = 3600, 20


@dataclass(frozen=True, eq=False)
class Torus:
    """A torus of side 1, and the origin of its function.

    Axes: n point, d dimension.
    """

    #: [d]
    origin: Floats
    #: Points held out for testing.
    tested: int
    #: [2d, e] where it lies in space: orthonormal rows; nothing for the torus alone.
    turn: Floats | None = None
    #: Standard deviation of what is added to the numbers of known points.
    noise: float = 0.0

    @property
    def dim(self) -> int:
        """Dimension."""
        return len(self.origin)

    def points(self, random: np.random.Generator, n: int) -> Floats:
        """Points drawn evenly, shape (n, d), in [0, 1)."""
        return random.random((n, self.dim))

    def circles(self, at_nd: Floats) -> Floats:
        """The points as a product of circles of radius 1, shape (n, 2d): what is near there is near in space."""
        angle = 2.0 * np.pi * at_nd
        return np.concatenate([np.cos(angle), np.sin(angle)], axis=1)

    def place(self, at_nd: Floats) -> Floats:
        """The points in space, or on the torus, of mean 0 and a mean square of 1 a number, shape (n, inputs)."""
        if self.turn is None:
            # Uniform on [0, 1): mean 1/2, variance 1/12.
            return np.asarray((at_nd - 0.5) * np.sqrt(12.0))
        return np.asarray(self.circles(at_nd) @ self.turn * np.sqrt(self.turn.shape[1] / self.dim))

    def seen(self, at_nd: Floats, random: np.random.Generator) -> Floats:
        """Numbers at known points with their noise, shape (n,)."""
        found = self.value(at_nd)
        return found + self.noise * random.standard_normal(len(found)) if self.noise else found

    def value(self, at_nd: Floats) -> Floats:
        """The coordinates' distances from the origin, summed and brought to mean 0 and variance 1, shape (n,).

        A distance along a circle of length 1 is uniform on [0, 1/2]: mean 1/4, variance 1/48. The sum has the slope of
        the plane almost everywhere and a kink on every coordinate's origin and antipode: Lipschitz, nowhere smoother.
        """
        away = np.abs(at_nd - self.origin)
        along = np.minimum(away, 1.0 - away)
        return np.asarray((np.sum(along, axis=1) - self.dim / 4) / np.sqrt(self.dim / 48))


def dimension(points_nd: Floats, box: Floats | None = None) -> float:
    """Of points, from their distances to their neighbours, r_1 to r_k: the inverse of the mean of log(r_k / r_j) over
    all of them.

    Reference: Levina and Bickel 2004, with the mean of inverses of MacKay and Ghahramani 2005.
    """
    far = np.asarray(cKDTree(points_nd, boxsize=box).query(points_nd, NEIGHBOURS + 1)[0])[:, 1:]
    logs = np.log(far[:, -1:] / far[:, :-1])
    # k - 1 distances, of which one less is free.
    return float((NEIGHBOURS - 2) / (NEIGHBOURS - 1) / np.mean(logs))


class TorusPoints(Declared[Manifold]):
    """The source `manifold(...)`: for each seed a torus whose function has an origin of its own."""

    def draw(self, seed: int) -> Torus:
        """The torus of a seed."""
        term = self.term
        origin = next(generators(seed, "graph", ORIGIN)).random(term.dim)
        turn = None
        if term.embed:
            mixed = next(generators(seed, "graph", TURN)).standard_normal((term.embed, 2 * term.dim))
            turn = np.linalg.qr(mixed)[0].T
        return Torus(origin, term.tested, turn, term.noise)

    def facts(self, drawn: Torus) -> Mapping[str, float]:
        """See `Manifold.facts`."""
        points = drawn.points(next(generators(0, "graph", TOLD)), SAMPLE)
        if drawn.turn is None:
            return {"dimension": dimension(points, np.ones(drawn.dim))}
        # Turning moves no distance.
        return {"dimension": dimension(drawn.circles(points))}


@implements(Manifold)
def manifold(term: Manifold, base: Path) -> TorusPoints:
    """Points are drawn where they are used; the declaration is all there is."""
    return TorusPoints(term)
