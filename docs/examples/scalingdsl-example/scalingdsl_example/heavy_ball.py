"""`heavy_ball(momentum)`, every row of a pack at once: v <- momentum v + g, then p <- p - lr v."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from scalingdsl.engine.train.optimisers.registry import implements
from scalingdsl.engine.train.pack_state import State
from scalingdsl.engine.train.parameter_layout import Layout
from scalingdsl.engine.train.schedule import Array
from torch import Tensor

from .words import HeavyBall


@implements(HeavyBall)
class StackedHeavyBall:
    """Element by element, so that no row knows of another."""

    def __init__(self, layout: Layout, state: State) -> None:
        self._groups, self._state = layout.groups, state

    def chunk(self, words: Sequence[HeavyBall], rates: Array) -> Tensor:
        """[S, 2, p, 1]: rate and momentum of each step and row."""
        numbers = [[(rate, word.momentum) for word, rate in zip(words, row)] for row in rates]
        columns = torch.tensor(numbers, dtype=torch.float32).transpose(1, 2).unsqueeze(-1)
        return columns.to(self._state.params.device)

    def step(self, chunk: Tensor, at: int) -> Tensor:
        """See `Optimiser.step`; gradient norms [p]."""
        rate, momentum = chunk[at]
        rows = len(rate)
        params, grads = self._state.params[:rows], self._state.grads[:rows]
        velocity = self._state.moments["velocity"][:rows]
        self._state.steps[:rows].add_(1.0)
        velocity.mul_(momentum).add_(grads)
        for group in self._groups:
            part = slice(group.start, group.stop)
            params[:, part].sub_(rate * group.rate * velocity[:, part])
        return torch.linalg.vector_norm(grads, dim=1)
