"""`latents(M, tail, target, noise, labels)`: what is drawn for a seed, whichever sizes, labels and penalties use it.

Point number i, mixture number n and label set number l are functions of the seed and their number, so that a model of
more samples, features or label sets has all that a smaller one has.

Axes: n point or mixture, M latent, L set of labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.vocabulary.words.latents import Latents

from ..registry import implements
from ..seeded import Role, generators
from .declared_points import Declared

Floats = NDArray[np.float64]

#: Rows that one generator draws.
BLOCK = 64
#: Streams of role "graph", what the world is; and of role "data", what is seen of it.
SIGNS, MIXTURES = 0, 1
POINTS, NOISE = 0, 1


def normals(seed: int, role: Role, stream: int, count: int, width: int) -> Floats:
    """Standard normal numbers, shape (count, width); a row is the same whatever the count."""
    found = np.empty((count, width))
    for first, random in zip(range(0, count, BLOCK), generators(seed, role, stream)):
        found[first : first + BLOCK] = random.standard_normal((BLOCK, width))[: count - first]
    return found


@dataclass(frozen=True, eq=False)
class Regression:
    """One draw: points, mixtures, signs and noise of a seed."""

    term: Latents
    seed: int

    @property
    def variances(self) -> Floats:
        """[M]"""
        return np.arange(1, self.term.M + 1, dtype=np.float64) ** -(1.0 + self.term.tail)

    def points(self, count: int) -> Floats:
        """[n, M] points, their latents of the variances that they have."""
        found = normals(self.seed, "data", POINTS, count, self.term.M)
        found *= np.sqrt(self.variances)
        return found

    def mixtures(self, count: int) -> Floats:
        """[n, M] weights of mixtures, of variance 1."""
        return normals(self.seed, "graph", MIXTURES, count, self.term.M)

    def weights(self, target: float) -> Floats:
        """[L, M] what labels are: the points times these, less their noise."""
        signs = normals(self.seed, "graph", SIGNS, self.term.labels, self.term.M)
        ranks = np.arange(1, self.term.M + 1, dtype=np.float64)
        return np.asarray(np.copysign(ranks ** (0.5 * (self.term.tail - target)), signs))

    def noise(self, count: int) -> Floats:
        """[n, L] the noise of labels, of variance 1."""
        return normals(self.seed, "data", NOISE, count, self.term.labels)


class LatentPoints(Declared[Latents]):
    """The source `latents(...)`."""

    def draw(self, seed: int) -> Regression:
        """The draw of a seed; nothing is drawn before it is asked for."""
        return Regression(self.term, seed)

    def facts(self, drawn: Regression) -> Mapping[str, float]:
        """Nothing is counted: all that there is to know is declared."""
        return {}


@implements(Latents)
def latents(term: Latents, base: Path) -> LatentPoints:
    """The declaration is all there is."""
    return LatentPoints(term)
