"""Random bits: SplitMix64's, a function of where they are, alike on every device."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scalingdsl.engine import splitmix
from scalingdsl.engine.sources import rng
from scipy.stats import chisquare

MASK = 2**64 - 1


def reference_mix(z: int) -> int:
    """SplitMix64's finaliser on Python's integers."""
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def test_mix_is_that_of_splitmix64() -> None:
    words = [0, 1, 2**31, 2**32 - 1, 2**63 - 1, 2**63, MASK, 0x9E3779B97F4A7C15, 1234567890123456789]
    bits = np.array(words, dtype=np.uint64)
    got = rng.mix(torch.from_numpy(bits.view(np.int64)))
    assert [int(x) & MASK for x in got] == splitmix.mix(bits).tolist() == [reference_mix(w) for w in words]


def test_the_published_sequence_of_seed_1234567() -> None:
    """First outputs of SplitMix64 started at 1234567, as every implementation lists them."""
    state = torch.tensor(1234567) + torch.arange(1, 4) * rng._GAMMA
    assert [int(x) & MASK for x in rng.mix(state)] == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def test_mix_leaves_its_input_alone() -> None:
    x = torch.arange(5)
    rng.mix(x)
    assert torch.equal(x, torch.arange(5))


def test_shift_right_fills_with_zeros() -> None:
    assert rng.shift_right(torch.tensor([-1]), 60).item() == 15


def test_roles_seeds_and_indices_never_share_a_key() -> None:
    index = torch.arange(2000)
    found = torch.cat([rng.keys(seed, role, index) for seed in range(8) for role in rng.ROLES])
    assert len(torch.unique(found)) == len(found)


@pytest.mark.parametrize("shift", [0, 8, 31, 56])
def test_bits_are_even(shift: int) -> None:
    """Any eight bits of the words of many keys take their 256 values evenly; seed fixed, so the p-value is too."""
    words = rng.bits(rng.keys(7, "data", torch.arange(4000))[:, None], rng.positions(16))
    counts = torch.bincount((rng.shift_right(words, shift) & 255).flatten(), minlength=256)
    assert chisquare(counts.numpy()).pvalue > 1e-3


def test_numbers_are_golden() -> None:
    """A change here makes every record of a walk another record: raise `digest.NUMERICS_VERSION` with it."""
    assert rng.keys(0, "data", torch.arange(2)).tolist() == [8748331236278771609, -2086717549356156826]
    assert rng.bits(rng.keys(1, "eval", 5), rng.positions(2)).tolist() == [-438372374236387114, -1358619577281177286]
