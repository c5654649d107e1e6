"""The flat storage of a pack: one row a model, for parameters, gradients and moments. A member is a row; moving one is
a copy.
"""

from __future__ import annotations

import torch
from torch import Tensor

#: What a model's state consists of, beside its step.
PARTS = ("params", "exp_avg", "exp_avg_sq")

Snapshot = dict[str, Tensor]


class State:
    """`rows` rows of `stride` numbers each, float32, and a step count each."""

    def __init__(self, rows: int, stride: int, device: torch.device | str) -> None:
        def flat() -> Tensor:
            return torch.zeros(rows, stride, device=device)

        self.params, self.grads, self.exp_avg, self.exp_avg_sq = flat(), flat(), flat(), flat()
        #: Optimiser steps taken, [P] float32 as torch's fused kernels want it.
        self.steps = torch.zeros(rows, device=device)

    @property
    def rows(self) -> int:
        """P."""
        return len(self.params)

    def tensors(self) -> tuple[Tensor, ...]:
        """Everything that a step of training changes for good."""
        return self.params, self.exp_avg, self.exp_avg_sq, self.steps

    def load(self, row: int, snapshot: Snapshot, step: int) -> None:
        """Put a model into a row; parts that the snapshot lacks are zero."""
        for part in PARTS:
            mine = getattr(self, part)[row]
            if part in snapshot:
                mine.copy_(snapshot[part])
            else:
                mine.zero_()
        self.steps[row] = step

    def snapshot(self, row: int) -> Snapshot:
        """A copy of a row on the CPU."""
        return {part: getattr(self, part)[row].to("cpu", copy=True) for part in PARTS}

    def move(self, source: int, target: int) -> None:
        """Copy a row over another."""
        for part in PARTS:
            rows = getattr(self, part)
            rows[target].copy_(rows[source])
        self.steps[target] = self.steps[source]
