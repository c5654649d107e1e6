"""The nearest of some points in space, whatever cluster they are of: `nearest(...)` on `coalescent(...)`.

What is said at a point is the label of the nearest known one over 1 + r^2/d, r being how far it lies and sqrt d the
radius of the ball that clusters begin in: points that far apart are strangers, whose labels have nothing in common.

In a hundred dimensions a tree of points prunes nothing, so that all distances are taken, block by block.

Axes: n point, d dimension, B asked at once, P known at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.errors import EngineError

from ..sources.points.coalescent import Cloud
from ..sources.seeded import generators

#: Asked and known points whose distances are held at once.
ASKED, KNOWN = 1024, 8192


def held_out(cloud: Cloud, seed: int, stream: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Points held out for testing, drawn alike from all, and those that are left."""
    tested = next(generators(seed, "eval", stream)).choice(cloud.n, cloud.tested, replace=False, shuffle=False)
    free = np.ones(cloud.n, dtype=bool)
    free[tested] = False
    return tested, np.flatnonzero(free)


def enough(samples: int, free: NDArray[np.int64], seed: int, where: str) -> None:
    """Whether a model finds as many points as it is to learn from.

    Raises:
        EngineError: It does not.
    """
    if samples > len(free):
        raise EngineError(
            f"a model is to learn from {samples:,} samples, and the clusters of seed {seed} have {len(free):,} "
            f"{where} that are not held out; ask for fewer, or let clusters grow with `largest` or `points`"
        )


def errors(
    cloud: Cloud, tested: NDArray[np.int64], free: NDArray[np.int64], n: int, random: np.random.Generator
) -> NDArray[np.float64]:
    """Squared error at each tested point where n points are known, drawn alike from the free ones."""
    known = random.choice(free, n, replace=False, shuffle=False)
    place = known[nearest(cloud.vectors, tested, known)]
    apart = (cloud.vectors[tested] - cloud.vectors[place]).astype(np.float64)
    said = cloud.value[place] / (1.0 + np.einsum("nd,nd->n", apart, apart) / apart.shape[1])
    return np.asarray((cloud.value[tested] - said) ** 2)


def nearest(vectors_nd: NDArray[np.float32], asked: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of each point asked about the place in `known` of the nearest known one, the first of equals."""
    found = np.zeros(len(asked), dtype=np.int64)
    least = np.full(len(asked), np.inf, dtype=np.float32)
    for begin in range(0, len(known), KNOWN):
        there_Pd = vectors_nd[known[begin : begin + KNOWN]]
        length_P = np.einsum("pd,pd->p", there_Pd, there_Pd)
        for first in range(0, len(asked), ASKED):
            part = slice(first, first + ASKED)
            # Less the asked point's own length, which moves no minimum.
            away_BP = vectors_nd[asked[part]] @ there_Pd.T
            away_BP *= -2.0
            away_BP += length_P
            place = np.argmin(away_BP, axis=1)
            away = away_BP[np.arange(len(place)), place]
            nearer = away < least[part]
            found[part] = np.where(nearer, begin + place, found[part])
            least[part] = np.where(nearer, away, least[part])
    return found
