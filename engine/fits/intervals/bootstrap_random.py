"""Random numbers of the bootstrap: each a pure function of (seed, draw, cluster).

So draw k means the same world in every fit of a study: two fits that share runs resample them alike, and any
expression over several fits has a distribution, element by element. The generator is SplitMix64 on a counter.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.constants import GAMMA

from ...splitmix import Bits, mix
from ..core.fit_result import Array


def bits(seed: int, n_draws: int, cluster: NDArray[np.int64], first: int = 0) -> Bits:
    """64 random bits for each cluster and each of `n_draws` draws from the draw `first` on, shape (draw, cluster)."""
    golden = np.uint64(GAMMA)
    start = mix(np.array([seed], dtype=np.int64).view(np.uint64) + golden)
    draw = mix(start + golden * np.arange(first + 1, first + n_draws + 1, dtype=np.uint64))
    return mix(draw[:, None] ^ mix(golden * (cluster.astype(np.int64).view(np.uint64) + np.uint64(1)))[None, :])


def uniforms(seed: int, n_draws: int, cluster: NDArray[np.int64], first: int = 0) -> Array:
    """Uniform numbers in (0, 1), shape (draw, cluster)."""
    return np.asarray(((bits(seed, n_draws, cluster, first) >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53)


def counts(seed: int, n_draws: int, cluster: NDArray[np.int64], first: int = 0) -> Array:
    """Multiplicity of each cluster in each draw, shape (draw, cluster): independent Poisson(1) counts.

    Sampling with replacement from G clusters has the same counts in the limit, but they would depend on G.
    """
    u = uniforms(seed, n_draws, cluster, first)
    ladder = np.cumsum(np.exp(-1.0) / np.cumprod(np.maximum(1, np.arange(20))))
    return np.asarray(np.searchsorted(ladder, u), dtype=np.float64)


def signs(seed: int, n_draws: int, cluster: NDArray[np.int64], first: int = 0) -> Array:
    """Fair signs, shape (draw, cluster)."""
    return np.where(bits(seed, n_draws, cluster, first) >> np.uint64(63), 1.0, -1.0)
