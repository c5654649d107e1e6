"""Randomness of graphs and points: the bits of `rng`, without torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scalingdsl.engine.sources import rng
from scalingdsl.engine.sources.seeded import ROLES, Role, stream_seed, uniform


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("seed", "stream"), [(0, 0), (3, 1), (2**53 - 1, 1 << 40)])
def test_bits_are_those_of_torch(seed: int, role: Role, stream: int) -> None:
    words = rng.bits(rng.keys(seed, role, stream), rng.positions(500))
    expected = rng.shift_right(words, 11).double() * 2.0**-53
    assert uniform(seed, role, stream, 500).tolist() == expected.tolist()
    assert stream_seed(seed, role, stream) == int(rng.keys(seed, role, stream)) & (2**63 - 1)


def test_neighbouring_positions_are_not_correlated() -> None:
    u = uniform(3, "graph", 0, 200_000)
    assert abs(np.corrcoef(u[:-1], u[1:])[0, 1]) < 4 / len(u) ** 0.5
    assert abs(u.mean() - 0.5) < 4 * (1 / 12 / len(u)) ** 0.5
    assert 0 <= u.min() < u.max() < 1


def test_stream_seed_suits_a_generator() -> None:
    seeds = {stream_seed(s, role) for s in range(50) for role in ROLES}
    assert len(seeds) == 50 * len(ROLES)
    for seed in seeds:
        torch.Generator().manual_seed(seed)
