"""Sequences drawn from a known chain: what walks on graphs and transition matrices have in common. The chain itself
needs no torch, which only sampling imports."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..edges import Floats
from ..protocol import Evaluation, Opened
from .chain import Chain

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from .sampler import Sampler


@dataclass(frozen=True, eq=False)
class ChainStream(Opened):
    """A `Stream` of walks on one chain."""

    chain: Chain
    length: int
    start: Literal["stationary", "uniform", "counts"] = "stationary"
    eval_walks: int = 256
    eval_seed: int = 0
    exhaustive: bool = False
    _samplers: dict[str, Sampler] = field(default_factory=dict, repr=False)

    @property
    def vocab(self) -> int:
        return self.chain.n

    @property
    def entropy_rate(self) -> float:
        return self.chain.entropy_rate

    @property
    def entropy_standard_error(self) -> float:
        return 0.0

    @property
    def digest(self) -> str:
        return self.chain.digest

    @property
    def notes(self) -> tuple[str, ...]:
        return self.chain.notes

    @property
    def start_law(self) -> Floats:
        """[V] law of the first token; `uniform` is over the states that the chain runs on, `counts` as often as they
        are left in what was counted.
        """
        if self.start == "stationary":
            return self.chain.stationary
        if self.start == "counts":
            assert self.chain.leaving is not None, "this chain was not counted"
            return self.chain.leaving / self.chain.leaving.sum()
        law = np.zeros(self.chain.n)
        law[self.chain.states] = 1 / len(self.chain.states)
        return law

    def batch(self, seeds: Tensor, index: Tensor, device: torch.device | str = "cpu") -> Tensor:
        """int64 [P, B, T+1]; see `Stream.batch`."""
        from .. import rng

        keys = rng.keys(seeds.to(device)[:, None], "data", index.to(device))
        return self._sampler(device).walks(keys.flatten(), self.length + 1).view(*index.shape, self.length + 1)

    def evaluation(self) -> Evaluation:
        """Walks 0 to eval_walks - 1 of the evaluation seed, or every context if the source is exhaustive."""
        from .evaluation_set import every_context, next_law

        if self.exhaustive:
            return every_context(self.chain, self.start_law, self.length)
        return Evaluation(self.walks(), next_law(self.chain))

    def walks(self) -> Tensor:
        """int64 [W, T+1], walks 0 to eval_walks - 1 of the evaluation seed."""
        import torch

        from .. import rng

        keys = rng.keys(self.eval_seed, "eval", torch.arange(self.eval_walks))
        return self._sampler("cpu").walks(keys, self.length + 1)

    def _sampler(self, device: torch.device | str) -> Sampler:
        import torch

        from .sampler import Sampler

        name = str(torch.device(device))
        if name not in self._samplers:
            # Tables are a function of the chain: keeping them changes no result.
            self._samplers[name] = Sampler.of(self.chain, self.start_law).to(device)
        return self._samplers[name]
