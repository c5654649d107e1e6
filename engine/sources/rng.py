"""Counter-based random bits: a number is a function of (seed, role, index, position), never of what was drawn before.

SplitMix64's finaliser in int64 arithmetic, which wraps alike on every device, so that CPU and GPU give the same bits;
see `engine/splitmix`. What is drawn before training, graphs and points, comes from `seeded`.
"""

from __future__ import annotations

import torch
from scalingdsl.spec.constants import FIRST, GAMMA, SECOND
from torch import Tensor

from .seeded import ROLES, Role


def _signed(x: int) -> int:
    """A 64-bit pattern as the int64 that has it."""
    x &= 2**64 - 1
    return x - 2**64 if x >= 2**63 else x


_GAMMA = _signed(GAMMA)
_FIRST = _signed(FIRST)
_SECOND = _signed(SECOND)


def shift_right(x: Tensor, by: int) -> Tensor:
    """Logical shift: torch's `>>` copies the sign bit, which is masked off again."""
    return (x >> by).bitwise_and_((1 << (64 - by)) - 1)


def mix(x: Tensor) -> Tensor:
    """A bijection of 64-bit words whose output looks random for any set of distinct inputs; int64, any shape."""
    x = (x ^ shift_right(x, 30)).mul_(_FIRST)
    x = x.bitwise_xor_(shift_right(x, 27)).mul_(_SECOND)
    return x.bitwise_xor_(shift_right(x, 31))


def keys(seed: Tensor | int, role: Role, index: Tensor | int) -> Tensor:
    """One 64-bit key for each (seed, role, index); `seed` and `index` broadcast."""
    seed, index = torch.as_tensor(seed, dtype=torch.int64), torch.as_tensor(index, dtype=torch.int64)
    return mix(mix(mix(seed + _GAMMA) + ROLES[role] * 2 + 1) + index * _GAMMA)


def positions(count: int, device: torch.device | str = "cpu") -> Tensor:
    """Offsets that `bits` adds to a key at positions 0 to count - 1; hashed, so that no keys share a sequence."""
    return mix(torch.arange(1, count + 1, dtype=torch.int64, device=device) * _GAMMA)


def bits(key: Tensor, position: Tensor) -> Tensor:
    """64 random bits, as int64, at each broadcast (key, position); `position` comes from `positions`."""
    return mix(key + position)
