"""Randomness of graphs and points, in numpy: a number is a function of (seed, role, stream, place), as in `rng`.

The bits are those that `rng` makes in torch; a graph can so be drawn, and looked at, where there is no torch.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Literal

import numpy as np
from scalingdsl.spec.constants import GAMMA

from ..splitmix import Bits, mix
from .edges import Floats

Role = Literal["data", "eval", "graph"]
ROLES: dict[Role, int] = {"data": 2, "eval": 3, "graph": 4}

_GAMMA = np.uint64(GAMMA)


def key(seed: int, role: Role, stream: int) -> Bits:
    """The 64-bit key of one stream, shape (1,): an array, so that products wrap and are not warned of."""
    words = (np.array([number % 2**64], dtype=np.uint64) for number in (seed, ROLES[role] * 2 + 1, stream))
    of_seed, of_role, of_stream = words
    return mix(mix(mix(of_seed + _GAMMA) + of_role) + of_stream * _GAMMA)


def uniform(seed: int, role: Role, stream: int, n: int) -> Floats:
    """Numbers in [0, 1), multiples of 2^-53, shape (n,)."""
    words = mix(key(seed, role, stream) + mix(np.arange(1, n + 1, dtype=np.uint64) * _GAMMA))
    return (words >> np.uint64(11)).astype(np.float64) * 2.0**-53


def stream_seed(seed: int, role: Role, stream: int = 0) -> int:
    """A non-negative 63-bit seed for generators that want one (`torch.Generator.manual_seed`)."""
    return int(key(seed, role, stream)[0]) & (2**63 - 1)


def generators(seed: int, role: Role, stream: int, first: int = 0) -> Iterator[np.random.Generator]:
    """NumPy's generators of one stream, from the `first` on: counters keyed by (seed, role, stream) and their place."""
    seeded = stream_seed(seed, role, stream)
    for place in count(first):
        yield np.random.Generator(np.random.Philox(key=np.array([seeded, place], dtype=np.uint64)))
