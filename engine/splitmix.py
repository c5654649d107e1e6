"""SplitMix64's finaliser in numpy, and where randomness comes from.

Nothing random is global: each number is a function of a seed that the study states and of what the number is for, so
that it is the same whatever was drawn before it, beside it, or in which process.

    initial weights         run's seed     `training_loop.init_generator`: a torch generator keyed by SHA-256
    training sequences      run's seed     `sources/rng`: SplitMix64 in torch, on the device that trains
    evaluation sequences    source's seed  the same, in a role of its own
    order of a text         run's seed     `sources/permutation`, keyed by `rng`
    a graph                 graph's seed   networkx's generator; `sources/seeded` for graphs drawn as arrays
    points and their labels run's seed     `seeded.generators`: numpy's Philox, a stream for each purpose
    a teacher's sequences   run's seed     `rng`, turned into tokens by inverting the teacher's law
    bootstrap               fit's seed     `fits/intervals/bootstrap_random`: SplitMix64 here, by draw and cluster
    near-duplicates         none           fixed hashes of words

Reference: Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.constants import FIRST, SECOND

Bits = NDArray[np.uint64]


def mix(x: Bits) -> Bits:
    """A bijection of 64-bit words whose output looks random for any set of distinct inputs; any shape."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(FIRST)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(SECOND)
    return np.asarray(x ^ (x >> np.uint64(31)))
