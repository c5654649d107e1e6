"""AdamW, a row at a time: Adam with decoupled weight decay, each model's gradient clipped to a norm of its own.

    g <- g / max(1, |g| / clip)
    m <- beta1 m + (1 - beta1) g        v <- beta2 v + (1 - beta2) g^2
    p <- p - lr decay p                 p <- p - lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)

torch's fused kernel takes one pass over a row, clipping included; it is called for each slice of equal learning-rate
multiplier. The kernel is private to torch, so the tests hold it to `torch.optim.AdamW` with `clip_grad_norm_`.

Reference: Loshchilov & Hutter 2019, arXiv:1711.05101.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from scalingdsl.spec.vocabulary.training import AdamW
from torch import Tensor

from ..layout import Layout
from ..state import State
from .registry import implements

#: Added to the norm before dividing, as `torch.nn.utils.clip_grad_norm_` does.
NORM_EPS = 1e-6


@implements(AdamW)
class RowwiseAdamW:
    """AdamW over the rows of a pack."""

    def __init__(self, layout: Layout, state: State) -> None:
        self._state = state
        self._scale = torch.ones(state.rows, device=state.params.device)
        self._clip = torch.ones(state.rows, device=state.params.device)
        self._clips: tuple[float, ...] = ()
        parts = (state.params, state.grads, state.exp_avg, state.exp_avg_sq)
        self._slices = [
            [(g, *([part[row, g.start : g.stop]] for part in parts)) for g in layout.groups]
            for row in range(state.rows)
        ]
        self._steps = [[state.steps[row]] for row in range(state.rows)]

    def step(self, words: Sequence[AdamW], rates: Sequence[float]) -> Tensor:
        """See `Optimiser.step`."""
        rows = len(words)
        clips = tuple(w.clip for w in words)
        if clips != self._clips:
            self._clips = clips
            self._clip[:rows].copy_(torch.tensor(clips))
        norms = torch.linalg.vector_norm(self._state.grads[:rows], dim=1)
        torch.add(norms, NORM_EPS, out=self._scale[:rows]).div_(self._clip[:rows]).clamp_min_(1.0)
        self._state.steps[:rows].add_(1.0)
        for row in range(rows):
            word, rate, scale = words[row], rates[row], self._scale[row]
            for group, params, grads, exp_avg, exp_avg_sq in self._slices[row]:
                torch._fused_adamw_(
                    params,
                    grads,
                    exp_avg,
                    exp_avg_sq,
                    [],
                    self._steps[row],
                    lr=rate * group.rate,
                    beta1=word.beta1,
                    beta2=word.beta2,
                    weight_decay=word.decay if group.decays else 0.0,
                    eps=word.eps,
                    amsgrad=False,
                    maximize=False,
                    grad_scale=scale,
                )
        return norms
