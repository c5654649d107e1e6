"""The flat storage of a pack: one row a model, for parameters, gradients and moments. A member is a row; moving one is
a copy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

Snapshot = dict[str, Tensor]


class State:
    """`rows` rows of `stride` numbers each, float32, and a step count each; `moments` are those of the optimiser, and
    `beside` says how many numbers a row it keeps under other names.
    """

    def __init__(
        self,
        rows: int,
        stride: int,
        device: torch.device | str,
        moments: Iterable[str] = (),
        beside: Mapping[str, int] | None = None,
    ) -> None:
        def flat(numbers: int = stride) -> Tensor:
            return torch.zeros(rows, numbers, device=device)

        self.params, self.grads = flat(), flat()
        #: What the optimiser keeps for each parameter, by name.
        self.moments = {name: flat() for name in moments}
        self.beside = {name: flat(numbers) for name, numbers in (beside or {}).items()}
        self._parts = {"params": self.params, **self.moments, **self.beside}
        #: Optimiser steps taken, [P] float32 as torch's fused kernels want it.
        self.steps = torch.zeros(rows, device=device)

    @property
    def rows(self) -> int:
        """P."""
        return len(self.params)

    def tensors(self) -> tuple[Tensor, ...]:
        """Everything that a step of training changes for good."""
        return *self._parts.values(), self.steps

    def load(self, row: int, snapshot: Snapshot, step: int) -> None:
        """Put a model into a row; parts that the snapshot lacks are zero."""
        for name, part in self._parts.items():
            if name in snapshot:
                part[row].copy_(snapshot[name])
            else:
                part[row].zero_()
        self.steps[row] = step

    def snapshot(self, row: int) -> Snapshot:
        """A copy of a row on the CPU."""
        return {name: part[row].to("cpu", copy=True) for name, part in self._parts.items()}

    def move(self, source: int, target: int) -> None:
        """Copy a row over another."""
        for part in self._parts.values():
            part[target].copy_(part[source])
        self.steps[target] = self.steps[source]
