"""AdamW for packs on a GPU in two launches; the update is that of `adamw.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..kernels.gpu import tile_sizes as tiles
from ..pack_state import State
from ..parameter_layout import Layout
from ..schedule import Array

#: Added to the norm before dividing, as `torch.nn.utils.clip_grad_norm_` does.
NORM_EPS = 1e-6


class TritonAdamW:
    """Sums of squares of all rows, then clipping, moments, decay and update of all rows."""

    #: As records name them beside the stack's.
    kernels = "update by triton"

    def __init__(self, layout: Layout, state: State) -> None:
        from ..kernels.gpu import update_kernels

        self._kernels, self._state, self._layout = update_kernels, state, layout
        groups = [(g.start, g.rate, float(g.decays)) for g in layout.groups]
        self._groups = torch.tensor(groups, dtype=torch.float64, device=state.params.device)
        self._span = tiles.update_span(layout.n_params)
        self._parts = -(-layout.n_params // self._span)
        self._partial = torch.zeros(state.rows, self._parts, device=state.params.device)

    def chunk(self, words: Sequence[Any], rates: Array) -> Tensor:
        """See `Optimiser.chunk`: float64 [S, p, 6], rate, decay, betas, eps and clip."""
        numbers = np.empty((*rates.shape, 6))
        numbers[..., 0] = rates
        numbers[..., 1:] = [(w.decay, w.beta1, w.beta2, w.eps, w.clip) for w in words]
        return torch.from_numpy(numbers).to(self._state.params.device)

    def step(self, chunk: Tensor, at: int) -> Tensor:
        """See `Optimiser.step`."""
        state, n, numbers = self._state, self._layout.n_params, chunk[at]
        rows = len(numbers)
        norms = torch.empty(rows, device=numbers.device)
        self._kernels.squares[(self._parts, rows)](
            state.grads, self._partial, state.steps, n, self._layout.stride, self._parts,
            SPAN=self._span, BLOCK=tiles.UPDATE_BLOCK,
        )  # fmt: skip
        self._kernels.adamw[(-(-n // tiles.UPDATE_BLOCK), rows)](
            state.params, state.grads, *state.moments.values(), self._partial, norms,
            state.steps, numbers, self._groups, n, self._layout.stride, self._parts, NORM_EPS,
            GROUPS=len(self._groups), PARTS=tiles.power_of_two(self._parts), BLOCK=tiles.UPDATE_BLOCK,
        )  # fmt: skip
        return norms
