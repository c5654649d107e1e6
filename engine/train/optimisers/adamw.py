"""AdamW for packs: Adam with decoupled weight decay, each model's gradient clipped to a norm of its own.

    g <- g / max(1, |g| / clip)
    m <- beta1 m + (1 - beta1) g        v <- beta2 v + (1 - beta2) g^2
    p <- p - lr decay p                 p <- p - lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)

torch's fused kernel takes one pass over a row, clipping included; it is called for each slice of equal learning-rate
multiplier. The kernel is private to torch, so the tests hold it to `torch.optim.AdamW` with `clip_grad_norm_`.

Reference: Loshchilov & Hutter 2019, arXiv:1711.05101.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scalingdsl.spec.vocabulary.words.training import AdamW
from torch import Tensor

from ..kernels import by_triton
from ..pack_state import State
from ..parameter_layout import Layout
from ..schedule import Array
from .registry import Optimiser, implements
from .triton_adamw import NORM_EPS, TritonAdamW


@implements(AdamW)
def adamw(layout: Layout, state: State) -> Optimiser:
    """Row by row on a CPU, where a call costs little; all rows at once on a GPU, where it costs most, in two launches
    where Triton's are asked for.
    """
    if by_triton(state.params.device.type):
        return TritonAdamW(layout, state)
    return RowwiseAdamW(layout, state) if state.params.device.type == "cpu" else StackedAdamW(layout, state)


@dataclass(frozen=True)
class _Slice:
    """One group of one row, as the lists that the kernel takes."""

    rate: float
    decays: bool
    params: list[Tensor]
    grads: list[Tensor]
    exp_avg: list[Tensor]
    exp_avg_sq: list[Tensor]


@dataclass(frozen=True)
class _Numbers:
    """Several steps of some rows: declarations, and rates by step and row."""

    words: Sequence[AdamW]
    rates: list[list[float]]


class RowwiseAdamW:
    """A fused pass over each slice of each row."""

    def __init__(self, layout: Layout, state: State) -> None:
        self._state = state
        self._scale = torch.ones(state.rows)
        self._clip = torch.ones(state.rows)
        parts = (state.params, state.grads, *(state.moments[name] for name in AdamW.moments))
        self._slices = [
            [_Slice(g.rate, g.decays, *([part[row, g.start : g.stop]] for part in parts)) for g in layout.groups]
            for row in range(state.rows)
        ]
        self._steps = [[state.steps[row]] for row in range(state.rows)]
        self._scales = [self._scale[row] for row in range(state.rows)]

    def chunk(self, words: Sequence[AdamW], rates: Array) -> _Numbers:
        """See `Optimiser.chunk`; one chunk at a time is in use."""
        self._clip[: len(words)].copy_(torch.tensor([w.clip for w in words]))
        return _Numbers(words, rates.tolist())

    def step(self, chunk: _Numbers, at: int) -> Tensor:
        """See `Optimiser.step`."""
        words, rates = chunk.words, chunk.rates[at]
        rows = len(words)
        norms: Tensor = torch.linalg.vector_norm(self._state.grads[:rows], dim=1)
        torch.add(norms, NORM_EPS, out=self._scale[:rows]).div_(self._clip[:rows]).clamp_min_(1.0)
        self._state.steps[:rows].add_(1.0)
        for row in range(rows):
            word, rate = words[row], rates[row]
            for part in self._slices[row]:
                torch._fused_adamw_(
                    part.params,
                    part.grads,
                    part.exp_avg,
                    part.exp_avg_sq,
                    [],
                    self._steps[row],
                    lr=rate * part.rate,
                    beta1=word.beta1,
                    beta2=word.beta2,
                    weight_decay=word.decay if part.decays else 0.0,
                    eps=word.eps,
                    amsgrad=False,
                    maximize=False,
                    grad_scale=self._scales[row],
                )
        return norms


class StackedAdamW:
    """The same update as operations on all rows, with rates, decays and steps as columns on the device."""

    def __init__(self, layout: Layout, state: State) -> None:
        self._state, self._groups = state, layout.groups

    def chunk(self, words: Sequence[AdamW], rates: Array) -> Tensor:
        """See `Optimiser.chunk`: float64 [S, 6, p, 1], rate, decay, betas, eps and clip."""
        numbers = np.empty((len(rates), 6, len(words), 1))
        numbers[:, 0, :, 0] = rates
        numbers[:, 1:, :, 0] = np.array([(w.decay, w.beta1, w.beta2, w.eps, w.clip) for w in words]).T
        return torch.from_numpy(numbers).to(self._state.params.device)

    def step(self, chunk: Tensor, at: int) -> Tensor:
        """See `Optimiser.step`."""
        state, rows = self._state, chunk.shape[2]
        rate, decay, beta1, beta2, eps, clip = chunk[at]
        state.steps[:rows].add_(1.0)
        t = state.steps[:rows, None].double()
        params, grads = state.params[:rows], state.grads[:rows]
        exp_avg, exp_avg_sq = (state.moments[name][:rows] for name in AdamW.moments)
        norms: Tensor = torch.linalg.vector_norm(grads, dim=1)
        grads.div_(((norms[:, None] + NORM_EPS) / clip).clamp_min(1.0).float())
        exp_avg.mul_(beta1.float()).addcmul_(grads, (1 - beta1).float())
        exp_avg_sq.mul_(beta2.float()).addcmul_(grads * (1 - beta2).float(), grads)
        update = exp_avg_sq.sqrt().div_((1 - beta2**t).sqrt().float()).add_(eps.float())
        torch.div(exp_avg, update, out=update)
        for group in self._groups:
            part = params[:, group.start : group.stop]
            if group.decays:
                part.mul_((1 - rate * group.rate * decay).float())
            part.addcmul_(update[:, group.start : group.stop], (-rate * group.rate / (1 - beta1**t)).float())
        return norms
