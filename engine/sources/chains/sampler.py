"""Walks on a chain, many at once: one step of all of them is a handful of tensor operations.

Axes: N walk, T time, V state, S slot.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .. import rng
from ..edges import Floats
from .alias import alias_tables
from .chain import Chain

#: Random words made at once on a CPU; more would leave the cache.
BLOCK_WORDS = 1 << 17
_COIN = 2**31 - 1
_STATE = 2**32 - 1


@dataclass(frozen=True, eq=False)
class Sampler:
    """Tables on one device."""

    #: [V] cumulative start law in units of 2^-62.
    start: Tensor
    #: [V] first slot of each state, and number of slots.
    first: Tensor
    degree: Tensor
    #: [S] next state.
    target: Tensor
    #: [S] alias table, a word a slot: the largest coin that stays in the high half, the other next state in the low
    #: half. None if all transitions of a state are equally likely.
    alias: Tensor | None

    @staticmethod
    def of(chain: Chain, start: Floats) -> Sampler:
        """Tables for a chain whose first state has law `start` [V]."""
        degree = np.diff(chain.indptr)
        alias = None
        if not np.array_equal(chain.probability, 1 / degree[chain.rows]):
            keep, other = alias_tables(chain.indptr, chain.probability)
            coin = np.clip(np.rint(keep * 2.0**31) - 1, 0, _COIN).astype(np.int64)
            alias = torch.from_numpy((coin << 32) | chain.indices[other])
        share = np.cumsum(start)
        cumulative = np.minimum(share / share[-1] * 2.0**62, 2.0**62).astype(np.int64)
        arrays = (cumulative, chain.indptr[:-1], degree, chain.indices)
        begin, first, slots, target = (torch.from_numpy(array.copy()) for array in arrays)
        return Sampler(begin, first, slots, target, alias)

    def to(self, device: torch.device | str) -> Sampler:
        """The same tables on another device."""
        alias = None if self.alias is None else self.alias.to(device)
        start, first, degree, target = (t.to(device) for t in (self.start, self.first, self.degree, self.target))
        return Sampler(start, first, degree, target, alias)

    def walks(self, keys: Tensor, nodes: int) -> Tensor:
        """Walks of `nodes` states, one for each key [N], as int64 [N, nodes] on the tables' device."""
        device = self.start.device
        keys, position = keys.to(device), rng.positions(nodes, device)
        block = max(1, BLOCK_WORDS // nodes) if device.type == "cpu" else max(1, len(keys))
        out = torch.empty((len(keys), nodes), dtype=torch.int64, device=device)
        for at in range(0, len(keys), block):
            words = rng.bits(keys[at : at + block], position[:, None])
            first = torch.searchsorted(self.start, rng.shift_right(words[0], 2), right=True)
            path = self.by_numpy(words, first) if device.type == "cpu" else self.by_torch(words, first)
            out[at : at + block] = path.T
        return out

    def by_torch(self, words: Tensor, first: Tensor) -> Tensor:
        """int64 [T, N] from random words [T, N] and first states [N], on any device.

        The high half of a word picks a slot of the row, floor(high * degree / 2^32); 31 bits of its low half toss the
        alias coin, whose place is the high half, where it meets the table's.
        """
        path = torch.empty_like(words)
        path[0] = first
        high, coin = rng.shift_right(words, 32), (words & _COIN) << 32
        for t in range(1, len(path)):
            state = path[t - 1]
            slot = (self.degree[state].mul_(high[t]) >> 32).add_(self.first[state])
            path[t] = self.target[slot]
            if self.alias is not None:
                other = self.alias[slot]
                path[t] = torch.where(other >= coin[t], path[t], other & _STATE)
        return path

    def by_numpy(self, words: Tensor, first: Tensor) -> Tensor:
        """`by_torch` on a CPU, where numpy's calls cost a quarter of torch's: the same integers in the same order."""
        degree, offset, target = self.degree.numpy(), self.first.numpy(), self.target.numpy()
        alias = None if self.alias is None else self.alias.numpy()
        path = np.empty(words.shape, dtype=np.int64)
        path[0] = first.numpy()
        high, coin = rng.shift_right(words, 32).numpy(), ((words & _COIN) << 32).numpy()
        for t in range(1, len(path)):
            state = path[t - 1]
            slot = degree.take(state)
            slot *= high[t]
            slot >>= 32
            slot += offset.take(state)
            if alias is None:
                target.take(slot, out=path[t])
            else:
                other = alias.take(slot)
                path[t] = np.where(other >= coin[t], target.take(slot), other & _STATE)
        return torch.from_numpy(path)
