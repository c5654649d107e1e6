"""A random order of 0 to n - 1 that is a function of a key, any place of which can be had without the others.

A Feistel network permutes the smallest square power of two that holds n; what falls outside is sent through again until
it falls inside (cycle walking), which permutes 0 to n - 1.

References: Luby & Rackoff 1988; Black & Rogaway 2002, "Ciphers with arbitrary finite domains".
"""

from __future__ import annotations

import torch
from torch import Tensor

from . import rng

ROUNDS = 6


def permuted(keys: Tensor, place: Tensor, n: int) -> Tensor:
    """int64 in [0, n): what stands at `place` in the order that belongs to each key; the two broadcast."""
    half = ((n - 1).bit_length() + 1) // 2
    both = torch.zeros_like(keys + place)
    keys, place = keys + both, place + both
    out = _network(keys, place, half)
    while bool((outside := out >= n).any()):
        out[outside] = _network(keys[outside], out[outside], half)
    return out


def _network(keys: Tensor, x: Tensor, half: int) -> Tensor:
    mask = (1 << half) - 1
    left, right = x >> half, x & mask
    for number in range(ROUNDS):
        left, right = right, left ^ (rng.mix(keys + rng.mix((right << 3) + number + 1)) & mask)
    return (left << half) | right
