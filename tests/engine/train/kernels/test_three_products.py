"""Three products of factors with 10 bits for one of float32: errors against sums in order, by emulation."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

F = NDArray[np.float32]


def tf32(x: F) -> F:
    """Rounded to 10 bits, ties to even."""
    bits = x.view(np.uint32)
    kept: F = ((bits + 0x0FFF + ((bits >> 13) & 1)) & np.uint32(0xFFFFE000)).view(np.float32)
    return kept


def summed(pairs: list[tuple[F, F]], depth: int) -> F:
    """Sums in float32 of exact products of eight at a time, as tensor cores take them."""
    total = np.zeros((pairs[0][0].shape[0], pairs[0][1].shape[1]), np.float32)
    for k in range(0, depth, 8):
        for a, b in pairs:
            total = (total + a[:, k : k + 8].astype(np.float64) @ b[k : k + 8].astype(np.float64)).astype(np.float32)
    return total


@pytest.mark.parametrize("depth", [64, 512, 2048])
def test_the_error_is_no_worse_than_that_of_float32_sums_in_order(depth: int) -> None:
    rng = np.random.default_rng(0)
    a = rng.standard_normal((64, depth)).astype(np.float32)
    b = rng.standard_normal((depth, 64)).astype(np.float32)
    exact = a.astype(np.float64) @ b.astype(np.float64)
    high = tf32(a), tf32(b)
    low = tf32(a - high[0]), tf32(b - high[1])
    in_order = np.zeros((64, 64), np.float32)
    for k in range(depth):
        in_order += a[:, k : k + 1] * b[k : k + 1]
    three = summed([(low[0], high[1]), (high[0], low[1]), high], depth)
    one = summed([high], depth)
    errors = [float(np.linalg.norm(found - exact) / np.linalg.norm(exact)) for found in (three, in_order, one)]
    assert errors[0] <= errors[1] < 1e-6
    assert errors[2] > 1e-4
