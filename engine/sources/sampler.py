"""Walks on a chain, many at once: one step of all of them is a handful of tensor operations.

Axes: N walk, T time, V state, S slot.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from . import rng
from .alias import alias_tables
from .chain import Chain
from .edges import Floats

#: Random words made at once on a CPU; more would leave the cache.
BLOCK_WORDS = 1 << 17
_LOW = 2**32 - 1


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
    #: [S] alias tables; None if all transitions of a state are equally likely.
    keep: Tensor | None
    alias: Tensor | None

    @staticmethod
    def of(chain: Chain, start: Floats) -> Sampler:
        """Tables for a chain whose first state has law `start` [V]."""
        degree = np.diff(chain.indptr)
        even = np.array_equal(chain.probability, 1 / degree[chain.rows])
        keep, alias = (None, None) if even else alias_tables(chain.indptr, chain.probability)
        share = np.cumsum(start)
        cumulative = np.minimum(share / share[-1] * 2.0**62, 2.0**62).astype(np.int64)

        def tensor(a: np.ndarray) -> Tensor:
            return torch.from_numpy(np.ascontiguousarray(a))

        return Sampler(
            start=tensor(cumulative),
            first=tensor(chain.indptr[:-1]),
            degree=tensor(degree),
            target=tensor(chain.indices),
            keep=None if keep is None else tensor(keep),
            alias=None if alias is None else tensor(chain.indices[alias]),
        )

    def to(self, device: torch.device | str) -> Sampler:
        """The same tables on another device."""
        fields = {name: None if value is None else value.to(device) for name, value in vars(self).items()}
        return Sampler(**fields)

    def walks(self, keys: Tensor, nodes: int) -> Tensor:
        """Walks of `nodes` states, one for each key [N], as int64 [N, nodes] on the tables' device."""
        keys = keys.to(self.start.device)
        position = rng.positions(nodes, self.start.device)
        block = max(1, BLOCK_WORDS // nodes) if self.start.device.type == "cpu" else len(keys)
        out = torch.empty((len(keys), nodes), dtype=torch.int64, device=self.start.device)
        for at in range(0, len(keys), max(1, block)):
            self._walk(keys[at : at + block], position, out[at : at + block])
        return out

    def _walk(self, keys: Tensor, position: Tensor, out: Tensor) -> None:
        """Fills `out` [N, nodes]. The high half of a word picks a slot, the low half tosses the alias coin."""
        words = rng.bits(keys, position[:, None])  # [nodes, N]
        path = torch.empty_like(words)
        path[0] = torch.searchsorted(self.start, rng.shift_right(words[0], 2), right=True)
        high = rng.shift_right(words, 32)
        if self.keep is None or self.alias is None:
            for t in range(1, len(path)):
                slot = self._slot(path[t - 1], high[t])
                torch.index_select(self.target, 0, slot, out=path[t])
        else:
            low = words & _LOW
            for t in range(1, len(path)):
                slot = self._slot(path[t - 1], high[t])
                stays = low[t] < self.keep.index_select(0, slot)
                torch.where(stays, self.target.index_select(0, slot), self.alias.index_select(0, slot), out=path[t])
        out.copy_(path.T)

    def _slot(self, state: Tensor, high: Tensor) -> Tensor:
        """[N] a slot of each state's row from 32 random bits: floor(high * degree / 2^32)."""
        return (
            self.degree.index_select(0, state)
            .mul_(high)
            .bitwise_right_shift_(32)
            .add_(self.first.index_select(0, state))
        )
